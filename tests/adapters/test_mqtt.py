"""The MQTT subscriber over paho-mqtt: the common contract, in both versions, and its own edges."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from telecared.adapters.mqtt import PahoSubscriber
from telecared.adapters.mqtt_publish import MqttPublisher, PublishError
from telecared.ports import BrokerSettings, Inbox, Subscriber, TlsFiles
from telecared.sim.broker import MosquittoBroker, find_mosquitto, free_port
from tests.adapters.mqtt_parts import OldBroker, Proxy, RecordingInbox, running, to, until
from tests.adapters.subscriber_contract import SubscriberContract


class TestPahoSpeakingMqtt5(SubscriberContract):
    """The contract in MQTT 5."""

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
        """Return the adapter over paho."""
        return PahoSubscriber(
            settings,
            inbox,
            filters=filters,
            drop=drop,
            receive_maximum=receive_maximum,
            report=report,
        )

    async def test_the_broker_hands_over_no_more_than_the_receive_maximum(
        self, mosquitto: MosquittoBroker, me: str
    ) -> None:
        """Five may be under way: more come only when something is acknowledged.

        How many more is the broker's affair: mosquitto 2.0.11 hands over five for each.
        """
        inbox, witness = RecordingInbox(), RecordingInbox()
        limited = self.make(
            to(mosquitto.port, me), inbox, filters=[f"{me}/#"], receive_maximum=lambda: 5
        )
        other = self.make(to(mosquitto.port, f"{me}-witness"), witness, filters=[f"{me}/#"])
        async with running(limited), running(other):
            await until(lambda: inbox.drained(1) and witness.drained(1))
            async with MqttPublisher(to(mosquitto.port, me)) as publisher:
                for number in range(20):
                    await publisher.publish(f"{me}/n", str(number).encode())
            # The broker hands each message to all its subscribers before the next.
            await until(lambda: len(witness.messages) == 20)
            await until(lambda: len(inbox.messages) >= 5)
            assert len(inbox.messages) == 5
            limited.acknowledge(inbox.messages[:2])
            await until(lambda: len(inbox.messages) >= 7)


class TestPahoSpeakingMqtt311(TestPahoSpeakingMqtt5):
    """The same contract in MQTT 3.1.1, where the broker alone bounds what is under way."""

    version = 4
    test_the_broker_hands_over_no_more_than_the_receive_maximum = None  # type: ignore[assignment]

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
        """Return the adapter over paho, held to 3.1.1."""
        values = {name: getattr(settings, name) for name in settings.__struct_fields__}
        old = BrokerSettings(**{**values, "protocol": "3.1.1"})
        return super().make(
            old, inbox, filters=filters, drop=drop, receive_maximum=receive_maximum, report=report
        )


@pytest.mark.parametrize("politely", [True, False])
async def test_a_broker_that_speaks_only_311_is_spoken_to_in_311(politely: bool) -> None:
    """Refused or hung up on in MQTT 5, the daemon tries 3.1.1 and remembers."""
    inbox = RecordingInbox()
    async with OldBroker(refuse_politely=politely) as broker:
        async with running(PahoSubscriber(to(broker.port, "old"), inbox, filters=["care/#"])):
            await until(lambda: inbox.drained(1))
            broker.send("care/pendant", b"pressed")
            await until(lambda: inbox.messages)
        assert broker.connects[-1] == 4
        assert broker.connects[0] == 5
    assert inbox.connected[0].protocol == 4
    assert (inbox.disconnected == []) is politely


async def test_acknowledgements_leave_in_the_order_in_which_messages_came() -> None:
    """Commits in any order, and our own canary among them, keep the broker's order."""
    inbox = RecordingInbox()
    async with OldBroker() as broker:
        subscriber = PahoSubscriber(to(broker.port, "order"), inbox, filters=["care/#"])
        async with running(subscriber):
            await until(lambda: inbox.drained(1) and broker.acknowledged)
            first = len(broker.acknowledged)
            sent = [broker.send("care/a", b""), broker.send("care/b", b"")]
            sent.append(broker.send("telecared/order/canary", b"an old one"))
            sent.append(broker.send("care/c", b""))
            await until(lambda: len(inbox.messages) == 3)
            a, b, c = inbox.messages
            subscriber.acknowledge([c])
            subscriber.acknowledge([b])
            subscriber.acknowledge([a])
            await until(lambda: len(broker.acknowledged) == first + 4)
            assert broker.acknowledged[first:] == sent


async def test_a_topic_that_is_not_text_is_passed_on_and_can_be_acknowledged() -> None:
    """A broken input is a fact: it neither stops the reading nor blocks what comes after it."""
    inbox = RecordingInbox()
    async with OldBroker() as broker:
        subscriber = PahoSubscriber(to(broker.port, "bytes"), inbox, filters=["care/#"])
        inbox.acknowledge_with = subscriber
        async with running(subscriber):
            await until(lambda: inbox.drained(1))
            broken = broker.send(b"care/\xff", b"x")
            after = broker.send("care/ok", b"y")
            await until(lambda: broker.acknowledged[-2:] == [broken, after])
    assert [each.topic for each in inbox.messages] == ["care/\\xff", "care/ok"]


