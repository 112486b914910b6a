-- Data is a JSON object; times are seconds since 1970, by the server's clock.
CREATE TABLE IF NOT EXISTS sessions (id text PRIMARY KEY, data jsonb, created double precision, expires double precision);
CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires);
