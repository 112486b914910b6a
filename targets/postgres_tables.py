"""The tables of sessions in a PostgreSQL database, whichever library made them: their records, read and replaced."""

from __future__ import annotations

from typing import Any, LiteralString, NamedTuple

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from targets.control import Entry
from targets.sqlite_file import DATA, Layout, layout, seconds_left

Connection = psycopg.Connection[tuple[Any, ...]]
COLUMNS = """
    SELECT table_schema, table_name, json_object_agg(column_name, udt_name) FROM information_schema.columns
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY 1, 2 ORDER BY 1, 2
"""


class Table(NamedTuple):
    """A table of sessions, and the type of its data."""

    schema: str
    layout: Layout
    type: str

    def entries(self, connection: Connection) -> list[Entry]:
        """Return its records in the order of their keys."""
        rows = connection.execute(self._query("SELECT {key}::text, {bytes}, {expiry} FROM {table} ORDER BY 1"))
        return [Entry(key, data or b"", seconds_left(expiry)) for key, data, expiry in rows]

    def flush(self, connection: Connection) -> None:
        """Remove its records."""
        connection.execute(self._query("DELETE FROM {table}"))

    def has(self, connection: Connection, key: str) -> bool:
        """Tell whether it has a record with this key."""
        query = self._query("SELECT 1 FROM {table} WHERE {key}::text = %s")
        return connection.execute(query, [key]).fetchone() is not None

    def plant(self, connection: Connection, key: str, data: bytes) -> None:
        """Replace the data of a record."""
        value = data if self.type == "bytea" else data.decode()
        connection.execute(self._query("UPDATE {table} SET {data} = %s::{type} WHERE {key}::text = %s"), [value, key])

    def _query(self, text: LiteralString) -> Composed:
        expiry = self.layout.expiry
        data = Identifier(DATA)
        return SQL(text).format(
            bytes=data if self.type == "bytea" else SQL("convert_to({}::text, 'UTF8')").format(data),
            table=Identifier(self.schema, self.layout.table),
            key=Identifier(self.layout.key),
            data=data,
            expiry=Identifier(expiry) if expiry else SQL("NULL"),
            type=Identifier(self.type),
        )


def tables(connection: Connection) -> list[Table]:
    """Return the tables of sessions that there are; none before an app has made them."""
    every = connection.execute(COLUMNS).fetchall()
    return [Table(schema, found, types[DATA]) for schema, name, types in every if (found := layout(name, types))]
