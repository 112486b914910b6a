from __future__ import annotations

import json
import subprocess
import sys

from tests.running import ROOT


def test_the_checks_of_one_target_run_in_one_worker() -> None:
    command = [sys.executable, "-m", "tests.conformance.workers"]
    workers = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    assert {target: len(each) for target, each in workers.items()} == {"one": 1, "two": 1, "three": 1}
