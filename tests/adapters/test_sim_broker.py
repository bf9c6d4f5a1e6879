"""The broker of the demo: mosquitto or iotcore, on this machine only, found again on its port."""

from pathlib import Path

import pytest

from telecared.adapters.mqtt import PahoSubscriber
from telecared.adapters.mqtt_publish import MqttPublisher
from telecared.sim import broker as brokers
from tests.adapters.mqtt_parts import RecordingInbox, running, to, until


async def test_mosquitto_keeps_sessions_over_a_restart_on_the_same_port(
    own_mosquitto: brokers.MosquittoBroker,
) -> None:
    """What it had queued for a sleeping daemon is there after a restart."""
    own_mosquitto.start()
    settings, before, inbox = to(own_mosquitto.port, "kept"), RecordingInbox(), RecordingInbox()
    async with running(PahoSubscriber(settings, before, filters=["kept/#"])):
        await until(lambda: before.drained(1))
    async with MqttPublisher(settings) as publisher:
        await publisher.publish("kept/x", b"1")
    own_mosquitto.restart()
    async with running(PahoSubscriber(settings, inbox, filters=["kept/#"])):
        await until(lambda: inbox.messages)
    assert inbox.connected[0].session_present
    assert own_mosquitto.durable


def test_a_broker_that_cannot_start_says_where_to_look(tmp_path: Path) -> None:
    """A bad line in its configuration ends in a sentence that names the log."""
    if brokers.find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    broken = brokers.MosquittoBroker(tmp_path, extra_config="no_such_word true")
    with pytest.raises(brokers.BrokerError, match=r"mosquitto\.log"):
        broken.start()


async def test_without_mosquitto_the_demo_finds_the_one_that_pip_brings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not durable and says so; the daemon speaks 3.1.1 to it."""
    pytest.importorskip("iotcore", reason="the extra `demo` is not installed")
    monkeypatch.setattr(brokers, "find_mosquitto", lambda: None)
    broker = brokers.find_broker(tmp_path)
    assert not broker.durable
    inbox = RecordingInbox()
    broker.start()
    try:
        settings = to(broker.port, "street")
        subscriber = PahoSubscriber(settings, inbox, filters=["street/#"])
        inbox.acknowledge_with = subscriber
        async with running(subscriber):
            await until(
                lambda: inbox.drained(inbox.connected[-1].connection if inbox.connected else 0)
            )
            async with MqttPublisher(settings) as publisher:
                for number in range(100):
                    await publisher.publish("street/n", str(number).encode())
            await until(lambda: len(inbox.messages) == 100)
    finally:
        broker.stop()
    assert inbox.connected[-1].protocol == 4
    assert [int(each.payload) for each in inbox.messages] == list(range(100))
