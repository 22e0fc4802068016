-- Every statement of the store by name (queries.py), in the order in which a case lives. They find, lock and write; what
-- follows from what is decided in core. Many rows travel as arrays: one statement a batch, never one a row.
-- New alerts and events, the many, go by COPY instead (pool.py). Ids leave as text, which is what the core knows.
-- `(SELECT tocsin_now())` is asked once a statement and can be looked up in an index; the bare function could not.

-- Intake.

-- name: lock_conditions
-- Of batches that speak of the same conditions or grouping keys, one is decided at a time.
SELECT tocsin_lock_conditions($1::bigint[]);

-- name: glance_by_key
-- The newest alert of each condition, and whether its end came in before its beginning; one row for each key asked.
SELECT k.integration, k.dedup_key, a.id::text, a.group_id::text, a.status, a.severity, a.expires_at, e.ended_at,
       (SELECT tocsin_now()) AS now
FROM unnest($1::text[], $2::text[]) AS k (integration, dedup_key)
LEFT JOIN alerts a ON a.integration = k.integration AND a.dedup_key = k.dedup_key AND a.is_newest
LEFT JOIN ended_early e ON e.integration = k.integration AND e.dedup_key = k.dedup_key
    AND e.noted_at > (SELECT tocsin_now()) - $3::interval;

-- name: take_in
-- Write a plain batch as it was decided, as long as all is as it was seen: a transaction of its own (plain.py).
SELECT tocsin_take_in($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
    $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35);

-- name: glance_by_id
-- Alerts that events name by their id.
SELECT integration, id::text, group_id::text, status, severity, expires_at FROM alerts WHERE id = ANY ($1::uuid[]);

-- name: glance_by_source_group
-- The open alerts of a source's own groups.
SELECT a.integration, a.source_group, a.id::text, a.group_id::text, a.status, a.severity, a.expires_at
FROM unnest($1::text[], $2::text[]) AS k (integration, source_group)
JOIN alerts a ON a.integration = k.integration AND a.source_group = k.source_group AND a.status <> 'resolved';

-- name: gathering_cases
-- The newest open group that still gathers under each grouping key.
SELECT DISTINCT ON (key) key, id::text FROM alert_groups
WHERE key = ANY ($1::text[]) AND is_open AND gathers_until > (SELECT tocsin_now())
ORDER BY key, gathers_until DESC, id DESC;

-- name: replace_alerts
-- Alerts that are no longer the newest of their condition, before their successors are inserted.
UPDATE alerts SET is_newest = false WHERE id = ANY ($1::uuid[]);

-- name: repeat_alerts
-- Plain repeats: counted without their case, as long as each alert is still as it was seen ($6, $7).
UPDATE alerts a
SET count = a.count + r.count, last_seen_at = $4,
    expires_at = CASE WHEN a.expires_at IS NOT NULL THEN greatest(a.expires_at, r.expires_at) END
FROM unnest($1::uuid[], $2::int[], $3::timestamptz[], $5::text[], $6::timestamptz[])
    AS r (id, count, expires_at, seen_status, seen_expiry)
WHERE a.id = r.id AND a.status = r.seen_status AND a.expires_at IS NOT DISTINCT FROM r.seen_expiry;

-- name: note_ended_early
-- Resolves that found nothing.
INSERT INTO ended_early (integration, dedup_key, ended_at, noted_at)
SELECT integration, dedup_key, ended_at, $4
FROM unnest($1::text[], $2::text[], $3::timestamptz[]) AS e (integration, dedup_key, ended_at)
ON CONFLICT (integration, dedup_key) DO UPDATE SET ended_at = excluded.ended_at, noted_at = excluded.noted_at;

-- Cases.

-- name: lock_cases
-- Guard cases against everybody else, in the one order that everybody keeps.
SELECT id::text, state, version FROM alert_groups WHERE id = ANY ($1::uuid[]) ORDER BY alert_groups.id FOR UPDATE;

-- name: claim_due_cases
-- Guard the cases that have been due the longest; those that another worker holds are left to it.
SELECT id::text, state, version FROM alert_groups
WHERE due_at <= (SELECT tocsin_now()) ORDER BY due_at, alert_groups.id LIMIT $1 FOR UPDATE SKIP LOCKED;

-- name: services_with_cases
-- The services after $1 for which anything waits, by skipping from one to the next.
WITH RECURSIVE found AS (
    SELECT (SELECT service FROM alert_groups WHERE due_at IS NOT NULL AND service > $1 ORDER BY service LIMIT 1) AS service
    UNION ALL
    SELECT (SELECT service FROM alert_groups g WHERE due_at IS NOT NULL AND g.service > f.service ORDER BY service LIMIT 1)
    FROM found f WHERE f.service IS NOT NULL
)
SELECT service FROM found WHERE service IS NOT NULL LIMIT $2;

-- name: claim_cases_of_services
-- Of each of these services guard the first few that are due, but for those ($3) that are guarded already.
SELECT c.id, c.state, c.version
FROM unnest($1::text[]) AS s (service)
CROSS JOIN LATERAL (
    SELECT g.id::text, g.state, g.version, g.due_at FROM alert_groups g
    WHERE g.service = s.service AND g.due_at <= (SELECT tocsin_now()) AND g.id <> ALL ($3::uuid[])
    ORDER BY g.due_at, g.id LIMIT $2 FOR UPDATE SKIP LOCKED
) c
ORDER BY c.due_at, c.id;

-- name: read_case
-- One case as it stands, without guarding it.
SELECT id::text, state, version FROM alert_groups WHERE id = $1::uuid;

-- name: alerts_of_cases
-- All members of cases, in the order in which they came, and the instant at which the guarded cases are decided.
SELECT id::text, group_id::text, state, expires_at, count, (SELECT tocsin_now()) AS now
FROM alerts WHERE group_id = ANY ($1::uuid[]) ORDER BY created_at, alerts.id;

