"""Programs that refuse to run as root (PostgreSQL): the user that they run as instead, and folders that it owns."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from targets.running import CannotStart

USERS = ("postgres", "nobody")  # the first that this machine has
PREFIX = "same-session-"


class Identity(TypedDict, total=False):
    """What `subprocess.Popen` takes to run a program as another user."""

    user: int
    group: int
    extra_groups: list[int]


def user() -> pwd.struct_passwd | None:
    """Return the user to run as where we are root, else None; raises `CannotStart` where root is alone."""
    if os.geteuid() != 0:
        return None
    for name in USERS:
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise CannotStart(f"root may not run this, and there is no user called {' or '.join(USERS)}")


def identity(other: pwd.struct_passwd | None) -> Identity:
    """Return what makes a program run as another user, and as no one else's group."""
    return Identity(user=other.pw_uid, group=other.pw_gid, extra_groups=[]) if other else Identity()


def folder(path: Path, owner: pwd.struct_passwd | None) -> None:
    """Make a folder; of another user, as a link to where that user can get: this checkout may be root's alone."""
    if not owner:
        path.mkdir(0o700)
        return
    elsewhere = tempfile.mkdtemp(prefix=PREFIX)
    path.symlink_to(elsewhere)
    os.chown(elsewhere, owner.pw_uid, owner.pw_gid)


def remove(path: Path) -> None:
    """Remove a folder, if it is there, and those of other users that it has links to."""
    for link in [path, *path.rglob("*")]:
        if link.is_symlink():
            elsewhere = link.readlink()
            if elsewhere.parent == Path(tempfile.gettempdir()) and elsewhere.name.startswith(PREFIX):
                shutil.rmtree(elsewhere, ignore_errors=True)
            link.unlink()
    shutil.rmtree(path, ignore_errors=True)


def reaches(path: Path) -> bool:
    """Tell whether any user can get to a folder."""
    return all(each.stat().st_mode & stat.S_IXOTH for each in [path, *path.parents])
