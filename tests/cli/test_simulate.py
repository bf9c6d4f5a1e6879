"""`simulate`: files that repeat byte for byte, and brokers that hear everything in its time."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from telecared.adapters.mqtt import PahoSubscriber
from telecared.cli.main import main
from telecared.cli.streams import open_lines
from telecared.core.streams import StreamMessage, parse_stamp, read_stream
from telecared.ports import Arrival, BrokerSettings, Drained, LinkEvent, Subscriber
from telecared.sim.broker import MosquittoBroker, find_mosquitto
from telecared.sim.publish import shifted

START = "2026-03-02T06:30:00Z"
DEADLINE_SECONDS = 15.0


def simulate(*arguments: object) -> int:
    """Run the command as a shell would."""
    return main(["simulate", *map(str, arguments)])


def messages_of(path: Path) -> list[StreamMessage]:
    """The messages of a stream file."""
    with open_lines(path) as lines:
        return list(read_stream(lines))


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MosquittoBroker]:
    """One broker for the tests of this module."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    with MosquittoBroker(tmp_path_factory.mktemp("mosquitto"), persistence=False) as broker:
        yield broker


class Listener:
    """Hears everything below `telecare/`, and when, by the event loop's clock."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, Arrival]] = []
        self.ready = asyncio.Event()
        self.subscriber: Subscriber | None = None

    def arrived(self, messages: Sequence[Arrival]) -> None:
        """Keep messages, and let the broker send more."""
        now = asyncio.get_running_loop().time()
        self.heard += [(now, message) for message in messages]
        if self.subscriber is not None:
            self.subscriber.acknowledge(messages)

    def link(self, event: LinkEvent) -> None:
        """Note that everything that is published from now on is heard."""
        if isinstance(event, Drained):
            self.ready.set()


async def heard_while(broker: MosquittoBroker, *arguments: object) -> list[tuple[float, Arrival]]:
    """What a broker hands on while `simulate` runs beside; fails when the command does."""
    listener = Listener()
    settings = BrokerSettings(host="127.0.0.1", port=broker.port, client_id="listener")
    subscriber = PahoSubscriber(settings, listener, filters=["telecare/#"])
    listener.subscriber = subscriber
    task = asyncio.create_task(subscriber.run())
    async with asyncio.timeout(DEADLINE_SECONDS):
        await listener.ready.wait()
        before = len(listener.heard)
        process = await asyncio.create_subprocess_exec(
            *command(*arguments, "--broker", f"mqtt://127.0.0.1:{broker.port}", "--json"),
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await process.communicate()
        assert process.returncode == 0
        count = msgspec.json.decode(out, type=dict[str, float])["messages"]
        while len(listener.heard) - before < count:
            await asyncio.sleep(0.01)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return listener.heard[before:]


def command(*arguments: object) -> list[str]:
    """The command line of `simulate` in a process of its own."""
    run = "import sys; from telecared.cli.main import main; sys.exit(main())"
    return [sys.executable, "-c", run, "simulate", *map(str, arguments)]


def test_the_same_seed_writes_the_same_file_byte_for_byte(tmp_path: Path) -> None:
    """A simulated day can be handed on by its seed alone; packed and plain tell the same."""
    for name in ("one.jsonl.gz", "two.jsonl.gz", "plain.jsonl"):
        assert simulate("--homes", 3, "--start", START, "--out", tmp_path / name) == 0
    assert (tmp_path / "one.jsonl.gz").read_bytes() == (tmp_path / "two.jsonl.gz").read_bytes()
    messages = messages_of(tmp_path / "one.jsonl.gz")
    assert messages == messages_of(tmp_path / "plain.jsonl")
    assert len(messages) > 500
    assert messages[0].tst == parse_stamp(START)


def test_homes_alone_are_written_for_import(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is published, and `check` has nothing against them."""
    homes = tmp_path / "homes.yaml"
    assert simulate("--homes", 14, "--homes-out", homes) == 0
    assert "14 homes written" in capsys.readouterr().out
    assert main(["check", "--homes", str(homes)]) == 0
    assert "error:" not in capsys.readouterr().out


