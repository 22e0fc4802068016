-- What the watchdogs of all nodes know of troubles; one row, which is the lock for telling of them.
CREATE TABLE watch_book (
    only_row bool PRIMARY KEY DEFAULT true CHECK (only_row),
    book     json NOT NULL
);
INSERT INTO watch_book (book) VALUES ('{"courses":[]}');

-- When each node has said last that it lives, in real time. Who ends in order takes its row away; who does not is missed
-- for an hour. (`nodes` says whose claims are good: its rows leave within seconds, and a frozen node keeps its own.)
CREATE TABLE heartbeats (
    node       text PRIMARY KEY,
    role       text NOT NULL,
    version    text NOT NULL,
    started_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL
);

-- How much came from each integration in each clock hour in which anything came: their habits. In real time.
CREATE TABLE inbound_hours (
    integration text NOT NULL,
    starts_at   timestamptz NOT NULL,
    first_at    timestamptz NOT NULL,
    last_at     timestamptz NOT NULL,
    count       bigint NOT NULL,
    longest_gap interval NOT NULL,
    PRIMARY KEY (integration, starts_at)
);
CREATE INDEX inbound_hours_by_age ON inbound_hours (starts_at);

-- The watch asks every few seconds for ringing cases without a next step: it must not read all open cases for that.
CREATE INDEX alert_groups_without_next_step ON alert_groups (id) WHERE is_open AND due_at IS NULL;
