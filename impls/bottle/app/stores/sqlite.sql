-- Data is a JSON object; times are seconds since 1970.
-- With a log ahead of the file, readers and the one writer do not wait for each other.
PRAGMA journal_mode = WAL;
CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, data TEXT, created REAL, expires REAL);
CREATE INDEX IF NOT EXISTS sessions_expires ON sessions (expires);