-- name: cases_of_alerts
-- The cases that alerts belong to.
SELECT DISTINCT group_id::text AS group_id FROM alerts WHERE id = ANY ($1::uuid[]);

-- name: update_cases
-- Cases after a decision; one that was decided on an older version is not written, and counted missing.
UPDATE alert_groups g
SET is_open = c.is_open, due_at = c.due_at, version = c.version, state = c.state, updated_at = $6
FROM unnest($1::uuid[], $2::bool[], $3::timestamptz[], $4::int[], $5::json[]) AS c (id, is_open, due_at, version, state)
WHERE g.id = c.id AND g.version = c.version - 1;

-- name: postpone_cases
-- Cases in which nothing happened: when to look again.
UPDATE alert_groups g SET due_at = c.due_at
FROM unnest($1::uuid[], $2::timestamptz[]) AS c (id, due_at)
WHERE g.id = c.id AND g.due_at IS DISTINCT FROM c.due_at;

-- name: update_alerts
-- Alerts after a decision; one that a plain repeat has kept alive meanwhile is not written, and counted missing.
UPDATE alerts a
SET status = c.status, severity = c.severity, service = c.service, summary = c.summary, updated_at = c.updated_at,
    last_seen_at = CASE WHEN c.repeats > 0 THEN $10 ELSE a.last_seen_at END, count = a.count + c.repeats,
    expires_at = c.expires_at, state = c.state
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::int[], $8::timestamptz[],
            $9::timestamptz[], $11::json[])
    AS c (id, status, severity, service, summary, updated_at, repeats, expires_at, seen_expiry, state)
WHERE a.id = c.id AND a.expires_at IS NOT DISTINCT FROM c.seen_expiry;

-- name: lock_turns
-- Of rounds in which a round robin moves on, one is decided at a time.
SELECT pg_advisory_xact_lock(7263, 2);

-- name: read_turns
-- How many climbs took each round-robin step.
SELECT policy, step, taken FROM turns;

-- name: take_turns
-- Round robins move on.
INSERT INTO turns (policy, step, taken)
SELECT policy, step, taken FROM unnest($1::text[], $2::int[], $3::int[]) AS t (policy, step, taken) ORDER BY policy, step
ON CONFLICT (policy, step) DO UPDATE SET taken = turns.taken + excluded.taken;

-- name: real_time_until_work
-- For how many real seconds no case is due; NULL: none waits at all.
SELECT (extract(epoch FROM min(due_at) - tocsin_now()) / tocsin_pace())::float8 FROM alert_groups
WHERE due_at IS NOT NULL;

-- name: wake_all
-- Make every open case due.
UPDATE alert_groups SET due_at = least(due_at, tocsin_now())
WHERE id IN (SELECT id FROM alert_groups WHERE is_open ORDER BY id FOR UPDATE);

-- name: repair_cases
-- Make cases due that ring without a next instant.
UPDATE alert_groups g SET due_at = tocsin_now()
WHERE g.is_open AND g.due_at IS NULL
  AND EXISTS (SELECT FROM alerts a WHERE a.group_id = g.id AND a.status = 'triggered');

-- Deliveries.

-- name: lock_buckets
-- Guard what waits for these people, and read when each may be rung again.
INSERT INTO calm (person) SELECT person FROM unnest($1::text[]) AS p (person) ORDER BY person
ON CONFLICT (person) DO UPDATE SET full_at = calm.full_at
RETURNING person, full_at;

-- name: fill_buckets
-- When each person's bucket will be full again.
UPDATE calm c SET full_at = b.full_at
FROM unnest($1::text[], $2::timestamptz[]) AS b (person, full_at) WHERE c.person = b.person;

-- name: lock_waiting_deliveries
-- Guard what gathers for these people, and what carries items of these pages; what has left is not touched.
SELECT id::text, person, channel, address, urgency, gathers FROM deliveries
WHERE status = 'waiting' AND id IN (
    SELECT id FROM deliveries WHERE status = 'waiting' AND gathers AND person = ANY ($1::text[])
    UNION SELECT delivery_id FROM delivery_items WHERE page_id = ANY ($2::uuid[]))
ORDER BY deliveries.id FOR UPDATE;

-- name: stop_items
-- Items of pages that go no further.
UPDATE delivery_items SET stopped = true WHERE page_id = ANY ($1::uuid[]) AND NOT stopped;

-- name: cancel_empty_deliveries
-- Of these, what waits and has nothing left to say.
UPDATE deliveries d SET status = 'cancelled', answer = '{"why": "nothing rings any more"}'
WHERE d.id = ANY ($1::uuid[]) AND d.status = 'waiting'
  AND NOT EXISTS (SELECT FROM delivery_items i WHERE i.delivery_id = d.id AND NOT i.stopped);

-- name: insert_deliveries
-- New deliveries; those that are claimed from the start have a node and a lease.
INSERT INTO deliveries (id, person, contact, channel, address, urgency, due_at, gathers, repeat, service, status, claim,
                        node, claimed_at, lease_until, created_at)
SELECT id, person, contact, channel, address, urgency, due_at, gathers, repeat, service,
       CASE WHEN claimed THEN 'calling' ELSE 'waiting' END, CASE WHEN claimed THEN 1 ELSE 0 END,
       CASE WHEN claimed THEN $11::text END, CASE WHEN claimed THEN $12::timestamptz END,
       CASE WHEN claimed THEN clock_timestamp() + $13::interval END, $12::timestamptz
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::bool[],
            $9::bool[], $14::text[], $10::bool[])
    AS d (id, person, contact, channel, address, urgency, due_at, gathers, repeat, service, claimed);

-- name: mark_repeats
-- What an earlier call may already have told rides along with these: they say so.
UPDATE deliveries SET repeat = true WHERE id = ANY ($1::uuid[]);

