"""What a request costs the store, as Redis counts it itself: read events of its clients (`total_reads_processed`)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis

from conformance.client import Client
from conformance.visitor import Visitor
from targets.process import REDIS
from tests.running import running

FREE = ("/healthz", "/_probe/no-session", "/nowhere")


@pytest.fixture(scope="module")
def targets() -> Iterator[tuple[redis.Redis, dict[str, str]]]:
    with running("*-redis") as (engine, urls), redis.Redis.from_url(engine.url(REDIS)) as store:
        yield store, urls


def reads(store: redis.Redis) -> int:
    return int(store.info("stats")["total_reads_processed"])


def cost(store: redis.Redis, visitor: Visitor, method: str, path: str) -> int:
    """Return the round trips of one request, without the one that asks for the count."""
    before = reads(store)
    visitor.request(method, path)
    return reads(store) - before - 1


@pytest.mark.parametrize("name", ["flask-redis", "starlette-redis", "bottle-redis"])
def test_round_trips_stay_within_the_contract(targets: tuple[redis.Redis, dict[str, str]], name: str) -> None:
    store, urls = targets
    visitor = Visitor(Client(urls[name]))
    visitor.count(2)  # connections are open and scripts are loaded
    costs = {
        f"{method} {path}": cost(store, visitor, method, path)
        for method, path in [*(("GET", path) for path in FREE), ("GET", "/"), ("POST", "/count"), ("POST", "/logout")]
    }
    print(name, costs)
    assert [costs[f"GET {path}"] for path in FREE] == [0, 0, 0]
    assert costs["GET /"] <= 1
    assert costs["POST /count"] <= 2
    assert costs["POST /logout"] <= 2


@pytest.mark.parametrize("name", ["flask-redis", "starlette-redis", "bottle-redis"])
def test_strangers_cost_nothing_and_leave_nothing(targets: tuple[redis.Redis, dict[str, str]], name: str) -> None:
    store, urls = targets
    keys = store.info("keyspace")
    costs = [
        cost(store, Visitor(Client(urls[name])), method, path) for method, path in (("GET", "/"), ("POST", "/reset"))
    ]
    bogus = Visitor(Client(urls[name]))
    bogus.cookies[f"{name}-sid"] = "x" * 43
    costs.append(cost(store, bogus, "GET", "/"))
    assert costs == [0, 0, 0]
    assert {base: each["keys"] for base, each in store.info("keyspace").items()} == {
        base: each["keys"] for base, each in keys.items()
    }
