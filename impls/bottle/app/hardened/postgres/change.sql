-- Changes a session that lives. Parallel changes take turns, and each sees what the one before has left.
UPDATE sessions
SET id = %(new)s,
    data = (data || %(set)s::jsonb) - %(unset)s::text[] || (
      SELECT coalesce(jsonb_object_agg(key, amount::numeric + CASE
        WHEN (data -> key)::text ~ '^-?[0-9]{1,18}$' THEN (data ->> key)::numeric  -- else it is no count: as if absent
        ELSE 0
      END), '{}')
      FROM jsonb_each_text(%(add)s::jsonb) AS added (key, amount)
    ),
    expires = least(extract(epoch FROM now()) + %(idle)s, created + %(absolute)s)
WHERE id = %(id)s AND expires > extract(epoch FROM now()) AND jsonb_typeof(data) = 'object'
RETURNING id