-- name: insert_items
-- What deliveries carry; the alerts of each item come as the text of an array.
INSERT INTO delivery_items (delivery_id, page_id, attempt, group_id, rung, because, alert_ids)
SELECT delivery_id, page_id, attempt, group_id, rung, because, alert_ids::uuid[]
FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::int[], $6::text[], $7::text[])
    AS i (delivery_id, page_id, attempt, group_id, rung, because, alert_ids);

-- name: claim_waiting_deliveries
-- Guard what is due; what another node holds is left to it.
SELECT *, id::text AS name, (SELECT tocsin_now()) AS now FROM deliveries
WHERE status = 'waiting' AND due_at <= (SELECT tocsin_now()) ORDER BY due_at, id LIMIT $1 FOR UPDATE SKIP LOCKED;

-- name: services_with_deliveries
-- The services after $1 for which a delivery waits, by skipping from one to the next.
WITH RECURSIVE found AS (
    SELECT (SELECT service FROM deliveries WHERE status = 'waiting' AND service > $1 ORDER BY service LIMIT 1) AS service
    UNION ALL
    SELECT (SELECT service FROM deliveries d WHERE status = 'waiting' AND d.service > f.service ORDER BY service LIMIT 1)
    FROM found f WHERE f.service IS NOT NULL
)
SELECT service FROM found WHERE service IS NOT NULL LIMIT $2;

-- name: claim_deliveries_of_services
-- Of each of these services guard the first that is due, but for those ($2) that are guarded already.
SELECT c.*
FROM unnest($1::text[]) AS s (service)
CROSS JOIN LATERAL (
    SELECT *, id::text AS name, (SELECT tocsin_now()) AS now FROM deliveries d
    WHERE d.status = 'waiting' AND d.service = s.service AND d.due_at <= (SELECT tocsin_now()) AND d.id <> ALL ($2::uuid[])
    ORDER BY d.due_at, d.id LIMIT 1 FOR UPDATE SKIP LOCKED
) c
ORDER BY c.due_at, c.id;

-- name: claim_expired_deliveries
-- Guard what was claimed by a node that has not said how it went.
SELECT *, id::text AS name, (SELECT tocsin_now()) AS now FROM deliveries
WHERE status = 'calling' AND lease_until <= (SELECT clock_timestamp()) ORDER BY lease_until, id LIMIT $1
FOR UPDATE SKIP LOCKED;

-- name: open_alerts
-- The alerts of cases that are not over.
SELECT group_id::text, state, count FROM alerts WHERE group_id = ANY ($1::uuid[]) AND status <> 'resolved';

-- name: mark_claimed
-- These are this node's to call until the lease ends.
UPDATE deliveries d
SET status = 'calling', claim = d.claim + 1, node = $2, claimed_at = $3,
    lease_until = clock_timestamp() + $4::interval, repeat = d.repeat OR d.status = 'calling'
WHERE d.id = ANY ($1::uuid[]);

-- name: mark_cancelled
-- Nothing rings any more that these would speak of. One whose node was calling when its lease ended may have arrived.
UPDATE deliveries SET
    status = CASE status WHEN 'calling' THEN 'uncertain' ELSE 'cancelled' END,
    answer = CASE status
        WHEN 'calling' THEN '{"why": "the node that called did not tell what came of it"}'::jsonb
        ELSE '{"why": "nothing rings any more"}'::jsonb
    END
WHERE id = ANY ($1::uuid[]);

-- name: widen_items
-- Alerts that have joined since ride along; the alerts of each item come as the text of an array.
UPDATE delivery_items i SET alert_ids = w.alert_ids::uuid[]
FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[]) AS w (delivery_id, page_id, attempt, alert_ids)
WHERE i.delivery_id = w.delivery_id AND i.page_id = w.page_id AND i.attempt = w.attempt;

-- name: real_time_until_delivery
-- For how many real seconds there is nothing to call; NULL: nothing waits at all.
SELECT least(
    (SELECT (extract(epoch FROM min(due_at) - tocsin_now()) / tocsin_pace())::float8 FROM deliveries
     WHERE status = 'waiting'),
    (SELECT extract(epoch FROM min(lease_until) - clock_timestamp())::float8 FROM deliveries WHERE status = 'calling'));

-- name: lock_claimed_deliveries
-- Guard deliveries whose outcome is known, as long as the claim is still ours.
SELECT d.id::text FROM deliveries d
WHERE d.status = 'calling' AND d.id = ANY ($1::uuid[])
  AND d.claim = (($2::int[])[array_position($1::uuid[], d.id)])
ORDER BY d.id FOR UPDATE;

-- name: finish_deliveries
-- How calls ended.
UPDATE deliveries d
SET status = r.status, answer = r.answer, sent_at = CASE WHEN r.status = 'sent' THEN $4 ELSE d.sent_at END
FROM unnest($1::uuid[], $2::text[], $3::jsonb[]) AS r (id, status, answer) WHERE d.id = r.id;

-- Messages.

