-- Reads a session, and lets its idle timeout start again where that moves `expires` by enough to be worth a write.
-- A row that somebody else is writing to is not waited for.
WITH clock AS (
  SELECT extract(epoch FROM now())::double precision AS now
), due AS (
  SELECT id, least(now + %(idle)s, created + %(absolute)s) AS later
  FROM sessions, clock
  WHERE id = %(id)s AND expires > now
    AND least(now + %(idle)s, created + %(absolute)s) - expires > %(idle)s / 60.0
  FOR NO KEY UPDATE OF sessions SKIP LOCKED
), touched AS (
  UPDATE sessions SET expires = later FROM due WHERE sessions.id = due.id
)
SELECT data::text, now - created
FROM sessions, clock
WHERE id = %(id)s AND expires > now
