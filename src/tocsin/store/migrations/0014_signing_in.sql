-- Passwords, of which only hashes are kept, and sessions that can be listed and ended.

CREATE TABLE passwords (
    person     text PRIMARY KEY,
    hash       text NOT NULL,
    changed_at timestamptz NOT NULL
);

CREATE TABLE sessions (
    id       text PRIMARY KEY,
    subject  text NOT NULL,
    role     text NOT NULL,
    made_at  timestamptz NOT NULL,
    seen_at  timestamptz NOT NULL,
    ended_at timestamptz,
    agent    text NOT NULL,
    address  text NOT NULL
);
CREATE INDEX sessions_of_subject ON sessions (subject, seen_at);