-- name: put_messages
-- New messages; of a key that there is already only one that was withdrawn is put again.
INSERT INTO messages (id, key, person, kind, said, due_at, until, urgency, path, status, try_at, repeat, claim, tried)
SELECT gen_random_uuid(), key, person, kind, said, due_at, until, urgency, path, 'waiting', due_at, false, 0, '[]'
FROM unnest($1::text[], $2::text[], $3::text[], $4::json[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[])
    AS m (key, person, kind, said, due_at, until, urgency, path)
ORDER BY key COLLATE "C"
ON CONFLICT (key) DO UPDATE
SET person = excluded.person, kind = excluded.kind, said = excluded.said, due_at = excluded.due_at,
    until = excluded.until, urgency = excluded.urgency, path = excluded.path, status = 'waiting',
    try_at = excluded.due_at, ended_at = NULL
WHERE messages.status = 'withdrawn';

-- name: withdraw_messages
-- Take back what waits and lies between these keys, except some.
UPDATE messages SET status = 'withdrawn', ended_at = tocsin_now() WHERE id IN (
    SELECT id FROM messages
    WHERE key >= $1 AND key <= $2 AND key <> ALL ($3::text[]) AND status = 'waiting' ORDER BY key FOR UPDATE);

-- name: claim_waiting_messages
-- Guard what is due; what another node holds is left to it.
SELECT *, id::text AS name, (SELECT tocsin_now()) AS now FROM messages
WHERE status = 'waiting' AND try_at <= (SELECT tocsin_now()) ORDER BY try_at, id LIMIT $1 FOR UPDATE SKIP LOCKED;

-- name: claim_lost_messages
-- Guard what was claimed by a node that has not said how it went.
SELECT *, id::text AS name, (SELECT tocsin_now()) AS now FROM messages
WHERE status = 'telling' AND lease_until <= (SELECT clock_timestamp()) ORDER BY lease_until, id LIMIT $1
FOR UPDATE SKIP LOCKED;

-- name: mark_messages_claimed
-- These are this node's to tell until the lease ends.
UPDATE messages SET status = 'telling', claim = claim + 1, node = $2, claimed_at = $3,
    lease_until = clock_timestamp() + $4::interval, repeat = repeat OR status = 'telling'
WHERE id = ANY ($1::uuid[]);

-- name: expire_messages
-- It is too late for these.
UPDATE messages SET status = 'expired', ended_at = $2 WHERE id = ANY ($1::uuid[]);

-- name: real_time_until_message
-- For how many real seconds there is nothing to tell; NULL: nothing waits at all.
SELECT least(
    (SELECT (extract(epoch FROM min(try_at) - tocsin_now()) / tocsin_pace())::float8 FROM messages
     WHERE status = 'waiting'),
    (SELECT extract(epoch FROM min(lease_until) - clock_timestamp())::float8 FROM messages WHERE status = 'telling'));

-- name: finish_message
-- What became of one, as long as the claim is still ours.
UPDATE messages SET status = $3, tried = tried || $4::jsonb, ended_at = tocsin_now()
WHERE id = $1::uuid AND claim = $2 AND status = 'telling';

-- name: put_off_message
-- One that is tried again later, as long as the claim is still ours.
UPDATE messages SET status = 'waiting', try_at = tocsin_now() + $3::interval, repeat = repeat OR $4,
    tried = tried || $5::jsonb
WHERE id = $1::uuid AND claim = $2 AND status = 'telling';

-- name: messages_to_person
-- A person's messages, the latest due first.
SELECT *, id::text AS name FROM messages WHERE person = $1 ORDER BY due_at DESC, key DESC LIMIT $2;

-- name: forget_messages
-- Delete messages by the age of their end.
DELETE FROM messages WHERE id IN (
    SELECT id FROM messages WHERE ended_at < (SELECT tocsin_now()) - $1::interval ORDER BY ended_at LIMIT $2
    FOR UPDATE SKIP LOCKED);

-- name: try_alone
-- Let one session in for a chore. Installations that share a database, each in a schema of its own, do not wait for each
-- other.
SELECT pg_try_advisory_lock(hashtextextended(coalesce(nullif(current_schema(), 'public') || '/', '') || $1, 7263));

-- name: leave_alone
-- Let the next one in.
SELECT pg_advisory_unlock(hashtextextended(coalesce(nullif(current_schema(), 'public') || '/', '') || $1, 7263));

-- Nodes: who is there, by a lock that each one's session holds (presence.py). All in real time.

-- name: hold_name
-- Hold the lock of a node's name for as long as this session lasts; false: another session still has it.
SELECT pg_try_advisory_lock(hashtextextended($1, 7264));

-- name: enter_node
-- A node is there.
INSERT INTO nodes (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET missed_at = NULL;

-- name: look_for_nodes
-- Of the other nodes: whose lock is free, who is missed, and who has been for so long.
SELECT name, pg_try_advisory_xact_lock_shared(hashtextextended(name, 7264)) AS free, missed_at IS NOT NULL AS missed,
       coalesce(missed_at <= clock_timestamp() - $2::interval, false) AS gone
FROM nodes WHERE name <> $1;

-- name: miss_nodes
-- Note whose lock is free since now, and whose is held again.
WITH seen AS MATERIALIZED (
    SELECT name, pg_try_advisory_xact_lock_shared(hashtextextended(name, 7264)) AS free FROM nodes WHERE name <> $1)
UPDATE nodes n SET missed_at = CASE WHEN seen.free THEN clock_timestamp() END
FROM seen WHERE n.name = seen.name AND seen.free <> (n.missed_at IS NOT NULL);

-- name: missed_nodes
-- Nodes whose lock has been free for so long, guarded.
SELECT name FROM nodes WHERE missed_at <= clock_timestamp() - $1::interval AND name <> $2 ORDER BY name
FOR UPDATE SKIP LOCKED;

-- name: strike_nodes
-- These are there no more.
DELETE FROM nodes WHERE name = ANY ($1::text[]);

-- name: end_leases
-- What these nodes were calling is free to be taken over.
UPDATE deliveries SET lease_until = clock_timestamp() WHERE id IN (
    SELECT id FROM deliveries WHERE status = 'calling' AND node = ANY ($1::text[]) ORDER BY deliveries.id FOR UPDATE);

-- name: end_message_leases
-- What these nodes were telling is free to be taken over.
UPDATE messages SET lease_until = clock_timestamp() WHERE id IN (
    SELECT id FROM messages WHERE status = 'telling' AND node = ANY ($1::text[]) ORDER BY messages.id FOR UPDATE);

-- name: takes_writes
-- False on a replica, and where the server refuses writes for want of room.
SELECT NOT current_setting('transaction_read_only')::bool;

-- Notices.

-- name: notify
-- Tell every node; equal notices of one transaction are one.
SELECT pg_notify('tocsin', notice) FROM unnest($1::text[]) AS notice;

-- Readings.

-- name: now
-- The store's clock.
SELECT tocsin_now();

-- name: list_alerts
-- A part of the list, newest first, from a cursor ($4, $5) on.
SELECT state, expires_at, group_id::text, count, last_seen_at FROM alerts
WHERE ($1::text[] IS NULL OR status = ANY ($1)) AND ($2::text[] IS NULL OR service = ANY ($2))
  AND strpos(lower(summary), lower($3)) > 0
  AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5::uuid))