async def test_a_recording_is_published_in_order_and_never_before_its_time(
    tmp_path: Path, mosquitto: MosquittoBroker
) -> None:
    """Its own time stamps set the pace, at twenty times the speed; retained stays retained."""
    lines = [
        f'{{"tst": "2026-03-01T07:00:{second:02}.500000Z", "topic": "telecare/n/h/{number}",'
        f' "qos": 0, "retain": {number % 2}, "payload": "{second}"}}'
        for number, second in enumerate((0, 0, 4, 10, 10, 20))
    ]
    stream = tmp_path / "night.jsonl"
    stream.write_text("\n".join([*lines, ""]), encoding="utf-8")

    heard = await heard_while(mosquitto, "--stream", stream, "--speed", 20)

    assert [message.topic[-1] for _, message in heard] == list("012345")
    assert [message.payload for _, message in heard] == [b"0", b"0", b"4", b"10", b"10", b"20"]
    assert {message.qos for _, message in heard} == {1}
    began = heard[0][0]
    for at, message in heard:
        # What is measured begins with the first arrival, which has its own few milliseconds.
        assert at - began >= int(message.payload) / 20 - 0.1


async def test_a_shared_epoch_in_the_past_is_caught_up_with(
    tmp_path: Path, mosquitto: MosquittoBroker
) -> None:
    """A recording whose time is over already goes out at once, whole and in order."""
    stream = tmp_path / "day.jsonl"
    assert simulate("--homes", 1, "--start", START, "--out", stream) == 0
    heard = await heard_while(
        mosquitto, "--stream", stream, "--start", START, "--epoch", "2020-01-01T00:00:00Z"
    )
    recorded = messages_of(stream)
    assert [(one.topic, one.payload) for _, one in heard] == [
        (one.topic, one.payload) for one in recorded
    ]


async def test_simulated_homes_are_published_until_the_seconds_are_over(
    mosquitto: MosquittoBroker,
) -> None:
    """What is under way is finished, and the command ends by itself."""
    heard = await heard_while(
        mosquitto, "--homes", 2, "--start", START, "--speed", 3600, "--seconds", 1
    )
    homes = {message.topic.split("/")[2] for _, message in heard}
    assert homes == {"larch-12", "larch-14"}
    assert len(heard) > 50


def test_the_order_of_a_recording_outlives_its_time_stamps() -> None:
    """A message without a time, or with an earlier one, follows the one before."""
    second = 1_000_000
    times = [100 * second, None, 90 * second, 101 * second]
    recording = [StreamMessage(tst, "t", 0, False, b"") for tst in times]
    moved = [message.tst for message in shifted(recording, 500 * second)]
    assert moved == [500 * second, 500 * second, 500 * second, 501 * second]
    kept = [message.tst for message in shifted(recording, None)]
    assert kept == [100 * second, 100 * second, 100 * second, 101 * second]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--speed", "0"],
        ["--days", "0"],
        ["--seconds", "-1"],
        ["--start", "yesterday"],
        ["--epoch", START],
        ["--stream", "x", "--homes", "3"],
        ["--out", "x", "--seconds", "3"],
        ["--broker", "http://example.org"],
        ["--broker", "mqtt://user:word@example.org"],
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, the option by its name, nothing on stdout."""
    assert simulate(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert arguments[0] in said.err


def test_a_broker_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence with the address, exit code 1, no traceback."""
    assert simulate("--homes", 1, "--broker", "mqtt://127.0.0.1:1") == 1
    said = capsys.readouterr().err
    assert "127.0.0.1:1" in said
    assert "Traceback" not in said


def test_an_empty_recording_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There is nothing to publish, which is hardly what was meant."""
    (tmp_path / "empty.jsonl").touch()
    assert simulate("--stream", tmp_path / "empty.jsonl") == 1
    assert "no message" in capsys.readouterr().err


def test_a_number_of_homes_that_cannot_be_is_a_slip_of_usage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2, a sentence on stderr, and nothing on stdout."""
    assert main(["simulate", "--homes", "0", "--json"]) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert "--homes: write a number from 1" in said.err
