-- Every statement of the store by name (queries.py), in the order in which a case lives. They find, lock and write; what
-- follows from what is decided in core. Many rows travel as arrays: one statement a batch, never one a row.
-- New alerts and events, the many, go by COPY instead (pool.py). Ids leave as text, which is what the core knows.
-- `(SELECT tocsin_now())` is asked once a statement and can be looked up in an index; the bare function could not.

-- Intake.

-- name: lock_conditions
-- Of batches that speak of the same conditions or grouping keys, one is decided at a time.
SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key;

-- name: glance_by_key
-- The newest alert of each condition, and whether its end came in before its beginning; one row for each key asked.
SELECT k.integration, k.dedup_key, a.id::text, a.group_id::text, a.status, a.severity, a.expires_at, e.ended_at,
       (SELECT tocsin_now()) AS now
FROM unnest($1::text[], $2::text[]) AS k (integration, dedup_key)
LEFT JOIN alerts a ON a.integration = k.integration AND a.dedup_key = k.dedup_key AND a.is_newest
LEFT JOIN ended_early e ON e.integration = k.integration AND e.dedup_key = k.dedup_key
    AND e.noted_at > (SELECT tocsin_now()) - $3::interval;

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
INSERT INTO deliveries (id, person, contact, channel, address, urgency, due_at, gathers, repeat, status, claim, node,
                        claimed_at, lease_until, created_at)
SELECT id, person, contact, channel, address, urgency, due_at, gathers, repeat,
       CASE WHEN claimed THEN 'calling' ELSE 'waiting' END, CASE WHEN claimed THEN 1 ELSE 0 END,
       CASE WHEN claimed THEN $11::text END, CASE WHEN claimed THEN $12::timestamptz END,
       CASE WHEN claimed THEN clock_timestamp() + $13::interval END, $12::timestamptz
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::bool[],
            $9::bool[], $10::bool[])
    AS d (id, person, contact, channel, address, urgency, due_at, gathers, repeat, claimed);

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
-- Nothing rings any more that these would speak of.
UPDATE deliveries SET status = 'cancelled', answer = '{"why": "nothing rings any more"}' WHERE id = ANY ($1::uuid[]);

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
-- Let one session in for a chore.
SELECT pg_try_advisory_lock(hashtextextended($1, 7263));

-- name: leave_alone
-- Let the next one in.
SELECT pg_advisory_unlock(hashtextextended($1, 7263));

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
-- Whether the promises are being kept; $1 is in real time.
SELECT clock.now, cases.late, cases.without, deliveries.stuck, cases.lateness
FROM (SELECT tocsin_now() AS now, tocsin_pace() AS pace) AS clock,
LATERAL (
    SELECT count(*) FILTER (WHERE due_at < clock.now - $1::interval * clock.pace) AS late,
           count(*) FILTER (WHERE due_at IS NULL AND EXISTS (
               SELECT FROM alerts a WHERE a.group_id = g.id AND a.status = 'triggered')) AS without,
           greatest(extract(epoch FROM clock.now - min(due_at)) / clock.pace, 0)::float8 AS lateness
    FROM alert_groups g WHERE is_open) AS cases,
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
SELECT hash, name, role, person FROM tokens ORDER BY name;

-- name: put_token
-- Add a token, or replace the one of its name.
INSERT INTO tokens (name, hash, role, person, made_at) VALUES ($1, $2, $3, $4, tocsin_now())
ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, role = excluded.role, person = excluded.person,
    made_at = excluded.made_at;

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