ORDER BY created_at DESC, id DESC LIMIT $6;

-- name: list_open_alerts
-- The same where none of the statuses is the end: few among many.
SELECT state, expires_at, group_id::text, count, last_seen_at FROM alerts
WHERE status <> 'resolved' AND status = ANY ($1::text[]) AND ($2::text[] IS NULL OR service = ANY ($2))
  AND strpos(lower(summary), lower($3)) > 0
  AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5::uuid))
ORDER BY created_at DESC, id DESC LIMIT $6;

-- name: read_alerts
-- Alerts by their ids.
SELECT state, expires_at, group_id::text, count, last_seen_at FROM alerts WHERE id = ANY ($1::uuid[]);

-- name: read_story
-- Every commit of a case, oldest first.
SELECT version, at, facts FROM journal WHERE group_id = $1::uuid ORDER BY version;

-- name: events_of_alert
-- The newest events of an alert.
SELECT id::text, request_id::text, integration, received_at, action, dedup_key, alert_id::text, outcome, event, raw, raw_body
FROM events WHERE alert_id = $1::uuid ORDER BY received_at DESC, events.id DESC LIMIT $2;

-- name: read_event
-- One event; a request has the id of its first one.
SELECT id::text, integration, received_at, action, dedup_key, alert_id::text, outcome, status FROM events WHERE id = $1::uuid;

-- name: deliveries_of_alert
-- Every delivery that covered an alert, oldest first.
SELECT *, id::text AS name FROM deliveries WHERE id IN (
    SELECT i.delivery_id FROM alerts a JOIN delivery_items i ON i.group_id = a.group_id
    WHERE a.id = $1::uuid AND a.id = ANY (i.alert_ids))
ORDER BY created_at, id;

-- name: read_delivery
-- One delivery.
SELECT *, id::text AS name FROM deliveries WHERE id = $1::uuid;

-- name: deliveries_to_person
-- The newest deliveries to a person.
SELECT *, id::text AS name FROM deliveries WHERE person = $1 ORDER BY created_at DESC, id DESC LIMIT $2;

-- name: items_of_deliveries
-- What deliveries carry.
SELECT delivery_id::text, page_id::text, attempt, group_id::text, alert_ids::text[], rung, because, stopped FROM delivery_items i
WHERE delivery_id = ANY ($1::uuid[]) ORDER BY i.delivery_id, i.group_id, i.page_id, attempt;

-- name: health
-- Whether the promises are being kept; $1 is in real time. $2: look for what has no next step, too, which reads every case
-- that waits for nobody.
SELECT clock.now, cases.late, cases.without, deliveries.stuck, cases.lateness
FROM (SELECT tocsin_now() AS now, tocsin_pace() AS pace) AS clock,
LATERAL (
    SELECT (SELECT count(*) FROM alert_groups
            WHERE is_open AND due_at < clock.now - $1::interval * clock.pace) AS late,
           CASE WHEN $2::bool THEN (
               SELECT count(*) FROM alert_groups g WHERE is_open AND due_at IS NULL AND EXISTS (
                   SELECT FROM alerts a WHERE a.group_id = g.id AND a.status = 'triggered')) ELSE 0 END AS without,
           (SELECT greatest(extract(epoch FROM clock.now - min(due_at)) / clock.pace, 0)::float8
            FROM alert_groups WHERE is_open AND due_at IS NOT NULL) AS lateness) AS cases,
LATERAL (
    SELECT count(*) AS stuck FROM deliveries
    WHERE (status = 'waiting' AND due_at < clock.now - $1::interval * clock.pace)
       OR (status = 'calling' AND lease_until < clock_timestamp() - $1::interval)) AS deliveries;

-- name: count_open_alerts
-- How many alerts are open, by status.
SELECT status, count(*) AS amount FROM alerts WHERE status <> 'resolved' GROUP BY status;

-- Configuration.

-- name: revision
-- The revision in force; 0: nothing was ever configured.
SELECT coalesce(max(number), 0) FROM revisions;

-- name: documents
-- All documents in force.
SELECT kind, name, body, origin FROM (
    SELECT DISTINCT ON (kind, name) kind, name, body, origin FROM documents ORDER BY kind, name, revision DESC
) AS newest WHERE body IS NOT NULL ORDER BY kind, name;

-- name: lock_configuration
-- Of changes of the configuration, one is made at a time.
SELECT pg_advisory_xact_lock(7263, 3);

-- name: insert_revision
-- A new revision.
INSERT INTO revisions (number, changed_at, changed_by) VALUES ($1, tocsin_now(), $2);

-- name: insert_documents
-- What a revision changes; no body: the document is dropped.
INSERT INTO documents (kind, name, revision, body, origin, changed_at, changed_by)
SELECT kind, name, $5, body, origin, tocsin_now(), $6
FROM unnest($1::text[], $2::text[], $3::json[], $4::text[]) AS d (kind, name, body, origin);

-- Upkeep.

-- name: both_clocks
-- The domain's clock and the real one.
SELECT tocsin_now() AS origin, clock_timestamp() AS began;

-- name: replace_now
-- Another clock: {pace} times as fast from the instant {origin} on. No statement of this kind takes parameters.
CREATE OR REPLACE FUNCTION tocsin_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
SELECT timestamptz '{origin}' + (clock_timestamp() - timestamptz '{began}') * {pace}
$$;

-- name: replace_pace
-- How fast the other clock is.
CREATE OR REPLACE FUNCTION tocsin_pace() RETURNS float8 LANGUAGE sql STABLE AS $$ SELECT {pace}::float8 $$;

-- name: tokens
-- All API tokens.
SELECT hash, name, role, person, scope, expires_at, made_by, made_at, used_at FROM tokens ORDER BY name;

