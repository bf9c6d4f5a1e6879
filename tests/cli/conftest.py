"""A site in a folder of its own, and the command line called as a shell would, in this process."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
import structlog

from telecared.adapters.sqlite import back_up
from telecared.adapters.system_clock import EngineClock
from telecared.cli.main import main
from telecared.config.deployment import load_deployment
from telecared.ports import Arrival
from telecared.shard import open_shard
from tests.conftest import REPOSITORY

DEPLOYMENT = f"""
devices: [{REPOSITORY / "devices" / "native.yaml"}]
monitoring_centre: {{name: Riverside Centre, sms: "+447700900900"}}
console: {{listen: "127.0.0.1:0"}}
sms:
  - provider: twilio
    account_sid: AC00000000000000000000000000000000
    from: "+447700900000"
    auth_token: {{file: token}}
    base_url: "http://127.0.0.1:9"
"""

HOMES = """
homes:
  - id: larch-12
    scheme: northside
    address: 12 Larch Close
    resident: {name: Mrs Ada Hall}
    devices:
      - {id: pendant, kind: personal_trigger}
      - {id: watch, kind: fall_detector}
      - {id: hall, kind: activity_detector, location: hall}
    contacts:
      - {id: ben, name: Ben Hall, phone: "+447700900123", roles: [carer]}
    policy: family-then-centre
  - id: larch-14
    scheme: northside
    address: 14 Larch Close
    devices: [{id: pendant, kind: personal_trigger}]
    contacts: [{id: cara, name: Cara Singh, phone: "+447700900124", roles: [carer]}]
"""


class Said(NamedTuple):
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, object]]:
        """Every line of stdout, which must be JSON objects and nothing else."""
        return [msgspec.json.decode(line, type=dict[str, object]) for line in self.lines]

    @property
    def lines(self) -> list[str]:
        """The lines of stdout."""
        return self.out.splitlines()


Call = Callable[..., Said]
Hear = Callable[[str, bytes], None]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with telecared.yaml and homes.yaml, in which commands are given."""
    (tmp_path / "telecared.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    (tmp_path / "token").write_text("not-a-real-token\n", encoding="utf-8")
    (tmp_path / "homes.yaml").write_text(HOMES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Iterator[Call]:
    """Give a command and return its exit code and what it wrote."""

    def give(*arguments: str) -> Said:
        capsys.readouterr()
        code = main(arguments)
        return Said(code, *capsys.readouterr())

    yield give
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database into which the two homes have been imported by the command."""
    folder = tmp_path_factory.mktemp("imported")
    (folder / "telecared.yaml").write_text(DEPLOYMENT, encoding="utf-8")
    (folder / "homes.yaml").write_text(HOMES, encoding="utf-8")
    config = str(folder / "telecared.yaml")
    assert main(["import", str(folder / "homes.yaml"), "--by", "Ann Lee", "-c", config]) == 0
    return folder / "telecared.db"


@pytest.fixture
def registered(site: Path, imported: Path) -> Path:
    """The site with its two homes imported."""
    back_up(imported, site / "telecared.db")
    return site


@pytest.fixture
def hear(registered: Path) -> Hear:
    """Have the site's engine take one message, as if a broker had delivered it, and stop again."""

    def take(topic: str, payload: bytes) -> None:
        asyncio.run(_take(registered, topic, payload))

    return take


async def _take(site: Path, topic: str, payload: bytes) -> None:
    deployment = load_deployment(site / "telecared.yaml")
    message = Arrival(
        topic=topic,
        payload=payload,
        qos=1,
        retained=False,
        redelivered=False,
        packet_id=1,
        connection=1,
    )
    async with open_shard(deployment, clock_from=EngineClock) as shard:
        shard.engine.arrived([message])
        await shard.engine.turn()
