"""Changes of a JSON object, as a function for SQL statements.

SQLite's own JSON functions name keys by paths, in which not every key can be written, and round long numbers.
"""

from __future__ import annotations

import msgspec

from app.counters import as_count


def changed(data: str, changes: str) -> str:
    """Apply JSON of [values to set, keys to remove, amounts to add to counters]; raises for what is no object."""
    session = msgspec.json.decode(data, type=dict)
    values, removed, amounts = msgspec.json.decode(changes)
    session |= values
    for key in removed:
        session.pop(key, None)
    for key, amount in amounts.items():
        session[key] = as_count(session.get(key)) + amount
    return msgspec.json.encode(session).decode()
