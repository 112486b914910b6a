"""Statements that remove every record of a store, whatever its tables are called, and that keep it off the disk."""

NO_JOURNAL = ("CONFIG", "SET", "appendonly", "no")
TRUNCATE = """
DO $$
DECLARE tables text;
BEGIN
    SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') INTO tables
    FROM pg_tables WHERE schemaname = 'public';
    IF tables IS NOT NULL THEN EXECUTE 'TRUNCATE ' || tables; END IF;
END $$
"""
REMOVE_ROWS = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
    if not name.startswith("sqlite_"):
        connection.execute(f'DELETE FROM "{name}"')
"""
