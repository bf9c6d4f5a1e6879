"""`console`: served in a process of its own, beside a daemon or before there is one."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.conftest import REPOSITORY

PATIENCE = 20.0
STOP_WITHIN = 5.0


def test_the_console_alone_serves_the_sign_in_page_and_stops_when_it_is_told(
    registered: Path,
) -> None:
    """It warns that the daemon would serve it, too, and is gone at once."""
    with (registered / "console.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "telecared", "console"],
            cwd=registered,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=log,
            stderr=log,
        )
    try:
        page = httpx.get(f"http://127.0.0.1:{_port(registered / 'console.log')}/", timeout=PATIENCE)
        process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - began < STOP_WITHIN
    finally:
        process.kill()
        process.wait()
    assert page.headers["location"].startswith("/sign-in")
    assert "with_daemon: false" in (registered / "console.log").read_text(encoding="utf-8")


def _port(log: Path) -> int:
    """The port of which the log tells."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        for line in log.read_text(encoding="utf-8").splitlines():
            if '"console.ready"' in line:
                return int(json.loads(line)["port"])
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))