async def test_a_refused_subscription_is_told_with_the_remedy() -> None:
    """A link on which nothing may be heard is no link; the sentence names filter and remedy."""
    inbox, reported = RecordingInbox(), list[str]()
    async with OldBroker(grant=0x80) as broker:
        settings = to(broker.port, "refused", protocol="3.1.1")
        subscriber = PahoSubscriber(settings, inbox, filters=["care/#"], report=reported.append)
        async with running(subscriber):
            await until(lambda: inbox.disconnected)
    assert "care/#" in inbox.disconnected[0].reason
    assert "access rules" in inbox.disconnected[0].reason
    assert any("care/#" in each for each in reported)


async def test_a_path_that_brings_nothing_back_is_given_up_twice_and_then_borne() -> None:
    """Pings are answered but our own messages stay away: dead at first, then access rules.

    Hanging up for ever would hold every judgement of absence for ever.
    """
    inbox, reported = RecordingInbox(), list[str]()
    async with OldBroker(bring_back=False) as broker:
        settings = to(broker.port, "deaf", protocol="3.1.1", keepalive_seconds=1)
        subscriber = PahoSubscriber(settings, inbox, filters=["care/#"], report=reported.append)
        async with running(subscriber):
            await until(lambda: len(inbox.connected) == 3)
    assert "telecared/deaf/canary" in inbox.disconnected[0].reason
    assert "publish and read that topic" in reported[-1]


async def test_access_rules_that_keep_the_canary_back_are_told_and_messages_still_come(
    tmp_path: Path,
) -> None:
    """A broker that refuses our own topic is served nonetheless, and the remedy is named."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    rules = tmp_path / "rules"
    rules.write_text("topic readwrite care/#\n", encoding="utf-8")
    rules.chmod(0o600)
    inbox, reported = RecordingInbox(), list[str]()
    extra = f"acl_file {rules}"
    with MosquittoBroker(tmp_path / "m", persistence=False, extra_config=extra) as broker:
        settings = to(broker.port, "walled")
        subscriber = PahoSubscriber(settings, inbox, filters=["care/#"], report=reported.append)
        async with running(subscriber):
            await until(lambda: reported)
            loop = asyncio.get_running_loop()
            began = loop.time()
            await until(lambda: loop.time() - began > 1.0)  # time for a second and third refusal
            async with MqttPublisher(settings) as publisher:
                await publisher.publish("care/x", b"")
            await until(lambda: inbox.messages)
    assert "telecared/walled/canary" in reported[0]
    assert len(inbox.disconnected) <= 1  # mosquitto 2.0.11 hangs up on whom it refuses a topic


async def test_stopping_does_not_wait_for_a_broker_that_does_not_answer(
    mosquitto: MosquittoBroker,
) -> None:
    """A connection that is taken and then mute neither holds up a stop nor looks like MQTT 3."""
    inbox = RecordingInbox()
    async with Proxy(mosquitto.port) as proxy:
        proxy.go_silent()
        settings = to(proxy.port, "mute", keepalive_seconds=1)
        async with running(PahoSubscriber(settings, inbox, filters=["care/#"])):
            await until(lambda: inbox.disconnected)
    assert "does not answer" in inbox.disconnected[0].reason


async def test_owing_acknowledgements_is_not_taken_for_a_dead_path() -> None:
    """With the disk full nothing is acknowledged, and a full window silences even our canary."""
    inbox = RecordingInbox()
    async with OldBroker(bring_back=False) as broker:
        settings = to(broker.port, "full", protocol="3.1.1", keepalive_seconds=1)
        async with running(PahoSubscriber(settings, inbox, filters=["care/#"])):
            await until(lambda: inbox.connected)
            broker.send("care/a", b"")
            await until(lambda: inbox.messages)
            loop = asyncio.get_running_loop()
            began = loop.time()
            await until(lambda: loop.time() - began > 3.5)
    assert inbox.disconnected == []


def _locked(folder: Path) -> MosquittoBroker:
    program = shutil.which("mosquitto_passwd")
    if find_mosquitto() is None or program is None:
        pytest.skip("mosquitto or mosquitto_passwd is not installed")
    folder.mkdir()
    passwords = folder / "passwords"
    subprocess.run([program, "-b", "-c", str(passwords), "daemon", "right horse"], check=True)
    passwords.chmod(0o600)
    listener = f"listener {{port}} 127.0.0.1\nallow_anonymous false\npassword_file {passwords}"
    return MosquittoBroker(folder, persistence=False, listener=listener)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_a_wrong_password_is_told_without_the_password(tmp_path: Path, protocol: str) -> None:
    """The sentence says what to check; neither it nor the settings' text shows the secret."""
    wrong, right = RecordingInbox(), RecordingInbox()
    with _locked(tmp_path / "m") as broker:
        settings = to(
            broker.port, "p", username="daemon", password="battery staple", protocol=protocol
        )
        async with running(PahoSubscriber(settings, wrong, filters=["care/#"])):
            await until(lambda: wrong.disconnected)
        good = to(broker.port, "p", username="daemon", password="right horse", protocol=protocol)
        async with running(PahoSubscriber(good, right, filters=["care/#"])):
            await until(lambda: right.drained(1))
    (outage,) = wrong.disconnected
    assert "broker.password" in outage.reason
    assert "battery" not in outage.reason + repr(settings)


