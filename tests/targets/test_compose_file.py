"""compose.yaml and the manifests say the same, and every service is hardened."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from targets import manifest
from targets.database import REDIS_OFFSET

TREE = Path(__file__).parents[2]
TARGETS = {target.name: target for target in manifest.find(TREE)}
SERVERS = ("redis", "postgres")
GALLERY = "gallery"
MEMORY_MB = {"postgres": 256}  # 128 for the others
SCHEMES = {"redis": "redis", "postgres": "postgresql", "sqlite": "sqlite", "cookie": "cookie"}

pytestmark = pytest.mark.usefixtures("engine")


def on(store: str) -> list[str]:
    return [name for name, target in TARGETS.items() if target.store == store]


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    command = ["docker", "compose", "--file", str(TREE / "compose.yaml"), "config", "--format", "json"]
    shown = subprocess.run(command, capture_output=True, check=True, env=os.environ | {"STORE_PASSWORD": "not-telling"})
    found: dict[str, Any] = json.loads(shown.stdout)
    return found


@pytest.fixture(scope="module")
def services(config: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = config["services"]
    return found


def test_every_target_has_a_service_and_every_other_service_is_a_store_or_the_gallery(services: dict[str, Any]) -> None:
    assert set(services) == {*SERVERS, *TARGETS, GALLERY}


def test_every_service_has_the_edition_and_the_store_of_its_target(services: dict[str, Any]) -> None:
    settings = {name: services[name]["environment"] for name in TARGETS}
    assert {name: each["EDITION"] for name, each in settings.items()} == {n: t.edition for n, t in TARGETS.items()}
    assert {name: each["STORE_URL"].partition(":")[0] for name, each in settings.items()} == {
        name: SCHEMES[target.store] for name, target in TARGETS.items()
    }


def test_cookie_names_and_databases_are_used_once(services: dict[str, Any]) -> None:
    settings = [services[name]["environment"] for name in TARGETS]
    cookies = [each["SESSION_COOKIE_NAME"] for each in settings]
    databases = [each["STORE_URL"] for each in settings if each["STORE_URL"].startswith(("redis:", "postgresql:"))]
    assert len(cookies) == len(set(cookies))
    assert len(databases) == len(set(databases))


def test_redis_has_a_database_for_the_checks_of_every_target_on_it(services: dict[str, Any]) -> None:
    numbers = [int(services[name]["environment"]["STORE_URL"].rpartition("/")[2]) for name in on("redis")]
    command = services["redis"]["command"]
    assert max(numbers) < REDIS_OFFSET
    assert int(command[command.index("--databases") + 1]) > REDIS_OFFSET + max(numbers)


def test_postgres_makes_the_database_of_every_target_on_it(services: dict[str, Any]) -> None:
    urls = {name: services[name]["environment"]["STORE_URL"] for name in on("postgres")}
    assert urls == {name: f"postgresql://app:not-telling@postgres:5432/{name}" for name in urls}
    assert set(services["postgres"]["environment"]["DATABASES"].split()) == set(urls)


def test_every_target_on_sqlite_has_a_volume_of_its_own(config: dict[str, Any]) -> None:
    for name in TARGETS:
        volumes = {each["source"]: each["target"] for each in config["services"][name].get("volumes", [])}
        assert volumes == ({f"{name}-data": "/data"} if name in on("sqlite") else {})
        if volumes:
            assert config["services"][name]["environment"]["STORE_URL"] == "sqlite:////data/sessions.db"


def test_volumes_and_networks_are_labelled_so_that_what_a_killed_run_left_is_found(config: dict[str, Any]) -> None:
    labels = {"com.same-session.checkout", "com.same-session.pid", "com.same-session.since"}
    for each in [*config["volumes"].values(), *config["networks"].values()]:
        assert set(each["labels"]) == labels


@pytest.mark.parametrize("name", TARGETS)
def test_every_service_is_built_from_its_implementation(services: dict[str, Any], name: str) -> None:
    assert Path(services[name]["build"]["context"]) == TARGETS[name].folder
    assert services[name]["image"].endswith(f"/{TARGETS[name].implementation}")


@pytest.mark.parametrize("name", [*SERVERS, *TARGETS, GALLERY])
def test_every_service_is_hardened(services: dict[str, Any], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges"]
    assert int(service["mem_limit"]) == MEMORY_MB.get(name, 128) << 20
    assert service["cpus"] == 1
    assert service["pids_limit"]
    assert service["healthcheck"]["test"]
    assert service["user"].partition(":")[0] not in {"", "0", "root"}
    assert {"com.same-session.checkout", "com.same-session.pid", "com.same-session.since"} == set(service["labels"])


@pytest.mark.parametrize("name", TARGETS)
def test_apps_are_published_on_this_machine_alone_at_any_free_port(services: dict[str, Any], name: str) -> None:
    (port,) = services[name]["ports"]
    assert (port["host_ip"], port["target"], port.get("published")) == ("127.0.0.1", 8000, None)


@pytest.mark.parametrize("server", SERVERS)
def test_only_targets_on_a_server_reach_it(services: dict[str, Any], server: str) -> None:
    assert {name for name in TARGETS if server in services[name].get("depends_on", {})} == set(on(server))
    assert "ports" not in services[server]
    assert set(services[server]["networks"]) == {"store"}


@pytest.mark.parametrize("name", TARGETS)
def test_only_targets_that_need_a_server_are_in_its_network(services: dict[str, Any], name: str) -> None:
    assert set(services[name]["networks"]) == ({"front", "store"} if TARGETS[name].store in SERVERS else {"front"})


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_has_a_secret_of_its_own_in_a_file(name: str) -> None:
    assert f"[{{path: .run/secrets/{name}.env, required: false}}]" in (TREE / "compose.yaml").read_text()


def test_no_password_is_written_down() -> None:
    given = re.findall(r"(?:postgresql://app:|STORE_PASSWORD: )([^@\n]+)", (TREE / "compose.yaml").read_text())
    assert set(given) == {"${STORE_PASSWORD:-}"}


def test_the_gallery_is_published_on_this_machine_alone_and_only_reads_what_it_is_given(
    services: dict[str, Any],
) -> None:
    gallery = services[GALLERY]
    (port,) = gallery["ports"]
    assert (port["host_ip"], port["target"], port["published"]) == ("127.0.0.1", 8000, "8000")
    assert set(gallery["networks"]) == {"front"}
    assert "depends_on" not in gallery
    mounts = {Path(each["source"]): (each["target"], each["read_only"]) for each in gallery["volumes"]}
    assert mounts == {TREE / ".run/gallery": ("/listing", True), TREE / ".run/report": ("/report", True)}
    assert Path(gallery["build"]["context"]) == TREE / "gallery"
    assert not any("SECRET" in name or "PASSWORD" in name for name in gallery["environment"])


def test_nothing_but_make_up_starts_the_gallery(services: dict[str, Any]) -> None:
    assert not any(GALLERY in service.get("depends_on", {}) for service in services.values())
