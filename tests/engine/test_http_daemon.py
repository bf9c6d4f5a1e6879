"""A message by a provider over plain HTTP through the whole daemon: receipt and reply come back."""

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest

from telecared.adapters.mqtt_publish import MqttPublisher
from telecared.adapters.sqlite import SqliteReader
from telecared.adapters.system_clock import EngineClock
from telecared.app import Daemon
from telecared.config.deployment import load_deployment
from telecared.config.load import load_plan
from telecared.core.vocabulary import AlertState, NotificationState
from telecared.reader_port import AlertFilter
from telecared.shard import Shard
from telecared.sim.broker import MosquittoBroker, find_mosquitto, free_port
from tests.adapters.http_box import HttpBox
from tests.adapters.mqtt_parts import to
from tests.adapters.provider import BEN
from tests.engine.scenery import home
from tests.engine.test_voice_daemon import _import

DEPLOYMENT = """
broker: {{url: "mqtt://127.0.0.1:{broker}"}}
rules: [rules.yaml]
sms:
  - provider: http
    name: modem
    url: "{box}/send"
    body: {{to: "{{to}}", text: "{{text}}"}}
    id_field: id
    callback:
      secret: {{file: secret}}
      delivered: [DELIVRD]
      inbound: {{from_field: msisdn}}
webhooks: {{listen: "127.0.0.1:{port}"}}
"""

RULES = """
rules:
  pendant-pressed:
    when: {property: trigger, is: pressed}
    priority: life_safety
policies:
  family-then-centre:
    steps:
      - {notify: carers, by: [sms], wait: 2m}
      - {notify: monitoring_centre}
"""
SECRET = "a-made-up-secret-level"


async def test_ben_is_told_by_a_modem_and_his_reply_takes_the_alert(tmp_path: Path) -> None:
    """P5: a provider that reports by itself, without any public address of Twilio's kind."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "rules.yaml").write_text(RULES)
    port = free_port()
    with MosquittoBroker(tmp_path / "mosquitto", persistence=False) as broker:
        async with HttpBox().running() as box:
            told = DEPLOYMENT.format(broker=broker.port, box=box.url, port=port)
            (tmp_path / "telecared.yaml").write_text(told)
            await _live(tmp_path, broker.port, port, box)
    reader = SqliteReader(tmp_path / "telecared.db")
    [alert] = reader.alerts(AlertFilter(limit=10))
    assert (alert.state, alert.owner) == (AlertState.ACKNOWLEDGED, "Ben Hall")


async def _live(folder: Path, broker: int, port: int, box: HttpBox) -> None:
    """Run a daemon, press a pendant, report the receipt, answer, and stop."""
    deployment = load_deployment(folder / "telecared.yaml")
    shards: list[Shard] = []
    loaded = load_plan(deployment)
    daemon = Daemon(deployment, loaded, clock_from=EngineClock, ready=shards.append)
    task = asyncio.create_task(daemon.run())
    record = home()
    try:
        async with asyncio.timeout(40), aiohttp.ClientSession() as session:
            while not (shards and shards[0].engine.homes.site.connected):
                await asyncio.sleep(0.02)
            shard = shards[0]
            await shard.store.add_command(_import(record, shard))
            while record.id not in shard.engine.homes.plans:
                await asyncio.sleep(0.02)
            async with MqttPublisher(to(broker, "unit")) as unit:
                topic = f"telecare/{record.scheme}/{record.id}/pendant"
                await unit.publish(topic, b'{"trigger":"pressed"}')
            while not box.sent:
                await asyncio.sleep(0.02)
            base = f"http://127.0.0.1:{port}/sms/modem/{SECRET}"
            report = {"id": "M1", "status": "DELIVRD"}
            async with session.post(base + "/status", data=report) as answer:
                assert answer.status == 204
            states = shard.engine.homes.states[record.id]
            assert states.alerts[1].told[0].state is NotificationState.DELIVERED
            found = re.search(r"\b\d{4}\b", str(box.sent[0].json["text"]))
            assert found is not None
            reply = {"id": "7", "msisdn": BEN.removeprefix("+"), "text": found[0]}
            async with session.get(base + "/inbound", params=reply) as answer:
                assert answer.status == 204
    finally:
        daemon.stop()
        await asyncio.wait({task}, timeout=10)
        task.cancel()
    await task
