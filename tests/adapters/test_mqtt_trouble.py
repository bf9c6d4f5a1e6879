"""What would leave the MQTT subscriber deaf: a packet it cannot read, a filter asked for early.

And a connect that hangs when the daemon is to stop. Over paho-mqtt and a real broker.
"""

import asyncio
import socket
import time
from contextlib import ExitStack

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from telecared.adapters.mqtt import PahoSubscriber
from telecared.adapters.mqtt.wire import ANSWER_SECONDS
from telecared.adapters.mqtt_publish import MqttPublisher
from telecared.sim.broker import MosquittoBroker
from tests.adapters.mqtt_parts import RecordingInbox, running, to, until


def test_a_stop_does_not_wait_for_a_connect_that_hangs() -> None:
    """With the broker's host gone, or a name server mute, the process ends all the same."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as mute, ExitStack() as crowd:
        for _ in range(3):  # what does not fit into its backlog is left without any answer
            one = crowd.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(mute.getsockname())

        async def story() -> None:
            settings = to(mute.getsockname()[1], "hanging")
            async with running(PahoSubscriber(settings, RecordingInbox())):
                await asyncio.sleep(0.1)

        began = time.monotonic()
        asyncio.run(story())
        assert time.monotonic() - began < ANSWER_SECONDS / 2


async def test_a_message_that_cannot_be_read_as_mqtt_5_stops_none_behind_it(
    mosquitto: MosquittoBroker,
) -> None:
    """P7: what a sender puts beside its payload must not come again and again for ever."""
    inbox = RecordingInbox()
    subscriber = PahoSubscriber(to(mosquitto.port, "reader"), inbox, filters=["read/#"])
    inbox.acknowledge_with = subscriber
    async with running(subscriber):
        await until(lambda: inbox.drained(1))
        await asyncio.to_thread(_publish_with_a_byte_order_mark, mosquitto.port)
        await until(lambda: len({each.payload for each in inbox.messages}) == 3)
    assert "cannot be read as MQTT 5" in inbox.disconnected[0].reason
    assert [(each.session_present, each.protocol) for each in inbox.connected] == [
        (False, 5),
        (True, 4),
    ]


def _publish_with_a_byte_order_mark(port: int) -> None:
    """Publish three messages; the second has a user property that paho refuses to read."""
    client = Client(CallbackAPIVersion.VERSION2, protocol=MQTTProtocolVersion.MQTTv5)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for payload in (b"before", b"with", b"behind"):
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if payload == b"with":
            properties.UserProperty = ("unit", "\ufeffhall")
        client.publish("read/x", payload, qos=1, properties=properties).wait_for_publish(5)
    client.disconnect()
    client.loop_stop()


async def test_filters_that_are_asked_for_while_connecting_are_subscribed(
    mosquitto: MosquittoBroker,
) -> None:
    """A scheme that is imported while the link comes up is heard, not forgotten until the next."""
    inbox = RecordingInbox()
    subscriber = PahoSubscriber(to(mosquitto.port, "early"), inbox, filters=["early/a/#"])
    async with running(subscriber):
        await asyncio.sleep(0)
        subscriber.subscribe_to(["early/b/#"])
        await until(lambda: inbox.drained(1))
        async with MqttPublisher(to(mosquitto.port, "early-device")) as publisher:
            await publisher.publish("early/a/x", b"")
            await publisher.publish("early/b/x", b"")
        await until(lambda: inbox.messages)
    assert [each.topic for each in inbox.messages] == ["early/b/x"]
