-- The one clock of the domain. The demo replaces both functions to run faster than time; leases use clock_timestamp().
CREATE FUNCTION tocsin_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT clock_timestamp()';

-- How many seconds of the domain pass in one real second.
CREATE FUNCTION tocsin_pace() RETURNS float8 LANGUAGE sql STABLE AS 'SELECT 1.0::float8';

-- Events, facts and states are json, not jsonb: nothing asks inside them, their text is kept as it was written (the order
-- of keys, exact figures), and writing them costs less. Whoever wants to ask casts them.

-- What came in, as it came. Nothing refers to these rows, so that age may delete them.
CREATE TABLE events (
    id          uuid PRIMARY KEY,
    request_id  uuid NOT NULL,
    integration text NOT NULL,
    received_at timestamptz NOT NULL,
    action      text NOT NULL,
    dedup_key   text NOT NULL,
    alert_id    uuid,
    outcome     text NOT NULL,
    status      text,
    event       json NOT NULL,
    raw         jsonb,
    raw_body    bytea
);
CREATE INDEX events_of_alert ON events (alert_id, received_at DESC) WHERE alert_id IS NOT NULL;
CREATE INDEX events_by_age ON events (received_at);

-- A case: the row that is locked before anything of the case is read or written.
CREATE TABLE alert_groups (
    id            uuid PRIMARY KEY,
    key           text,
    gathers_until timestamptz NOT NULL,
    is_open       bool NOT NULL,
    due_at        timestamptz,
    version       int NOT NULL,
    state         json NOT NULL,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX alert_groups_due ON alert_groups (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX alert_groups_gathering ON alert_groups (key, gathers_until) WHERE key IS NOT NULL AND is_open;
CREATE INDEX alert_groups_open ON alert_groups (id) WHERE is_open;

-- Members of cases. Count, last_seen_at and expires_at also move without a commit of the case: by plain repeats.
CREATE TABLE alerts (
    id           uuid PRIMARY KEY,
    group_id     uuid NOT NULL,
    integration  text NOT NULL,
    dedup_key    text NOT NULL,
    is_newest    bool NOT NULL,
    status       text NOT NULL,
    severity     text NOT NULL,
    service      text,
    summary      text NOT NULL,
    source_group text,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    count        int NOT NULL,
    expires_at   timestamptz,
    state        json NOT NULL
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX alerts_newest ON alerts (integration, dedup_key) WHERE is_newest;
CREATE INDEX alerts_of_group ON alerts (group_id);
CREATE INDEX alerts_listed ON alerts (created_at DESC, id DESC);
CREATE INDEX alerts_open ON alerts (created_at DESC, id DESC) WHERE status <> 'resolved';
CREATE INDEX alerts_of_source_group ON alerts (integration, source_group)
    WHERE source_group IS NOT NULL AND status <> 'resolved';

-- One row a commit of a case: its facts. The state of the case is what they fold to.
CREATE TABLE journal (
    group_id uuid NOT NULL,
    version  int NOT NULL,
    at       timestamptz NOT NULL,
    facts    json NOT NULL,
    PRIMARY KEY (group_id, version)
);

-- One row a call to a provider. Status: waiting, calling, sent, failed, uncertain, cancelled.
CREATE TABLE deliveries (
    id          uuid PRIMARY KEY,
    person      text,
    contact     text NOT NULL,
    channel     text NOT NULL,
    address     text NOT NULL,
    urgency     text NOT NULL,
    due_at      timestamptz NOT NULL,
    gathers     bool NOT NULL,
    repeat      bool NOT NULL,
    status      text NOT NULL,
    claim       int NOT NULL,
    node        text,
    claimed_at  timestamptz,
    lease_until timestamptz,
    sent_at     timestamptz,
    answer      jsonb,
    created_at  timestamptz NOT NULL
);
CREATE INDEX deliveries_waiting ON deliveries (due_at, id) WHERE status = 'waiting';
CREATE INDEX deliveries_calling ON deliveries (lease_until, id) WHERE status = 'calling';
CREATE INDEX deliveries_gathering ON deliveries (person) WHERE status = 'waiting' AND gathers;
CREATE INDEX deliveries_to_person ON deliveries (person, created_at DESC);

-- What a delivery carries: attempts of pages. An alert's deliveries are found by its group.
CREATE TABLE delivery_items (
    delivery_id uuid NOT NULL,
    page_id     uuid NOT NULL,
    attempt     int NOT NULL,
    group_id    uuid NOT NULL,
    alert_ids   uuid[] NOT NULL,
    rung        int NOT NULL,
    because     text NOT NULL,
    stopped     bool NOT NULL DEFAULT false,
    PRIMARY KEY (delivery_id, page_id, attempt)
);
CREATE INDEX delivery_items_of_page ON delivery_items (page_id);
CREATE INDEX delivery_items_of_group ON delivery_items (group_id);

-- Each person's bucket: when it will be full again. Its row is the lock for what waits for the person.
CREATE TABLE calm (
    person  text PRIMARY KEY,
    full_at timestamptz
);

-- How many climbs took a round-robin step of a policy.
CREATE TABLE turns (
    policy text NOT NULL,
    step   int NOT NULL,
    taken  int NOT NULL,
    PRIMARY KEY (policy, step)
);

-- Resolves that found nothing, for triggers that they have overtaken.
CREATE TABLE ended_early (
    integration text NOT NULL,
    dedup_key   text NOT NULL,
    ended_at    timestamptz NOT NULL,
    noted_at    timestamptz NOT NULL,
    PRIMARY KEY (integration, dedup_key)
);
CREATE INDEX ended_early_by_age ON ended_early (noted_at);

-- Configuration: the newest row of a kind and name is in force; one without a body was dropped.
CREATE TABLE revisions (
    number     int PRIMARY KEY,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL
);
CREATE TABLE documents (
    kind       text NOT NULL,
    name       text NOT NULL,
    revision   int NOT NULL REFERENCES revisions (number),
    body       json,
    origin     text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by text NOT NULL,
    PRIMARY KEY (kind, name, revision)
);

CREATE TABLE tokens (
    name    text PRIMARY KEY,
    hash    text NOT NULL UNIQUE,
    role    text NOT NULL,
    person  text,
    made_at timestamptz NOT NULL
);

CREATE TABLE used_links (
    nonce text PRIMARY KEY,
    until timestamptz NOT NULL
);
CREATE INDEX used_links_by_age ON used_links (until);
