"""A call through the whole daemon: broker, rule, provider, listener, key, owner."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from telecared.adapters.mqtt_publish import MqttPublisher
from telecared.adapters.sqlite import SqliteReader
from telecared.adapters.system_clock import EngineClock
from telecared.app import Daemon
from telecared.config.deployment import load_deployment
from telecared.config.load import load_plan
from telecared.core.plan import HomeRecord
from telecared.core.vocabulary import AlertState, Channel
from telecared.orders import ImportOrder
from telecared.reader_port import AlertFilter
from telecared.serving import running
from telecared.shard import Shard
from telecared.sim.behaviour import Behaviour
from telecared.sim.broker import MosquittoBroker, find_mosquitto, free_port
from telecared.store_port import CommandRow
from tests.adapters.mqtt_parts import to
from tests.adapters.provider import ACCOUNT, BEN, OUR_NUMBER, PUBLIC_URL, fake_twilio
from tests.engine.scenery import home

DEPLOYMENT = """
broker: {{url: "mqtt://127.0.0.1:{broker}"}}
rules: [rules.yaml]
voice:
  - provider: twilio
    account_sid: {account}
    from: "{ours}"
    auth_token: {{file: token}}
    base_url: "{provider}"
webhooks: {{listen: "127.0.0.1:{port}", public_url: "{public}"}}
"""

RULES = """
rules:
  pendant-pressed:
    when: {property: trigger, is: pressed}
    priority: life_safety
policies:
  family-then-centre:
    steps:
      - {notify: carers, by: [voice], wait: 2m}
      - {notify: monitoring_centre}
"""


async def test_ben_is_called_and_takes_it_by_a_key(tmp_path: Path) -> None:
    """From the pendant to a named human, and each moment of the call is evidence."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    (tmp_path / "token").write_text("a-made-up-token")
    (tmp_path / "rules.yaml").write_text(RULES)
    port = free_port()
    fake = fake_twilio(reach={PUBLIC_URL: f"http://127.0.0.1:{port}"})
    fake.set_behaviour(BEN, Behaviour(answer="1", after=20_000_000))
    with MosquittoBroker(tmp_path / "mosquitto", persistence=False) as broker:
        async with running(fake):
            (tmp_path / "telecared.yaml").write_text(
                DEPLOYMENT.format(
                    broker=broker.port, account=ACCOUNT, ours=OUR_NUMBER, provider=fake.base_url,
                    port=port, public=PUBLIC_URL,
                )
            )  # fmt: skip
            await _live(tmp_path, broker.port, home())

    [alert] = SqliteReader(tmp_path / "telecared.db").alerts(AlertFilter(limit=10))
    assert (alert.state, alert.owner) == (AlertState.ACKNOWLEDGED, "Ben Hall")
    call = fake.calls.all[0]
    assert call.pressed == "1"
    assert call.heard[-1].startswith("Thank you.")
    for news in fake.calls.all[1:]:
        assert not any("Press 1" in said for said in news.heard), "news asks nothing"


async def _live(folder: Path, port: int, record: HomeRecord) -> None:
    """Run a daemon, register a home, press its pendant, and stop once the call is over."""
    deployment = load_deployment(folder / "telecared.yaml")
    shards: list[Shard] = []
    loaded = load_plan(deployment)
    assert loaded.plan.channels == (Channel.VOICE,)
    daemon = Daemon(deployment, loaded, clock_from=EngineClock, ready=shards.append)
    task = asyncio.create_task(daemon.run())
    try:
        async with asyncio.timeout(40):
            while not (shards and shards[0].engine.homes.site.connected):
                await asyncio.sleep(0.02)
            shard = shards[0]
            await shard.store.add_command(_import(record, shard))
            while record.id not in shard.engine.homes.plans:
                await asyncio.sleep(0.02)
            async with MqttPublisher(to(port, "unit")) as unit:
                topic = f"telecare/{record.scheme}/{record.id}/pendant"
                await unit.publish(topic, b'{"trigger":"pressed"}')
            while not _is_over(shard, record.id):
                await asyncio.sleep(0.02)
    finally:
        daemon.stop()
        await asyncio.wait({task}, timeout=10)
        task.cancel()
    await task


def _is_over(shard: Shard, home_id: str) -> bool:
    """Whether somebody has the alert and the provider has told how the call ended."""
    alerts = shard.engine.homes.states[home_id].alerts.values()
    return any(
        one.state is AlertState.ACKNOWLEDGED and one.told[0].state == "delivered" for one in alerts
    )


def _import(record: HomeRecord, shard: Shard) -> CommandRow:
    return CommandRow(
        id=0,
        kind="import",
        by="Test Operator",
        via="cli",
        given_at=shard.clock.now(),
        body=msgspec.json.encode(ImportOrder((record,))),
    )
