from __future__ import annotations

from pathlib import Path

import pytest

from targets import manifest
from targets.manifest import Deviation, ManifestError, SelectionError
from tests.targets import miniatures


def changed(root: Path, before: str, after: str) -> str:
    """Return what is said of a manifest in which `before` was replaced."""
    path = miniatures.add(root, "mini") / "implementation.toml"
    content = path.read_text()
    assert before in content
    path.write_text(content.replace(before, after))
    with pytest.raises(ManifestError) as error:
        manifest.find(root)
    return str(error.value)


def test_a_manifest_becomes_targets(tmp_path: Path) -> None:
    folder = miniatures.add(tmp_path, "mini", mini_redis="redis", mini_cookie="cookie")
    redis, cookie = manifest.find(tmp_path)
    assert (redis.name, redis.store, redis.edition, redis.implementation) == ("mini-redis", "redis", "hardened", "mini")
    assert (redis.folder, redis.manifest) == (folder, folder / "implementation.toml")
    assert (redis.environment, redis.command) == ("python", ("python", "app.py"))
    assert (cookie.name, cookie.absent, cookie.deviations) == ("mini-cookie", frozenset(), ())


def test_deviations_and_absent_capabilities_are_read(tmp_path: Path) -> None:
    path = miniatures.add(tmp_path, "mini") / "implementation.toml"
    deviation = '[[targets.deviations]]\nclause = "login.rotates-id"\nreason = "why"\nsource = "link"\n'
    path.write_text(path.read_text() + 'absent = ["revocation"]\n' + deviation)
    (target,) = manifest.find(tmp_path)
    assert target.absent == {"revocation"}
    assert target.deviations == (Deviation("login.rotates-id", "why", "link"),)


def test_implementations_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "c", "a"):
        miniatures.add(tmp_path, name)
    assert [target.name for target in manifest.find(tmp_path)] == ["a", "b", "c"]


def test_an_unknown_key_is_named_with_the_keys_that_there_are(tmp_path: Path) -> None:
    said = changed(tmp_path, 'library = "none"', 'library = "none"\nlibary = "none"')
    assert said.startswith("impls/mini/implementation.toml: libary: ")
    assert "unknown field" in said
    assert "the keys here are name, framework, library" in said


def test_an_unknown_key_of_a_target_is_named_with_its_place(tmp_path: Path) -> None:
    said = changed(tmp_path, 'store = "cookie"', 'store = "cookie"\nstores = 1')
    assert said.startswith("impls/mini/implementation.toml: targets[0].stores: ")


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    said = changed(tmp_path, 'framework = "none"\n', "")
    assert said.startswith("impls/mini/implementation.toml: framework: ")
    assert "missing required field" in said


def test_a_bad_store_is_named_with_the_stores_that_there_are(tmp_path: Path) -> None:
    said = changed(tmp_path, 'store = "cookie"', 'store = "mongo"')
    assert said.startswith("impls/mini/implementation.toml: targets[0].store: ")
    assert "'mongo'" in said
    assert said.endswith("use one of cookie, redis, sqlite, postgres")


def test_a_value_of_the_wrong_type_is_named(tmp_path: Path) -> None:
    said = changed(tmp_path, 'framework = "none"', "framework = 1")
    assert said.startswith("impls/mini/implementation.toml: framework: ")
    assert "got `int`" in said


def test_a_deviation_without_a_reason_is_named(tmp_path: Path) -> None:
    said = changed(
        tmp_path, 'edition = "hardened"\n', 'edition = "stock"\ndeviations = [{clause = "a.b", source = "s"}]\n'
    )
    assert said.startswith("impls/mini/implementation.toml: targets[0].deviations[0].reason: ")


def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path) -> None:
    said = changed(tmp_path, 'framework = "none"', "framework = none")
    assert said.startswith("impls/mini/implementation.toml: not TOML: ")
    assert "line 2" in said


def test_a_manifest_without_targets_is_wrong(tmp_path: Path) -> None:
    path = miniatures.add(tmp_path, "mini") / "implementation.toml"
    path.write_text(path.read_text().partition("[[targets]]")[0] + "targets = []\n")
    with pytest.raises(ManifestError, match=r"implementation\.toml: targets: "):
        manifest.find(tmp_path)


def test_an_implementation_has_the_name_of_its_folder(tmp_path: Path) -> None:
    said = changed(tmp_path, 'name = "mini"\nframework', 'name = "maxi"\nframework')
    assert said == "impls/mini/implementation.toml: name: 'maxi' is not the name of the folder; call both 'mini'"


def test_a_target_name_is_used_once(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "a", same="cookie")
    miniatures.add(tmp_path, "b", same="cookie")
    with pytest.raises(
        ManifestError, match=r"impls/b/implementation.toml: name: 'same' is already a target of impls/a/"
    ):
        manifest.find(tmp_path)


@pytest.mark.parametrize(
    ("patterns", "names"),
    [
        ("", ["a-cookie", "a-redis", "b-redis"]),
        ("*-redis", ["a-redis", "b-redis"]),
        ("b-*,a-cookie", ["a-cookie", "b-redis"]),
        ("a-redis a-*", ["a-cookie", "a-redis"]),
    ],
)
def test_patterns_select_targets_in_their_order(tmp_path: Path, patterns: str, names: list[str]) -> None:
    miniatures.add(tmp_path, "a", a_cookie="cookie", a_redis="redis")
    miniatures.add(tmp_path, "b", b_redis="redis")
    assert [target.name for target in manifest.select(manifest.find(tmp_path), patterns)] == names


def test_a_pattern_that_matches_nothing_is_an_error_naming_the_targets(tmp_path: Path) -> None:
    miniatures.add(tmp_path, "a", a_cookie="cookie", a_redis="redis")
    with pytest.raises(SelectionError) as error:
        manifest.select(manifest.find(tmp_path), "a-*,django-*")
    assert str(error.value) == "'django-*' matches no target; there are: a-cookie, a-redis"


def test_selecting_where_there_is_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match=r"there are: none"):
        manifest.select(manifest.find(tmp_path), "")


def test_the_manifests_of_this_tree_are_good() -> None:
    assert manifest.find(Path(__file__).parents[2])
