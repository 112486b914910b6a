-- Stores a session, and removes some that have expired: so they never pile up. Those that others remove are skipped.
WITH clock AS (
  SELECT extract(epoch FROM now())::double precision AS now
), collected AS (
  DELETE FROM sessions WHERE id = ANY (ARRAY(
    SELECT id FROM sessions, clock WHERE expires <= now ORDER BY expires LIMIT 10 FOR UPDATE OF sessions SKIP LOCKED
  ))
)
INSERT INTO sessions (id, data, created, expires)
SELECT %(id)s, %(data)s::jsonb, now, now + least(%(idle)s, %(absolute)s) FROM clock
RETURNING id