-- name: put_token
-- Add a token, or replace the one of its name.
INSERT INTO tokens (name, hash, role, person, scope, expires_at, made_by, made_at)
VALUES ($1, $2, $3, $4, $5::text[], $6, $7, tocsin_now())
ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, role = excluded.role, person = excluded.person,
    scope = excluded.scope, expires_at = excluded.expires_at, made_by = excluded.made_by, made_at = excluded.made_at;

-- name: give_token
-- Add a token; no row: another has the name.
INSERT INTO tokens (name, hash, role, person, scope, expires_at, made_by, made_at)
VALUES ($1, $2, $3, $4, $5::text[], $6, $7, tocsin_now())
ON CONFLICT (name) DO NOTHING RETURNING *;

-- name: end_token
-- Delete a token; no row: there is none.
DELETE FROM tokens WHERE name = $1 RETURNING *;

-- name: use_token
-- A token was used.
UPDATE tokens SET used_at = tocsin_now() WHERE name = $1;

-- name: note_change
-- A change that no document tells.
INSERT INTO changes (changed_at, changed_by, kind, name, before, after)
VALUES (tocsin_now(), $1, $2, $3, $4::json, $5::json);

-- name: changes
-- Who has changed what, newest first: documents with what was in force before, and everything else that was noted.
WITH told AS (
    SELECT d.changed_at AS at, d.changed_by AS by, d.kind, d.name, d.revision::bigint AS number,
        (SELECT p.body::text FROM documents p WHERE p.kind = d.kind AND p.name = d.name AND p.revision < d.revision
         ORDER BY p.revision DESC LIMIT 1) AS before,
        d.body::text AS after
    FROM documents d
    UNION ALL
    SELECT changed_at, changed_by, kind, name, number, before::text, after::text FROM changes
)
SELECT * FROM told
WHERE ($1::text IS NULL OR by = $1) AND ($2::text IS NULL OR kind = $2) AND ($3::text IS NULL OR name = $3)
    AND ($5::timestamptz IS NULL OR at >= $5) AND ($6::timestamptz IS NULL OR at < $6)
    AND (position($4 IN lower(name)) > 0 OR position($4 IN lower(by)) > 0
        OR position($4 IN lower(coalesce(before, ''))) > 0 OR position($4 IN lower(coalesce(after, ''))) > 0)
    AND ($7::timestamptz IS NULL OR (at, number, kind COLLATE "C", name COLLATE "C") < ($7, $8::bigint, $9::text, $10::text))
ORDER BY at DESC, number DESC, kind COLLATE "C" DESC, name COLLATE "C" DESC LIMIT $11;

-- name: password_of
-- What is kept of a person's password.
SELECT hash, changed_at FROM passwords WHERE person = $1;

-- name: passwords_set
-- Who has a password.
SELECT person, changed_at FROM passwords;

-- name: set_password
-- A new password.
INSERT INTO passwords (person, hash, changed_at) VALUES ($1, $2, tocsin_now())
ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at;

-- name: renew_hash
-- Another hash of the same password.
UPDATE passwords SET hash = $3 WHERE person = $1 AND hash = $2;

-- name: open_session
-- A session begins.
INSERT INTO sessions (id, subject, role, agent, address, made_at, seen_at)
VALUES ($1, $2, $3, $4, $5, tocsin_now(), tocsin_now());

-- name: forget_sessions
-- Those of a subject that have run out; that those without an id have ended is remembered longer than any of them lasts.
DELETE FROM sessions WHERE subject = $1 AND coalesce(ended_at, made_at) < tocsin_now() - $2::interval;

-- name: session
-- One session, be it over.
SELECT * FROM sessions WHERE id = $1;

-- name: see_session
-- A session was used.
UPDATE sessions SET seen_at = tocsin_now() WHERE id = $1;

-- name: sessions_of
-- The sessions of a subject that go on.
SELECT * FROM sessions WHERE subject = $1 AND ended_at IS NULL AND made_at >= tocsin_now() - $2::interval
ORDER BY seen_at DESC, id;

-- name: end_session
-- One session ends; no row: there is none that goes on.
UPDATE sessions SET ended_at = tocsin_now() WHERE subject = $1 AND id = $2 AND ended_at IS NULL RETURNING *;

-- name: end_sessions
-- All sessions of a subject end but one.
UPDATE sessions SET ended_at = tocsin_now() WHERE subject = $1 AND ended_at IS NULL AND id IS DISTINCT FROM $2
RETURNING *;

-- name: end_sessions_without_id
-- Those without an id end, too.
INSERT INTO sessions (id, subject, role, agent, address, made_at, seen_at, ended_at)
VALUES ($1, $2, '', '', '', tocsin_now(), tocsin_now(), tocsin_now())
ON CONFLICT (id) DO UPDATE SET ended_at = excluded.ended_at;

-- name: use_link
-- One row the first time, none as long as the nonce is remembered.
INSERT INTO used_links AS used (nonce, until) VALUES ($1, tocsin_now() + $2::interval)
ON CONFLICT (nonce) DO UPDATE SET until = excluded.until WHERE used.until <= tocsin_now()
RETURNING nonce;

-- name: forget_events
-- Delete events by age.
DELETE FROM events WHERE id IN (
    SELECT id FROM events WHERE received_at < (SELECT tocsin_now()) - $1::interval ORDER BY received_at LIMIT $2
    FOR UPDATE SKIP LOCKED);

-- name: forget_links
-- Delete one-time links that are no longer good.
DELETE FROM used_links WHERE until <= (SELECT tocsin_now());

-- name: forget_ended_early
-- Delete resolves that no trigger can have been overtaken by any more.
DELETE FROM ended_early WHERE noted_at <= (SELECT tocsin_now()) - $1::interval;

-- The record of duty.

