"""What is handed over works where it arrives: the wheel, the systemd units, the build's own files.

The units are checked by systemd's own tools, the wheel is built by the real build tool, offline.
"""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

from telecared import __version__
from telecared.config import shipped
from telecared.errors import ConfigError
from tests.conftest import REPOSITORY

SYSTEMD = REPOSITORY / "systemd"
EXPOSURE_MAX = "15"
"""Ten times the exposure that `systemd-analyze security` may find."""


def run(*command: str, cwd: Path = REPOSITORY) -> subprocess.CompletedProcess[str]:
    """Run a tool and keep what it says, stdout and stderr together."""
    return subprocess.run(
        command, cwd=cwd, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


@pytest.fixture(scope="module")
def analyze() -> str:
    """The tool that reads units as systemd does."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is missing: apt-get install systemd")
    return tool


@pytest.fixture(params=["telecared.service", "telecared-console.service"])
def installed_unit(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A service as shipped, but for the one thing that needs an installation: its program."""
    name: str = request.param
    text = (SYSTEMD / name).read_text(encoding="utf-8")
    assert text.count("/usr/bin/telecared ") == 1
    unit = tmp_path / name
    unit.write_text(text.replace("/usr/bin/telecared ", f"{sys.executable} "), encoding="utf-8")
    return unit


def test_systemd_understands_every_line_of_the_unit(analyze: str, installed_unit: Path) -> None:
    """An unknown key is only a warning with exit 0, so nothing at all may be said."""
    result = run(analyze, "verify", "--man=no", str(installed_unit))

    assert result.stdout == ""
    assert result.returncode == 0


def test_a_misspelt_key_would_be_noticed(analyze: str, installed_unit: Path) -> None:
    """The test above can fail: systemd does complain about what it does not know."""
    text = installed_unit.read_text(encoding="utf-8")
    installed_unit.write_text(text.replace("RestartSec=", "RestartSecs="), encoding="utf-8")

    result = run(analyze, "verify", "--man=no", str(installed_unit))

    assert "RestartSecs" in result.stdout


def test_the_service_may_touch_little(analyze: str, installed_unit: Path) -> None:
    """The exposure that systemd finds stays low, so that a broken-in daemon can do little."""
    result = run(
        analyze, "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", str(installed_unit)
    )

    assert result.returncode == 0, result.stdout


def test_the_unit_restarts_whatever_stops_it_and_feeds_a_watchdog() -> None:
    """The lines on which promise P8 rests are there, and nobody edits them away unseen."""
    lines = (SYSTEMD / "telecared.service").read_text(encoding="utf-8").splitlines()

    for line in (
        "Type=notify",
        "NotifyAccess=main",
        "WatchdogSec=30",
        "Restart=always",
        "RestartSec=2",
        "StartLimitIntervalSec=0",
        "UMask=0007",
        "User=telecared",
    ):
        assert line in lines


def test_the_account_of_the_daemon_can_be_made() -> None:
    """The sysusers file is one that systemd reads without complaint."""
    tool = shutil.which("systemd-sysusers")
    if tool is None:
        pytest.skip("systemd-sysusers is missing: apt-get install systemd")

    result = run(tool, "--dry-run", str(SYSTEMD / "telecared.sysusers.conf"))

    assert result.returncode == 0, result.stdout
    assert "ignoring" not in result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the build tool that pyproject.toml names, without the network."""
    target = tmp_path_factory.mktemp("wheel")
    result = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target))
    assert result.returncode == 0, result.stdout
    (built,) = target.glob("*.whl")
    return built


def test_the_wheel_carries_every_profile_rule_and_schema(wheel: Path) -> None:
    """Who installs the wheel has the same devices and rules as who works in the checkout.

    The first line of each names its schema by a relative path, which is right in the wheel too.
    """
    with ZipFile(wheel) as archive:
        inside = set(archive.namelist())

    for name, ending in (("devices", "yaml"), ("rules", "yaml"), ("schemas", "json")):
        expected = {
            f"telecared/data/{path.relative_to(REPOSITORY).as_posix()}"
            for path in (REPOSITORY / name).rglob(f"*.{ending}")
        }
        assert expected, f"{name}/ holds no file"
        assert expected <= inside


def test_an_installed_wheel_finds_its_profiles_and_rules(wheel: Path, tmp_path: Path) -> None:
    """Away from any checkout, the folders are found inside the package."""
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = (
        "from telecared.config import shipped\n"
        "print(shipped.devices_folder())\nprint(shipped.rules_folder())"
    )

    result = run(sys.executable, "-c", program, cwd=tmp_path)

    inside = tmp_path.resolve() / "telecared" / "data"
    assert result.stdout.splitlines() == [str(inside / "devices"), str(inside / "rules")]


def test_a_checkout_uses_its_own_profiles_and_rules() -> None:
    """An edited profile takes effect without installing anything again."""
    assert shipped.devices_folder() == REPOSITORY / "devices"
    assert shipped.rules_folder() == REPOSITORY / "rules"


def test_an_incomplete_installation_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing folders are told with their place and a remedy, not with a traceback."""
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path / "telecared")

    with pytest.raises(ConfigError, match="install telecared again"):
        shipped.rules_folder()


def test_the_wheel_has_the_program_and_the_version(wheel: Path) -> None:
    """`telecared` is on the path after installing, and says the version of the package."""
    with ZipFile(wheel) as archive:
        (entry_points,) = (n for n in archive.namelist() if n.endswith("/entry_points.txt"))
        text = archive.read(entry_points).decode()

    assert "telecared = telecared.cli.main:main" in text
    assert wheel.name.startswith(f"telecared-{__version__}-")


def test_continuous_integration_does_what_a_developer_does() -> None:
    """`.ci/run` goes to the top of the checkout and calls `make test`, nothing of its own."""
    script = REPOSITORY / ".ci" / "run"
    lines = script.read_text(encoding="utf-8").splitlines()

    said = [line for line in lines if line and not line.startswith("#")]
    assert said == [
        "set -euo pipefail",
        'cd "$(dirname "${BASH_SOURCE[0]}")/.."',
        "exec make test",
    ]
    assert script.stat().st_mode & 0o111


def test_constraints_name_versions_and_no_address() -> None:
    """Anybody's package index will do: each line is a name and one exact version."""
    lines = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()

    for line in lines:
        if not line.startswith("#"):
            assert re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line), line
    assert not [line for line in lines if re.search(r"://|file:| @ |--", line)]


def test_every_direct_dependency_is_pinned_by_the_constraints() -> None:
    """What the tests ran with is what the next installation gets."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = {
        line.split("==")[0]
        for line in (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()
    }
    wanted = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        wanted += extra

    names = {re.split(r"[<>=~! \[]", line)[0].lower().replace(".", "-") for line in wanted}

    assert names <= pinned
