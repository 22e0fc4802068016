-- What people are told besides pages. Status: waiting, telling, told, failed, expired, withdrawn.
-- `try_at`: when a waiting one is told next; `due_at`: when it was to be told first. Keys are compared byte by byte, so that
-- all that begin alike lie together.
CREATE TABLE messages (
    id          uuid PRIMARY KEY,
    key         text COLLATE "C" NOT NULL UNIQUE,
    person      text NOT NULL,
    kind        text NOT NULL,
    said        json NOT NULL,
    due_at      timestamptz NOT NULL,
    until       timestamptz,
    urgency     text NOT NULL,
    path        text NOT NULL,
    status      text NOT NULL,
    try_at      timestamptz NOT NULL,
    repeat      bool NOT NULL,
    claim       int NOT NULL,
    node        text,
    claimed_at  timestamptz,
    lease_until timestamptz,
    tried       jsonb NOT NULL,
    ended_at    timestamptz
);
CREATE INDEX messages_waiting ON messages (try_at, id) WHERE status = 'waiting';
CREATE INDEX messages_telling ON messages (lease_until, id) WHERE status = 'telling';
CREATE INDEX messages_to_person ON messages (person, due_at DESC, key DESC);
CREATE INDEX messages_by_age ON messages (ended_at) WHERE ended_at IS NOT NULL;
