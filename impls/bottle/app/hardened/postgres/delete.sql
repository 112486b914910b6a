DELETE FROM sessions WHERE id = %(id)s RETURNING id