-- name: add_duty
-- New entries; one that is there already stays as it is.
INSERT INTO duty (schedule, since, people, source, reason)
SELECT schedule, since, coalesce(string_to_array(nullif(people, ''), E'\n'), '{}'), source, reason
FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[])
    AS d (schedule, since, people, source, reason)
ON CONFLICT DO NOTHING;

-- name: move_duty_known
-- Up to when the record is known; it never goes back.
INSERT INTO duty_known (until) VALUES ($1)
ON CONFLICT (only_row) DO UPDATE SET until = greatest(duty_known.until, excluded.until);

-- name: duty_known
-- Up to when the record is known.
SELECT until FROM duty_known;

-- name: newest_duty
-- The newest entry of each schedule, by skipping from one schedule to the next.
WITH RECURSIVE names AS (
    SELECT min(schedule) AS schedule FROM duty
    UNION ALL
    SELECT (SELECT min(d.schedule) FROM duty d WHERE d.schedule > n.schedule) FROM names n WHERE n.schedule IS NOT NULL
)
SELECT d.schedule, d.since, d.people, d.source, d.reason
FROM names n
CROSS JOIN LATERAL (SELECT * FROM duty WHERE schedule = n.schedule ORDER BY since DESC LIMIT 1) d
WHERE n.schedule IS NOT NULL;

-- name: duty_in
-- Of each of these schedules: the entries within a window, and the last one that is not later than its start.
SELECT d.schedule, d.since, d.people, d.source, d.reason
FROM unnest($1::text[]) AS n (schedule)
CROSS JOIN LATERAL (
    SELECT * FROM duty
    WHERE schedule = n.schedule AND since < $3
        AND since >= coalesce((SELECT max(since) FROM duty WHERE schedule = n.schedule AND since <= $2), '-infinity')
) d
ORDER BY d.schedule, d.since;

-- Notes that go with a shift.

-- name: put_note
-- Keep a note.
INSERT INTO notes (id, schedule, written_by, text, written_at, begins) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING;

-- name: open_note
-- The first time that a person opens it counts; none when there is no such note.
INSERT INTO note_reads (note_id, person, at) SELECT id, $2, tocsin_now() FROM notes WHERE id = $1
ON CONFLICT DO NOTHING;

-- name: note
-- One note with its readers.
SELECT n.id::text, n.schedule, n.written_by, n.text, n.written_at, n.begins,
       (SELECT json_object_agg(r.person, r.at) FROM note_reads r WHERE r.note_id = n.id) AS reads
FROM notes n WHERE n.id = $1;

-- name: notes_of
-- The newest notes of a schedule.
SELECT n.id::text, n.schedule, n.written_by, n.text, n.written_at, n.begins,
       (SELECT json_object_agg(r.person, r.at) FROM note_reads r WHERE r.note_id = n.id) AS reads
FROM notes n WHERE n.schedule = $1 ORDER BY n.written_at DESC, n.id DESC LIMIT $2;

-- name: notes_beginning
-- Notes for people who come on call at an instant or later.
SELECT n.id::text, n.schedule, n.written_by, n.text, n.written_at, n.begins,
       (SELECT json_object_agg(r.person, r.at) FROM note_reads r WHERE r.note_id = n.id) AS reads
FROM notes n WHERE n.begins >= $1 ORDER BY n.begins, n.id;

-- What outside follows the rota.

-- name: sync_states
-- What is known of every sync.
SELECT state FROM syncs ORDER BY name;

-- name: put_sync
-- What is known of a sync.
INSERT INTO syncs (name, state) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET state = excluded.state;

-- name: add_sync_line
-- A line of a sync's log.
INSERT INTO sync_log (sync, entry) VALUES ($1, $2);

-- name: trim_sync_log
-- Only the newest lines of a sync's log stay.
DELETE FROM sync_log WHERE sync = $1 AND number <= (
    SELECT number FROM sync_log WHERE sync = $1 ORDER BY number DESC OFFSET $2 LIMIT 1);

-- name: sync_log
-- The newest lines of a sync's log.
SELECT entry FROM sync_log WHERE sync = $1 ORDER BY number DESC LIMIT $2;

-- name: sync_ids
-- What the other side calls people, as far as it was learned since then.
SELECT address, id FROM sync_ids WHERE kind = $1 AND learned_at >= $2;

-- name: learn_sync_ids
-- What the other side calls people.
INSERT INTO sync_ids (kind, address, id, learned_at)
SELECT $1, address, id, tocsin_now() FROM unnest($2::text[], $3::text[]) AS i (address, id)
ON CONFLICT (kind, address) DO UPDATE SET id = excluded.id, learned_at = excluded.learned_at;

-- name: forget_sync_ids
-- What the other side no longer calls people.
DELETE FROM sync_ids WHERE kind = $1 AND address = ANY ($2::text[]);

-- Calendars that people subscribe to.

-- name: calendar_nonce
-- The secret part of a calendar's address.
SELECT nonce FROM publications WHERE kind = $1 AND name = $2;

-- name: first_calendar_nonce
-- The same; where there was none it is made, and of two that are made at once one stays.
INSERT INTO publications (kind, name, nonce) VALUES ($1, $2, $3)
ON CONFLICT (kind, name) DO UPDATE SET nonce = publications.nonce RETURNING nonce;

-- name: replace_calendar_nonce
-- Another secret part: the address before is no longer good.
INSERT INTO publications (kind, name, nonce) VALUES ($1, $2, $3)
ON CONFLICT (kind, name) DO UPDATE SET nonce = excluded.nonce;

-- name: lock_publication
-- Guard a calendar, and read what was published.
SELECT published FROM publications WHERE kind = $1 AND name = $2 FOR UPDATE;

-- name: keep_published
-- What is published now.
UPDATE publications SET published = $3 WHERE kind = $1 AND name = $2;

-- Copies of calendars that are kept elsewhere.

-- name: feeds
-- All of them.
SELECT calendar, state FROM feeds ORDER BY calendar;

-- name: feed
-- One of them, locked.
SELECT state FROM feeds WHERE calendar = $1 FOR UPDATE;

