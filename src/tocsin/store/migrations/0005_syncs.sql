-- What outside follows the rota: what is known of each sync from one attempt to the next.
CREATE TABLE syncs (
    name  text PRIMARY KEY,
    state json NOT NULL
);

-- What syncs have done, the newest lines of each.
CREATE TABLE sync_log (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sync   text NOT NULL,
    entry  json NOT NULL
);
CREATE INDEX sync_log_of_sync ON sync_log (sync, number DESC);

-- What the other side calls people, by their address.
CREATE TABLE sync_ids (
    kind       text NOT NULL,
    address    text NOT NULL,
    id         text NOT NULL,
    learned_at timestamptz NOT NULL,
    PRIMARY KEY (kind, address)
);