def _openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, a broker's certificate by it, and another authority."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("certificates")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    for name in ("ca", "other"):
        out = ["-keyout", f"{name}.key", "-out", f"{name}.crt"]
        _openssl(folder, "req", "-x509", *curve, "-subj", f"/CN=Test {name}", *out)
    out = ["-keyout", "broker.key", "-out", "broker.csr"]
    _openssl(folder, "req", *curve[:5], "-subj", "/CN=127.0.0.1", *out)
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n", encoding="utf-8")
    signer = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "names"]
    _openssl(
        folder, "x509", "-req", "-in", "broker.csr", *signer, "-days", "2", "-out", "broker.crt"
    )
    return folder


# paho leaves a socket whose handshake failed to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_tls_is_spoken_and_a_stranger_is_not_trusted(
    tmp_path: Path, certificates: Path
) -> None:
    """With the right authority messages flow; with another the certificate is the reason told."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    listener = (
        "listener {port} 127.0.0.1\nallow_anonymous true\n"
        f"certfile {certificates}/broker.crt\nkeyfile {certificates}/broker.key"
    )
    trusting, wary, blind = RecordingInbox(), RecordingInbox(), RecordingInbox()
    with MosquittoBroker(tmp_path / "m", persistence=False, listener=listener) as broker:
        settings = to(broker.port, "tls", tls=TlsFiles(ca_file=f"{certificates}/ca.crt"))
        subscriber = PahoSubscriber(settings, trusting, filters=["care/#"])
        trusting.acknowledge_with = subscriber
        async with running(subscriber):
            await until(lambda: trusting.drained(1))
            async with MqttPublisher(settings) as publisher:
                for number in range(500):
                    await publisher.publish("care/n", str(number).encode())
            await until(lambda: len(trusting.messages) == 500)
        stranger = to(broker.port, "tls", tls=TlsFiles(ca_file=f"{certificates}/other.crt"))
        async with running(PahoSubscriber(stranger, wary, filters=["care/#"])):
            await until(lambda: wary.disconnected)
        missing = to(broker.port, "tls", tls=TlsFiles(ca_file=f"{certificates}/absent.crt"))
        async with running(PahoSubscriber(missing, blind, filters=["care/#"])):
            await until(lambda: blind.disconnected)
    assert [int(each.payload) for each in trusting.messages] == list(range(500))
    assert "certificate" in wary.disconnected[0].reason
    assert "broker.tls" in blind.disconnected[0].reason


async def test_the_publisher_keeps_many_messages_under_way_and_in_order(
    mosquitto: MosquittoBroker,
) -> None:
    """Order is kept although nobody waits for each answer; leaving waits for all of them."""
    inbox, settings = RecordingInbox(), to(mosquitto.port, "many")
    subscriber = PahoSubscriber(settings, inbox, filters=["many/#"])
    inbox.acknowledge_with = subscriber
    async with running(subscriber):
        await until(lambda: inbox.drained(1))
        async with MqttPublisher(settings, in_flight=50) as publisher:
            for number in range(2000):
                await publisher.publish("many/n", str(number).encode())
        await until(lambda: len(inbox.messages) == 2000)
    assert [int(each.payload) for each in inbox.messages] == list(range(2000))


async def test_the_publisher_says_where_it_could_not_publish() -> None:
    """Nobody listens: the error names the address and the remedy."""
    port = free_port()
    with pytest.raises(PublishError, match=re.escape(f"127.0.0.1:{port}")):
        async with MqttPublisher(to(port, "nobody")):
            pass


async def test_the_publisher_does_not_lose_messages_in_silence(
    own_mosquitto: MosquittoBroker,
) -> None:
    """When the broker dies, whoever publishes is told at once."""
    own_mosquitto.start()

    async def publish_into_the_dark() -> None:
        async with MqttPublisher(to(own_mosquitto.port, "dying")) as publisher:
            await publisher.publish("care/x", b"")
            await publisher.flush()
            own_mosquitto.kill()
            for _ in range(1000):
                await publisher.publish("care/x", b"")
            await publisher.flush()

    with pytest.raises(PublishError, match="failed"):
        await asyncio.wait_for(publish_into_the_dark(), 5)