-- name: put_feed
-- Keep what is known of one now.
INSERT INTO feeds (calendar, state) VALUES ($1, $2) ON CONFLICT (calendar) DO UPDATE SET state = excluded.state;

-- name: drop_feeds
-- Forget some.
DELETE FROM feeds WHERE calendar = ANY ($1::text[]);

-- name: feeds_version
-- Grows whenever what a calendar says has changed.
SELECT version FROM feeds_version;

-- name: feeds_changed
-- What a calendar says has changed.
UPDATE feeds_version SET version = version + 1;

-- After a restore: nothing waits for an instant of a machine that is gone, and what may have left it says so.

-- name: restored_cases
-- Every open case is due.
UPDATE alert_groups SET due_at = tocsin_now() WHERE is_open;

-- name: restored_waiting
-- Deliveries wait no longer than until now.
UPDATE deliveries SET due_at = least(due_at, tocsin_now()) WHERE status = 'waiting';

-- name: restored_deliveries
-- What was waiting or being called may have arrived.
UPDATE deliveries SET status = 'waiting', repeat = true, node = NULL, claimed_at = NULL, lease_until = NULL
WHERE status IN ('waiting', 'calling');

-- name: restored_messages
-- What was to be told by now, or was being told, may have arrived.
UPDATE messages
SET status = 'waiting', repeat = true, try_at = least(try_at, tocsin_now()), node = NULL, claimed_at = NULL, lease_until = NULL
WHERE status = 'telling' OR (status = 'waiting' AND due_at <= tocsin_now());

-- name: restored_calm
-- Whoever is to be rung can be rung at once.
UPDATE calm SET full_at = NULL WHERE full_at IS NOT NULL;

-- name: restored_nodes
-- The nodes of then are not here.
WITH absent AS (DELETE FROM heartbeats) DELETE FROM nodes;

-- name: restored_counts
-- What there is to do: open alerts, and deliveries that wait.
SELECT (SELECT count(*) FROM alerts WHERE status <> 'resolved') AS open, count(*) AS waiting
FROM deliveries WHERE status = 'waiting';

-- The watch.

-- name: lock_watch_book
-- The book of troubles, for one node at a time.
SELECT book FROM watch_book FOR UPDATE;

-- name: watch_book
-- The book of troubles.
SELECT book FROM watch_book;

-- name: write_watch_book
-- The book as it is now.
UPDATE watch_book SET book = $1::json;

-- name: be_present
-- A node lives. Real time: leases and the lives of nodes do not run faster in a demo. The disk need not hurry for it.
INSERT INTO heartbeats AS known (node, role, version, started_at, seen_at)
SELECT $1, $2, $3, clock_timestamp(), clock_timestamp() FROM set_config('synchronous_commit', 'off', true)
ON CONFLICT (node) DO UPDATE SET role = excluded.role, version = excluded.version, seen_at = excluded.seen_at;

-- name: presences
-- The real clock, and every node that was seen lately; one row without a node when there is none.
SELECT clock.now, node, role, version, started_at, seen_at
FROM (SELECT clock_timestamp() AS now) AS clock
LEFT JOIN heartbeats ON seen_at > clock.now - $1::interval ORDER BY node;

-- name: say_goodbye
-- A node ends in order; those that are long forgotten leave with it.
DELETE FROM heartbeats WHERE node = $1 OR seen_at < clock_timestamp() - interval '7 days';

-- name: depths
-- What waits, for how long in real seconds, and how large the database is.
SELECT out.amount AS deliveries, out.overdue AS deliveries_overdue, said.amount AS messages, said.overdue AS messages_overdue,
    pg_database_size(current_database()) AS database_bytes,
    CASE WHEN inet_server_addr() IS NULL THEN
        (SELECT setting FROM pg_settings WHERE name = 'data_directory') END AS database_folder
FROM (SELECT tocsin_now() AS now, tocsin_pace() AS pace) AS clock,
LATERAL (
    SELECT count(*) AS amount, coalesce(extract(epoch FROM clock.now - min(due_at)) / clock.pace, 0)::float8 AS overdue
    FROM deliveries WHERE status = 'waiting' AND due_at <= clock.now) AS out,
LATERAL (
    SELECT count(*) AS amount, coalesce(extract(epoch FROM clock.now - min(try_at)) / clock.pace, 0)::float8 AS overdue
    FROM messages WHERE status = 'waiting' AND try_at <= clock.now) AS said;

-- name: add_inbound
-- Add what came from integrations in an hour to what came before in it.
INSERT INTO inbound_hours AS known (integration, starts_at, first_at, last_at, count, longest_gap)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::interval[])
ON CONFLICT (integration, starts_at) DO UPDATE SET
    first_at = least(known.first_at, excluded.first_at),
    last_at = greatest(known.last_at, excluded.last_at),
    count = known.count + excluded.count,
    longest_gap = greatest(known.longest_gap, excluded.longest_gap,
        CASE WHEN excluded.first_at > known.first_at THEN excluded.first_at - known.last_at
             ELSE known.first_at - excluded.last_at END);

-- name: forget_inbound
-- Delete hours by age.
DELETE FROM inbound_hours WHERE starts_at < clock_timestamp() - $1::interval;

-- name: inbound_hours
-- What came from integrations since an instant.
SELECT integration, starts_at, first_at, last_at, count, longest_gap FROM inbound_hours
WHERE starts_at >= $1 ORDER BY integration, starts_at;

-- name: broken_beside
-- Syncs and calendars that do not work, without what they hold.
SELECT 'sync' AS kind, name, state ->> 'failing_since' AS since, coalesce(state ->> 'text', '') AS why FROM syncs
WHERE state ->> 'failing_since' IS NOT NULL
UNION ALL
SELECT 'calendar', calendar, state ->> 'failing_since', coalesce(state ->> 'error', '') FROM feeds
WHERE state ->> 'failing_since' IS NOT NULL
ORDER BY kind, name;
