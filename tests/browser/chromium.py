"""The machine's own Chromium, driven by Playwright."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

MISSING = "no chromium on PATH; on Debian: apt-get install chromium"
# Takes the place of Playwright's own list, since the last one counts. The last two are pages in the address bar of each
# window, which nobody sees here, and half of the work.
FEATURES = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
)
QUIETLY = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    f"--disable-features={','.join(FEATURES)}",
)
BACK_FORWARD_CACHE_OFF = "--disable-back-forward-cache"  # among Playwright's own: it cannot follow what comes out of it


def find() -> str | None:
    """Return the program, or None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def launch(playwright: Playwright, program: str, *, back_forward_cache: bool = False) -> Browser:
    """Start one without a window, and with no way out of this machine."""
    return playwright.chromium.launch(
        executable_path=program,
        args=QUIETLY,
        chromium_sandbox=False,  # it does not run as root, and CI is root
        ignore_default_args=[BACK_FORWARD_CACHE_OFF] if back_forward_cache else None,
    )
