"""What every transport that claims to be a Subscriber must do, held against a real mosquitto.

A transport's own test module derives from `SubscriberContract` and says how it is made. Nothing
here knows a library.
"""

import asyncio
from collections.abc import Callable, Sequence

import aiomqtt
import pytest

from telecared.adapters.mqtt_publish import MqttPublisher
from telecared.ports import BrokerSettings, Connected, Drained, Inbox, Subscriber
from telecared.sim.broker import MosquittoBroker
from tests.adapters.mqtt_parts import Proxy, RecordingInbox, running, to, until


class SubscriberContract:
    """Stories that hold for every transport. `version` is the MQTT that mosquitto is spoken to."""

    version = 5

    def make(
        self,
        settings: BrokerSettings,
        inbox: Inbox,
        *,
        filters: Sequence[str] = (),
        drop: Sequence[str] = (),
        receive_maximum: Callable[[], int] = lambda: 100,
        report: Callable[[str], object] = lambda _: None,
    ) -> Subscriber:
        """Return the transport under test."""
        raise AssertionError("each transport names its own")

    @pytest.fixture
    def me(self, request: pytest.FixtureRequest) -> str:
        """A client id and first topic level that no other test uses."""
        return f"{type(self).__name__}-{request.node.name}"

    async def test_a_message_arrives_with_everything_the_wire_said(
        self, mosquitto: MosquittoBroker, me: str
    ) -> None:
        """Topic, payload, QoS and a packet id come through; the connection counts from 1."""
        inbox = RecordingInbox()
        settings = to(mosquitto.port, me)
        async with running(self.make(settings, inbox, filters=[f"{me}/#"])):
            await until(lambda: inbox.drained(1))
            async with MqttPublisher(settings) as publisher:
                await publisher.publish(f"{me}/pendant", b'{"trigger":"pressed"}', qos=1)
                await publisher.publish(f"{me}/raw", b"\x00\xff", qos=0)
            await until(lambda: len(inbox.messages) == 2)
        pressed, raw = inbox.messages
        assert (pressed.topic, pressed.payload) == (f"{me}/pendant", b'{"trigger":"pressed"}')
        assert (pressed.qos, pressed.retained, pressed.redelivered) == (1, False, False)
        assert pressed.packet_id > 0
        assert (raw.payload, raw.qos, raw.packet_id) == (b"\x00\xff", 0, 0)
        assert {pressed.connection, raw.connection} == {1}
        assert inbox.connected == [Connected(1, False, self.version)]

    async def test_what_was_not_acknowledged_is_handed_over_again_after_a_crash(
        self, mosquitto: MosquittoBroker, me: str
    ) -> None:
        """A broken link brings back exactly what was not acknowledged: same ids, DUP, order."""
        inbox = RecordingInbox()
        async with Proxy(mosquitto.port) as proxy:
            subscriber = self.make(to(proxy.port, me), inbox, filters=[f"{me}/#"])
            async with running(subscriber):
                await until(lambda: inbox.drained(1))
                async with MqttPublisher(to(mosquitto.port, me)) as publisher:
                    for number in range(10):
                        await publisher.publish(f"{me}/{number}", b"x")
                await until(lambda: len(inbox.messages) == 10)
                first = inbox.of_connection(1)
                proxy.cut()
                await until(lambda: len(inbox.of_connection(2)) == 10)
                again = inbox.of_connection(2)
                assert [each.topic for each in again] == [each.topic for each in first]
                assert [each.packet_id for each in again] == [each.packet_id for each in first]
                assert all(each.redelivered for each in again)
                subscriber.acknowledge(first)  # of a dead connection: passed over
                subscriber.acknowledge(again[:4])
                await self._everything_said(mosquitto, me, inbox)
                proxy.cut()
                await until(lambda: inbox.drained(3))
        assert [each.topic for each in inbox.of_connection(3)] == [
            *(f"{me}/{number}" for number in range(4, 10)),
            f"{me}/last",
        ]

    async def _everything_said(
        self, mosquitto: MosquittoBroker, me: str, inbox: RecordingInbox
    ) -> None:
        """Wait for one more message, so that earlier acknowledgements are at the broker."""
        async with MqttPublisher(to(mosquitto.port, me)) as publisher:
            await publisher.publish(f"{me}/last", b"x")
        await until(lambda: inbox.messages[-1].topic == f"{me}/last")

    async def test_a_commit_out_of_turn_waits_for_those_before_it(
        self, mosquitto: MosquittoBroker, me: str
    ) -> None:
        """Acknowledging the second alone sends nothing: both come again after a broken link."""
        inbox = RecordingInbox()
        async with Proxy(mosquitto.port) as proxy:
            subscriber = self.make(to(proxy.port, me), inbox, filters=[f"{me}/#"])
            async with running(subscriber):
                await until(lambda: inbox.drained(1))
                async with MqttPublisher(to(mosquitto.port, me)) as publisher:
                    await publisher.publish(f"{me}/a", b"")
                    await publisher.publish(f"{me}/b", b"")
                await until(lambda: len(inbox.messages) == 2)
                subscriber.acknowledge(inbox.messages[1:])
                await self._everything_said(mosquitto, me, inbox)
                proxy.cut()
                await until(lambda: len(inbox.of_connection(2)) == 3)
                a, b, last = inbox.of_connection(2)
                assert [a.topic, b.topic] == [f"{me}/a", f"{me}/b"]
                subscriber.acknowledge([b])
                subscriber.acknowledge([a])
                subscriber.acknowledge([last])
                subscriber.acknowledge([a, b, last])  # twice does no harm
                await until(lambda: inbox.drained(2))
                await self._everything_said(mosquitto, me, inbox)
                proxy.cut()
                await until(lambda: inbox.drained(3))
        assert [each.topic for each in inbox.of_connection(3)] == [f"{me}/last"]

    async def test_order_is_the_brokers_over_many_messages(
        self, mosquitto: MosquittoBroker, me: str
    ) -> None:
        """A thousand messages, acknowledged as they come, arrive each once and in order."""
        inbox = RecordingInbox()
        subscriber = self.make(to(mosquitto.port, me), inbox, filters=[f"{me}/#"])
        inbox.acknowledge_with = subscriber
        async with running(subscriber):
            await until(lambda: inbox.drained(1))
            async with MqttPublisher(to(mosquitto.port, me)) as publisher:
                for number in range(1000):
                    await publisher.publish(f"{me}/n", str(number).encode())
            await until(lambda: len(inbox.messages) >= 1000)
        assert [int(each.payload) for each in inbox.messages] == list(range(1000))

    async def test_a_stopped_daemon_finds_its_session_and_what_came_meanwhile(
        self, mosquitto: MosquittoBroker, me: str
    ) -> None:
        """Connected comes before the kept messages, Drained behind all of them."""
        settings, before = to(mosquitto.port, me), RecordingInbox()
        async with running(self.make(settings, before, filters=[f"{me}/#"])):
            await until(lambda: before.drained(1))
        async with MqttPublisher(settings) as publisher:
            for number in range(300):
                await publisher.publish(f"{me}/n", str(number).encode())
        inbox = RecordingInbox()
        subscriber = self.make(settings, inbox, filters=[f"{me}/#"])
        inbox.acknowledge_with = subscriber
        async with running(subscriber):
            await until(lambda: inbox.drained(1))
        assert inbox.everything[0] == Connected(1, True, self.version)
        assert [int(each.payload) for each in inbox.messages] == list(range(300))
        assert inbox.everything[-1] == Drained(1)

    async def test_a_lost_session_is_told(self, mosquitto: MosquittoBroker, me: str) -> None:
        """Somebody who cleans our session at the broker is found out at the next connect."""
        settings, inbox = to(mosquitto.port, me), RecordingInbox()
        async with running(self.make(settings, inbox, filters=[f"{me}/#"])):
            await until(lambda: inbox.drained(1))
        async with aiomqtt.Client("127.0.0.1", mosquitto.port, identifier=me, clean_session=True):
            pass
        again = RecordingInbox()
        async with running(self.make(settings, again, filters=[f"{me}/#"])):
            await until(lambda: again.drained(1))
        assert again.connected == [Connected(1, False, self.version)]

    async def test_a_kept_message_is_marked_as_retained(
        self, mosquitto: MosquittoBroker, me: str
    ) -> None:
        """What the broker kept is told from what just happened."""
        settings, inbox = to(mosquitto.port, me), RecordingInbox()
        async with MqttPublisher(settings) as publisher:
            await publisher.publish(f"{me}/unit/link", b"online", retain=True)
        async with running(self.make(settings, inbox, filters=[f"{me}/#"])):
            await until(lambda: inbox.drained(1))
            async with MqttPublisher(settings) as publisher:
                await publisher.publish(f"{me}/unit/link", b"offline", retain=True)
            await until(lambda: len(inbox.messages) == 2)
        assert [each.retained for each in inbox.messages] == [True, False]

    async def test_an_earlier_runs_canary_does_not_count_as_drained(
        self, mosquitto: MosquittoBroker, me: str
    ) -> None:
        """A canary that waited in the session proves nothing about what stands behind it."""
        settings = to(mosquitto.port, me)
        before, inbox = RecordingInbox(), RecordingInbox()
        async with running(self.make(settings, before, filters=[f"{me}/#"])):
            await until(lambda: before.drained(1))
        async with MqttPublisher(settings) as publisher:
            await publisher.publish(f"telecared/{me}/canary", b"4711-1.0-1/1")
            for number in range(100):
                await publisher.publish(f"{me}/n", str(number).encode())
        subscriber = self.make(settings, inbox, filters=[f"{me}/#"])
        async with running(subscriber):
            # The window of 100 is filled by what we do not acknowledge: our canary must wait.
            await until(lambda: len(inbox.messages) == 100 or inbox.drained(1))
            if self.version == 5:
                assert not inbox.drained(1)
            subscriber.acknowledge(inbox.messages)
            await until(lambda: inbox.drained(1))
        assert inbox.everything[-1] == Drained(1)
        assert all(each.topic == f"{me}/n" for each in inbox.messages)

    async def test_a_broker_that_dies_is_told_once_and_found_again(
        self, own_mosquitto: MosquittoBroker, me: str
    ) -> None:
        """However often the daemon knocks in vain, an outage is one event."""
        own_mosquitto.start()
        inbox, reported = RecordingInbox(), list[str]()
        settings = to(own_mosquitto.port, me)
        subscriber = self.make(settings, inbox, filters=[f"{me}/#"], report=reported.append)
        async with running(subscriber):
            await until(lambda: inbox.drained(1))
            own_mosquitto.kill()
            await until(lambda: inbox.disconnected)
            knocks = 0

            async def knocked(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                nonlocal knocks
                knocks += 1
                writer.close()

            door = await asyncio.start_server(knocked, "127.0.0.1", own_mosquitto.port)
            await until(lambda: knocks >= 2)
            door.close()
            await door.wait_closed()
            own_mosquitto.start()
            await until(lambda: inbox.drained(2))
        assert [each.connection for each in inbox.disconnected] == [1]
        assert [each.connection for each in inbox.connected] == [1, 2]

    async def test_a_broker_that_is_not_there_at_the_start_is_told_once(
        self, own_mosquitto: MosquittoBroker, me: str
    ) -> None:
        """Connection 0 says that none had come up; the sentence says where to look."""
        inbox = RecordingInbox()
        async with running(self.make(to(own_mosquitto.port, me), inbox, filters=[f"{me}/#"])):
            await until(lambda: inbox.disconnected)
            own_mosquitto.start()
            await until(lambda: inbox.drained(1))
        (outage,) = inbox.disconnected
        assert outage.connection == 0
        assert f"127.0.0.1:{own_mosquitto.port}" in outage.reason
        assert inbox.everything[0] == outage

    async def test_a_link_that_goes_silent_is_given_up_within_three_keepalives(
        self, mosquitto: MosquittoBroker, me: str
    ) -> None:
        """A half-open link never says goodbye: the daemon notices that nobody answers."""
        inbox = RecordingInbox()
        async with Proxy(mosquitto.port) as proxy:
            settings = to(proxy.port, me, keepalive_seconds=1)
            async with running(self.make(settings, inbox, filters=[f"{me}/#"])):
                await until(lambda: inbox.drained(1))
                loop = asyncio.get_running_loop()
                proxy.go_silent()
                began = loop.time()
                await until(lambda: inbox.disconnected)
                assert loop.time() - began < 3.5
                proxy.cut()
                proxy.pass_on()
                await until(lambda: len(inbox.connected) > 1)
        assert len(inbox.disconnected) == 1

    async def test_filters_that_nobody_wants_any_more_are_unsubscribed(
        self, mosquitto: MosquittoBroker, me: str
    ) -> None:
        """A session remembers its filters: stale ones go at the next connect, or at once."""
        settings = to(mosquitto.port, me)
        before, inbox = RecordingInbox(), RecordingInbox()
        async with running(self.make(settings, before, filters=[f"{me}/a/#", f"{me}/b/#"])):
            await until(lambda: before.drained(1))
        subscriber = self.make(settings, inbox, filters=[f"{me}/a/#"], drop=[f"{me}/b/#"])
        inbox.acknowledge_with = subscriber
        async with running(subscriber):
            await until(lambda: inbox.drained(1))
            await self._say(settings, inbox, f"{me}/b/x", f"{me}/a/1")
            assert [each.topic for each in inbox.messages] == [f"{me}/a/1"]
            subscriber.subscribe_to([f"{me}/c/#"])
            await self._say(settings, inbox, f"{me}/a/2", f"{me}/c/1")
            topics = [each.topic for each in inbox.messages[1:]]
            assert topics == [f"{me}/c/1"]

    async def _say(
        self, settings: BrokerSettings, inbox: RecordingInbox, unheard: str, heard: str
    ) -> None:
        """Publish both topics until the second is heard, as a change of filters takes a moment."""
        heard_before = len(inbox.messages)
        async with MqttPublisher(settings) as publisher:
            # The subscriber's request leaves in the loop's next round, this connect after it.
            await publisher.publish(unheard, b"")
            await publisher.publish(heard, b"")
        await until(lambda: len(inbox.messages) > heard_before)

    async def test_an_inbox_that_fails_ends_the_run(
        self, mosquitto: MosquittoBroker, me: str
    ) -> None:
        """Trouble behind the inbox is not the broker's: it reaches whoever supervises the run."""

        class Broken(RecordingInbox):
            def arrived(self, messages: Sequence[object]) -> None:
                raise RuntimeError("no room")

        inbox, settings = Broken(), to(mosquitto.port, me)
        run = asyncio.create_task(self.make(settings, inbox, filters=[f"{me}/#"]).run())
        await until(lambda: inbox.drained(1))
        async with MqttPublisher(settings) as publisher:
            await publisher.publish(f"{me}/x", b"")
        with pytest.raises(RuntimeError, match="no room"):
            await asyncio.wait_for(run, 5)
