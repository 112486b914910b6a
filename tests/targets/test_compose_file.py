"""compose.yaml and the manifests say the same, and every service is hardened."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from targets import manifest

TREE = Path(__file__).parents[2]
TARGETS = {target.name: target for target in manifest.find(TREE)}

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    command = ["docker", "compose", "--file", str(TREE / "compose.yaml"), "config", "--format", "json"]
    shown = subprocess.run(command, capture_output=True, check=True)
    found: dict[str, Any] = json.loads(shown.stdout)["services"]
    return found


def test_every_target_has_a_service_and_every_service_but_redis_a_target(services: dict[str, Any]) -> None:
    assert set(services) == {"redis", *TARGETS}


def test_every_service_has_the_edition_and_the_store_of_its_target(services: dict[str, Any]) -> None:
    settings = {name: services[name]["environment"] for name in TARGETS}
    assert {name: each["EDITION"] for name, each in settings.items()} == {n: t.edition for n, t in TARGETS.items()}
    assert {name: each["STORE_URL"].partition(":")[0] for name, each in settings.items()} == {
        name: target.store for name, target in TARGETS.items()
    }


def test_cookie_names_and_databases_are_used_once(services: dict[str, Any]) -> None:
    settings = [services[name]["environment"] for name in TARGETS]
    cookies = [each["SESSION_COOKIE_NAME"] for each in settings]
    databases = [each["STORE_URL"] for each in settings if each["STORE_URL"] != "cookie:"]
    assert len(cookies) == len(set(cookies))
    assert len(databases) == len(set(databases))


@pytest.mark.parametrize("name", TARGETS)
def test_every_service_is_built_from_its_implementation(services: dict[str, Any], name: str) -> None:
    assert Path(services[name]["build"]["context"]) == TARGETS[name].folder
    assert services[name]["image"].endswith(f"/{TARGETS[name].implementation}")


@pytest.mark.parametrize("name", ["redis", *TARGETS])
def test_every_service_is_hardened(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges"]
    assert int(service["mem_limit"]) == 128 << 20
    assert service["cpus"] == 1
    assert service["pids_limit"]
    assert service["healthcheck"]["test"]
    assert service["user"].partition(":")[0] not in {"", "0", "root"}
    assert {"com.same-session.checkout", "com.same-session.pid", "com.same-session.since"} == set(service["labels"])


@pytest.mark.parametrize("name", TARGETS)
def test_apps_are_published_on_this_machine_alone_at_any_free_port(services: dict[str, Any], name: str) -> None:
    (port,) = services[name]["ports"]
    assert (port["host_ip"], port["target"], port.get("published")) == ("127.0.0.1", 8000, None)


@pytest.mark.parametrize("name", TARGETS)
def test_only_targets_on_redis_reach_it(services: dict[str, Any], name: str) -> None:
    on_redis = TARGETS[name].store == "redis"
    assert set(services[name]["networks"]) == ({"front", "store"} if on_redis else {"front"})
    assert ("redis" in services[name].get("depends_on", {})) == on_redis
    assert "ports" not in services["redis"]
    assert set(services["redis"]["networks"]) == {"store"}


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_has_a_secret_of_its_own_in_a_file(name: str) -> None:
    assert f"[{{path: .run/secrets/{name}.env, required: false}}]" in (TREE / "compose.yaml").read_text()
