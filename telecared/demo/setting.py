"""The demo's own deployment: its folder, files, broker and homes, before anything plays.

The files are those that a user writes, so that every other command works on the demo's folder.
"""

import shutil
from pathlib import Path
from typing import Final

import msgspec

from telecared.adapters.entropy import salt
from telecared.adapters.sqlite import SqliteStore
from telecared.config.deployment import Deployment, load_deployment
from telecared.config.homes import Surroundings, load_homes
from telecared.config.load import LoadedPlan, load_plan
from telecared.core.plan import HomeRecord
from telecared.core.vocabulary import SECOND, Instant
from telecared.errors import ConfigError
from telecared.orders import ImportOrder
from telecared.sim.broker import (
    Broker,
    BrokerError,
    IotcoreBroker,
    MosquittoBroker,
    find_mosquitto,
)
from telecared.sim.street import CENTRE_NAME, CENTRE_NUMBER, OUR_NUMBER, ZONE
from telecared.store_port import CommandRow

ACCOUNT_SID: Final = "AC" + "0" * 32

ROUND_TRIP_SECONDS: Final = 1.0
"""Real time that a message to a fake phone and its receipt may take on a busy machine."""

_DEPLOYMENT: Final = """\
# Written by `telecared demo`. Other commands work on it while the demo runs:
#   telecared alerts -c {folder}/telecared.yaml
broker: {{url: "mqtt://127.0.0.1:{broker_port}", protocol: "{protocol}"}}
store: {{url: "sqlite:telecared.db"}}
sms:
  - provider: twilio
    account_sid: {account_sid}
    from: "{our_number}"
    auth_token: {{file: token}}
    base_url: "{base_url}"
webhooks: {{listen: "127.0.0.1:{webhook_port}", public_url: "http://127.0.0.1:{webhook_port}"}}
monitoring_centre: {{name: {centre_name}, sms: "{centre_number}"}}
site: {{timezone: {zone}}}
console: {console}
"""

_WITH_CONSOLE: Final = """\
{{listen: "127.0.0.1:{port}", public_url: "http://127.0.0.1:{port}"}}
voice:
  - provider: twilio
    account_sid: {account_sid}
    from: "{our_number}"
    auth_token: {{file: token}}
    base_url: "{base_url}"
"""
"""Links in texts lead to the console, and people are called too: somebody is there to answer."""

_NO_CONSOLE: Final = "{with_daemon: false}"


def choose_broker(folder: Path) -> Broker:
    """Return mosquitto when it is on PATH, else iotcore, else mosquitto where Debian hides it.

    Raises:
        BrokerError: there is neither.
    """
    if shutil.which("mosquitto") is not None:
        return MosquittoBroker(folder)
    try:
        return IotcoreBroker()
    except BrokerError:
        if find_mosquitto() is None:
            raise
        return MosquittoBroker(folder)


def prepare_folder(folder: Path) -> None:
    """Make the folder that keeps a demo.

    Raises:
        ConfigError: something stands in it already: a store is never mixed with another's.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConfigError([f"--keep {folder}: the folder is not empty; name a new one"])
    except OSError as error:
        problem = f"--keep {folder}: {error.strerror}; name a folder that can be written"
        raise ConfigError([problem]) from None


def write_deployment(
    folder: Path,
    *,
    broker: Broker,
    webhook_port: int,
    base_url: str,
    token: str,
    console_port: int | None,
) -> Deployment:
    """Write telecared.yaml and the provider's token, and read them as any user's."""
    console = _NO_CONSOLE
    if console_port is not None:
        console = _WITH_CONSOLE.format(
            port=console_port,
            account_sid=ACCOUNT_SID,
            our_number=OUR_NUMBER,
            base_url=base_url,
        )
    secret = folder / "token"
    secret.touch(mode=0o600)
    secret.write_text(token, encoding="utf-8")
    path = folder / "telecared.yaml"
    path.write_text(
        _DEPLOYMENT.format(
            folder=folder,
            broker_port=broker.port,
            # iotcore hangs up on MQTT 5, and the second try would be minutes later in the street.
            protocol="auto" if broker.durable else "3.1.1",
            webhook_port=webhook_port,
            base_url=base_url,
            account_sid=ACCOUNT_SID,
            our_number=OUR_NUMBER,
            centre_name=CENTRE_NAME,
            centre_number=CENTRE_NUMBER,
            zone=ZONE,
            console=console,
        ),
        encoding="utf-8",
    )
    return load_deployment(path)


def load_patient_plan(deployment: Deployment, speed: float) -> LoadedPlan:
    """Return the plan that ships, with receipts given the time that they really take.

    A provider's round trip takes its milliseconds at any speed. At 600 times the speed of life the
    60 s of the policies are over in a tenth of a second, and would fail messages that are well on
    their way. Up to 60 times nothing is changed.
    """
    loaded = load_plan(deployment)
    least = int(ROUND_TRIP_SECONDS * speed * SECOND)
    policies = tuple(
        msgspec.structs.replace(policy, receipt=max(policy.receipt, least))
        for policy in loaded.plan.policies
    )
    plan = msgspec.structs.replace(loaded.plan, policies=policies)
    return msgspec.structs.replace(loaded, plan=plan)


def read_street(folder: Path, text: str, loaded: LoadedPlan) -> tuple[HomeRecord, ...]:
    """Write homes.yaml and read it as any user's."""
    path = folder / "homes.yaml"
    path.write_text(text, encoding="utf-8")
    around = Surroundings(
        sources=loaded.sources,
        profiles=loaded.profiles.keys(),
        policies=loaded.plan.policy_names,
        timezone=ZONE,
    )
    return load_homes(path, around).homes


async def import_homes(path: Path, homes: tuple[HomeRecord, ...], at: Instant) -> None:
    """Leave an import for the engine, which carries it out when it starts."""
    store = SqliteStore(path, salt=salt)
    try:
        await store.load()
        await store.add_command(
            CommandRow(
                id=0,
                kind="import",
                by="telecared demo",
                via="demo",
                given_at=at,
                body=msgspec.json.encode(ImportOrder(homes=homes)),
            )
        )
    finally:
        await store.close()
