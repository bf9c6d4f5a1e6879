"""`record`: a stream into a file that names nobody, from a broker and from another file."""

import asyncio
import gzip
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from telecared.adapters.mqtt_listen import ListenError, listening
from telecared.adapters.mqtt_publish import MqttPublisher
from telecared.cli.stranger_lines import RecordLine
from telecared.cli.streams import open_lines
from telecared.core.streams import StreamMessage, read_stream
from telecared.ports import BrokerSettings
from telecared.sim.broker import MosquittoBroker, find_mosquitto
from tests.cli.conftest import Call

DEADLINE_SECONDS = 15.0
LINES = (
    '{"tst":"2026-03-01T07:04:09.000000Z","topic":"telecare/northside/larch-12/ada-pendant",'
    '"qos":1,"retain":0,"payload":"{\\"trigger\\": \\"pressed\\", \\"note\\": \\"Ada Hall\\"}"}\n'
    '{"topic":"northside/larch-12/blob","qos":0,"retain":1,"payload_b64":"//79"}\n'
    '{"topic":"northside/meter","payload":{"odd": 123456789}}\n'
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a deployment, with a recording in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "night.jsonl").write_text(LINES, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MosquittoBroker]:
    """One broker for the tests of this module."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    with MosquittoBroker(tmp_path_factory.mktemp("mosquitto"), persistence=False) as broker:
        yield broker


def messages_of(path: Path) -> list[StreamMessage]:
    """The messages of a stream file."""
    with open_lines(path) as lines:
        return list(read_stream(lines))


def test_a_recording_is_copied_without_names(folder: Path, call: Call) -> None:
    """What it says stays, whom it names goes; what nobody can judge is said."""
    said = call("record", "--from", "night.jsonl", "--out", "sent.jsonl.gz", "--json")

    assert said.code == 0
    [line] = said.objects
    assert list(line) == list(RecordLine.__struct_fields__)
    assert (line["messages"], line["left_out"], line["names_kept"]) == (2, 1, False)
    assert line["doubtful"] == ["odd"]
    assert "1 message left out that nobody can judge (binary)" in said.err
    assert "long numbers were kept in fields that no profile reads: odd" in said.err
    text = gzip.decompress((folder / "sent.jsonl.gz").read_bytes()).decode()
    assert not any(name in text for name in ("northside", "larch", "ada", "Ada", "Hall"))
    pressed, _ = messages_of(folder / "sent.jsonl.gz")
    assert pressed.topic.startswith("telecare/")
    assert msgspec.json.decode(pressed.payload)["trigger"] == "pressed"
    assert pressed.tst is not None
    decoded = call("decode", "--profile", "auto", "sent.jsonl.gz").objects
    assert decoded[0]["profile"] == "native"
    assert "pattern" in str(decoded[0]["why"])


def test_names_are_kept_only_where_somebody_says_so(folder: Path, call: Call) -> None:
    """Then the file is as it was, and the command says what that means."""
    said = call("record", "--from", "night.jsonl", "--out", "same.jsonl", "--keep-names")

    assert (said.code, said.out) == (0, "")
    assert "with all names: personal data" in said.err
    assert messages_of(folder / "same.jsonl") == messages_of(folder / "night.jsonl")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--from", "night.jsonl", "--seconds", "3"), "leave out --topic, --seconds"),
        (("--from", "night.jsonl", "--out", "night.jsonl"), "is the recording itself"),
        (("--json",), "add --out"),
        (("--seconds", "0", "--out", "x"), "--seconds: write how long"),
        (("--topic", "a/#/b", "--out", "x"), "is no topic filter"),
        (("--broker", "http://x", "--out", "x"), "--broker: "),
        (("--from", "night.jsonl", "--out", "no/folder"), "cannot be written"),
    ],
)
def test_a_wrong_command_line_is_said(
    folder: Path, call: Call, arguments: tuple[str, ...], sentence: str
) -> None:
    """Exit code 2, and what to write instead."""
    said = call("record", *arguments)

    assert (said.code, said.out) == (2, "")
    assert sentence in said.err
    assert messages_of(folder / "night.jsonl") != []


async def test_what_the_broker_hands_on_is_recorded_without_names(
    folder: Path, mosquitto: MosquittoBroker
) -> None:
    """Retained messages and live ones, until the time is over."""
    settings = BrokerSettings(host="127.0.0.1", port=mosquitto.port, client_id="devices")
    async with MqttPublisher(settings) as publisher:
        await publisher.publish("telecare/n/h/bens-door/link", b"online", retain=True)
        await publisher.flush()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "telecared", "record", "--seconds", "1.5",
            "--topic", "telecare/#", "--out", "out.jsonl",
            "--broker", f"mqtt://127.0.0.1:{mosquitto.port}",
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stderr is not None
        async with asyncio.timeout(DEADLINE_SECONDS):
            first = await process.stderr.readline()
            await publisher.publish("telecare/n/h/bens-door", b'{"contact": "open"}')
            await publisher.publish("elsewhere", b"1")
            rest = await process.stderr.read()
            code = await process.wait()

    assert (code, first) == (0, b"recording telecare/#\n")
    assert b"2 messages recorded; replaced: 3 names" in rest
    link, door = messages_of(folder / "out.jsonl")
    assert (link.retain, link.payload, link.topic) == (True, b"online", f"{door.topic}/link")
    assert (door.retain, door.payload) == (False, b'{"contact":"open"}')


async def test_a_broker_that_is_not_there_is_a_sentence() -> None:
    """Nobody has to read a traceback to see that the broker is off."""
    with pytest.raises(ListenError, match="check that it runs"):
        async with listening(BrokerSettings(host="127.0.0.1", port=9), ["#"]):
            raise AssertionError("nobody listens there")
