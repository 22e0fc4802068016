-- Notes that go with a shift.
CREATE TABLE notes (
    id         uuid PRIMARY KEY,
    schedule   text NOT NULL,
    written_by text NOT NULL,
    text       text NOT NULL,
    written_at timestamptz NOT NULL,
    begins     timestamptz NOT NULL
);
CREATE INDEX notes_of_schedule ON notes (schedule, written_at DESC);
CREATE INDEX notes_beginning ON notes (begins);

-- Who has opened which.
CREATE TABLE note_reads (
    note_id uuid NOT NULL REFERENCES notes (id) ON DELETE CASCADE,
    person  text NOT NULL,
    at      timestamptz NOT NULL,
    PRIMARY KEY (note_id, person)
);
