"""A PostgreSQL without room for another row: on a full disk its tables still have free space of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg

from targets.postgres_store import OURS

OPTIONS = " ".join(f"-c {name}={value}" for name, value in OURS.items())

# The indexes get room, so that only the tables have none; no row is kept that nobody sees; and the log of changes (WAL)
# goes on in a file that is there already.
INDEXES = """
do $$
declare each regclass;
begin
    for each in
        select indexrelid from pg_index join pg_class on oid = indrelid where relnamespace = 'public'::regnamespace
    loop
        execute format('alter index %s set (fillfactor = 50)', each);
    end loop;
end $$
"""
PREPARE = (INDEXES, "reindex schema public", "vacuum", "select pg_switch_wal()", "checkpoint")

# Rows into every table until none fits into its pages: large ones, then those of about 90 bytes, less than any session.
# Nobody else sees them, since they are never committed; and while that transaction is open, no row that was replaced is
# cleared away either.
FILL = """
do $$
declare
    size int;
    filler text;
begin
    for size, filler in
        select room, format(
            'insert into %I.%I (%s) values (%s)', table_schema, table_name, string_agg(quote_ident(column_name), ', '),
            string_agg(case
                when data_type in ('text', 'character varying') then 'md5(random()::text)'
                when data_type in ('json', 'jsonb') then 'to_json(repeat(''x'', $1))'
                when data_type = 'bytea' then 'repeat(''x'', $1)::bytea'
                when data_type like 'timestamp%' then 'now()'
                else '0'
            end, ', '))
        from information_schema.columns join information_schema.tables using (table_schema, table_name),
            (values (1000), (0)) as rooms (room)
        where table_schema = 'public' and table_type = 'BASE TABLE'
            and column_default is null and is_identity = 'NO' and is_generated = 'NEVER'
        group by table_schema, table_name, room
        order by room desc
    loop
        loop
            begin
                execute filler using size;
            exception when disk_full then
                exit;
            end;
        end loop;
    end loop;
end $$
"""


@contextmanager
def full(url: str, fill_disk: Callable[[], None], free_disk: Callable[[], None]) -> Iterator[None]:
    """Let there be no room while the block runs; connections can be opened, and rows read and deleted."""
    with psycopg.connect(url, autocommit=True, options=OPTIONS) as connection:
        for each in PREPARE:
            connection.execute(each)
    # The first connection after that writes a file that the next ones need, and so comes before the disk is full.
    with psycopg.connect(url, options=OPTIONS) as connection:
        try:
            fill_disk()
            connection.execute(FILL)  # which goes on until the disk is full
            yield
        finally:
            free_disk()
            connection.rollback()
