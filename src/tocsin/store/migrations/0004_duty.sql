-- Who was on call: an entry holds until the next one of its schedule.
CREATE TABLE duty (
    schedule text NOT NULL,
    since    timestamptz NOT NULL,
    people   text[] NOT NULL,
    source   text NOT NULL,
    reason   text,
    PRIMARY KEY (schedule, since)
);

-- Up to when the record is known; one row.
CREATE TABLE duty_known (
    only_row bool PRIMARY KEY DEFAULT true CHECK (only_row),
    until    timestamptz NOT NULL
);
