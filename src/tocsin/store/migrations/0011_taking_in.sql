-- A column that travels as one text: record separators (character 30) between its values, a group separator (29) for NULL.
CREATE FUNCTION tocsin_column(joined text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN string_to_array(joined, chr(30), chr(29));

-- Of batches that speak of the same conditions, one at a time. A server has room for some thousands of locks in all: a batch
-- of very many conditions takes the one lock that all others share.
CREATE FUNCTION tocsin_lock_conditions(locks bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(locks) > 500 THEN
        PERFORM pg_advisory_xact_lock(7263, 4);
    ELSE
        PERFORM pg_advisory_xact_lock_shared(7263, 4);
        PERFORM pg_advisory_xact_lock(key) FROM unnest(locks) AS key;
    END IF;
END $$;

-- A batch of events that only repeat what is open and open what is new (store/plain.py), as one statement that is its own
-- transaction. It writes what was decided, or nothing: raises serialization_failure when things are not as they were seen.
-- Each new alert ($5 to $19) comes with the group that it is alone in.
CREATE FUNCTION tocsin_take_in(
    at_ timestamptz, locks bigint[], notices text[], bodies bytea[],
    groups text, dues text, states text, facts text,
    alerts_ text, integrations text, keys text, statuses text, severities text, services text, summaries text,
    source_groups text, counts text, expiries text, alert_states text,
    repeated text, repeat_counts text, repeat_expiries text, seen_statuses text, seen_severities text, seen_expiries text,
    ids text, requests text, sources text, actions text, event_keys text, event_alerts text, outcomes text,
    event_statuses text, bodies_read text, heads text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    group_ids uuid[] := tocsin_column(groups)::uuid[];
    changed int;
BEGIN
    IF group_ids IS NOT NULL THEN
        -- Whoever decides on the same conditions with a look of its own has ended before the next statement looks.
        PERFORM tocsin_lock_conditions(locks);
        IF EXISTS (
            SELECT FROM unnest(tocsin_column(integrations), tocsin_column(keys)) AS k (integration, dedup_key)
            JOIN ended_early e ON e.integration = k.integration AND e.dedup_key = k.dedup_key
        ) THEN
            RAISE serialization_failure USING MESSAGE = 'a condition has ended before its beginning came in';
        END IF;
        INSERT INTO alert_groups (id, key, gathers_until, is_open, due_at, version, state, updated_at, service)
        SELECT g.id, NULL, at_, true, g.due_at::timestamptz, 1, g.state::json, at_, coalesce(g.service, '')
        FROM unnest(group_ids, tocsin_column(dues), tocsin_column(states), tocsin_column(services))
            AS g (id, due_at, state, service);
        INSERT INTO alerts (id, group_id, integration, dedup_key, is_newest, status, severity, service, summary,
                            source_group, created_at, updated_at, last_seen_at, count, expires_at, state)
        SELECT a.id::uuid, a.group_id, a.integration, a.dedup_key, true, a.status, a.severity, a.service, a.summary,
               a.source_group, at_, at_, at_, a.count::int, a.expires_at::timestamptz, a.state::json
        FROM unnest(tocsin_column(alerts_), group_ids, tocsin_column(integrations), tocsin_column(keys),
                    tocsin_column(statuses), tocsin_column(severities), tocsin_column(services),
                    tocsin_column(summaries), tocsin_column(source_groups), tocsin_column(counts),
                    tocsin_column(expiries), tocsin_column(alert_states))
            AS a (id, group_id, integration, dedup_key, status, severity, service, summary, source_group, count,
                  expires_at, state);
        INSERT INTO journal (group_id, version, at, facts)
        SELECT j.group_id, 1, at_, j.facts::json FROM unnest(group_ids, tocsin_column(facts)) AS j (group_id, facts);
    END IF;
    IF repeated IS NOT NULL THEN
        UPDATE alerts a
        SET count = a.count + r.count::int, last_seen_at = greatest(a.last_seen_at, at_),
            expires_at = CASE WHEN a.expires_at IS NOT NULL THEN greatest(a.expires_at, r.expires_at::timestamptz) END
        FROM unnest(tocsin_column(repeated)::uuid[], tocsin_column(repeat_counts), tocsin_column(repeat_expiries),
                    tocsin_column(seen_statuses), tocsin_column(seen_severities), tocsin_column(seen_expiries))
            AS r (id, count, expires_at, seen_status, seen_severity, seen_expiry)
        WHERE a.id = r.id AND a.status = r.seen_status AND a.severity = r.seen_severity
          AND a.expires_at IS NOT DISTINCT FROM r.seen_expiry::timestamptz;
        GET DIAGNOSTICS changed = ROW_COUNT;
        IF changed <> cardinality(tocsin_column(repeated)) THEN
            RAISE serialization_failure USING MESSAGE = 'an alert is not as it was seen';
        END IF;
    END IF;
    INSERT INTO events (id, request_id, integration, received_at, action, dedup_key, alert_id, outcome, status, event,
                        raw, raw_body)
    SELECT e.id::uuid, e.request_id::uuid, e.integration, at_, e.action, e.dedup_key, e.alert_id::uuid, e.outcome,
           e.status, e.event::json, e.head::jsonb, e.body
    FROM unnest(tocsin_column(ids), tocsin_column(requests), tocsin_column(sources), tocsin_column(actions),
                tocsin_column(event_keys), tocsin_column(event_alerts), tocsin_column(outcomes),
                tocsin_column(event_statuses), tocsin_column(bodies_read), tocsin_column(heads), bodies)
        AS e (id, request_id, integration, action, dedup_key, alert_id, outcome, status, event, head, body);
    PERFORM pg_notify('tocsin', notice) FROM unnest(notices) AS notice;
END $$;
