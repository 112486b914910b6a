SELECT data::text, extract(epoch FROM now())::double precision - created
FROM sessions
WHERE id = %(id)s AND expires > extract(epoch FROM now())
