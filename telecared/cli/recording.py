"""`record`: a live stream, or a recording, into a file with names replaced, fit to be sent on.

What is replaced and what stays is `config.pseudonyms`; here are the broker, the files and what
people are told.
"""

import asyncio
import base64
import gzip
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final

import msgspec
from cyclopts import Parameter

from telecared.cli.common import Config, Exit, Json, UsageError, find_config
from telecared.cli.output import count_of, put, warn
from telecared.cli.stranger_lines import RecordLine
from telecared.core.streams import StreamMessage, stamp

if TYPE_CHECKING:
    from telecared.config.deployment import Deployment
    from telecared.config.pseudonyms import Pseudonyms
    from telecared.ports import BrokerSettings

EVERYTHING: Final = ("#",)
NAMED_KEYS: Final = 10
"""Fields that are named where they could not be judged."""

_Write = Callable[[StreamMessage], None]


def record(
    *,
    topic: Annotated[
        tuple[str, ...],
        Parameter(
            name="--topic",
            negative=(),
            show_default=False,
            help="A topic filter like northside/#; more than once for more. Left out: everything.",
        ),
    ] = (),
    seconds: Annotated[
        float | None, Parameter(name="--seconds", help="End after so long. Left out: at Ctrl-C.")
    ] = None,
    out: Annotated[
        Path | None,
        Parameter(name="--out", help="The file; gzipped when named .gz. Left out: stdout."),
    ] = None,
    from_: Annotated[
        Path | None,
        Parameter(name="--from", help="Take this recording instead of a broker; - for stdin."),
    ] = None,
    broker: Annotated[
        str | None,
        Parameter(name="--broker", help="mqtt://host:1883; the deployment's if left out."),
    ] = None,
    keep_names: Annotated[
        bool,
        Parameter(name="--keep-names", negative=(), help="Replace nothing: personal data."),
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Write a stream to a file with names, serial numbers and places replaced."""
    _check(topic=topic, seconds=seconds, out=out, from_=from_, broker=broker, as_json=as_json)
    deployment = _deployment(config)
    names = None if keep_names else _pseudonyms(deployment)
    with _opened(out) as file:
        writing = _Writing(file, names)
        if from_ is not None:
            _copy(from_, writing)
        else:
            settings = _settings(deployment, broker)
            asyncio.run(_listen(settings, topic or EVERYTHING, writing, seconds))
    return _told(writing, as_json=as_json)


def _check(
    *,
    topic: tuple[str, ...],
    seconds: float | None,
    out: Path | None,
    from_: Path | None,
    broker: str | None,
    as_json: bool,
) -> None:
    if from_ is not None and (topic, seconds, broker) != ((), None, None):
        raise UsageError("--from takes a recording: leave out --topic, --seconds and --broker")
    if from_ is not None and out is not None and out.exists() and out.samefile(from_):
        raise UsageError(f"--out {out}: is the recording itself; name another file")
    if as_json and out is None:
        raise UsageError("--json tells how it went on stdout, where the messages go: add --out")
    if seconds is not None and not 0 < seconds < float("inf"):
        raise UsageError("--seconds: write how long to record, a number above 0")
    for each in topic:
        levels = each.split("/")
        if not each or "#" in levels[:-1] or any(len(x) > 1 and {*x} & {*"#+"} for x in levels):
            raise UsageError(f"--topic: '{each}' is no topic filter; write one like northside/#")


class _Writing:
    """Writes messages to a file as `mosquitto_sub -F %j` does, names replaced or not."""

    def __init__(self, file: IO[bytes], names: "Pseudonyms | None") -> None:
        self._file = file
        self.names = names
        self.messages = 0

    def __call__(self, message: StreamMessage) -> None:
        told = message if self.names is None else self.names.message(message)
        if told is not None:
            self._file.write(_line(told))
            self._file.flush()
            self.messages += 1


def _line(message: StreamMessage) -> bytes:
    told: dict[str, object] = {} if message.tst is None else {"tst": stamp(message.tst)}
    told |= {"topic": message.topic, "qos": message.qos, "retain": int(message.retain)}
    try:
        told["payload"] = message.payload.decode()
    except UnicodeDecodeError:
        told["payload_b64"] = base64.b64encode(message.payload).decode()
    return msgspec.json.encode(told) + b"\n"


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[bytes]]:
    if path is None:
        yield sys.stdout.buffer
        return
    try:
        with path.open("wb") as file:
            if path.suffix != ".gz":
                yield file
                return
            with gzip.GzipFile(filename="", mode="wb", fileobj=file) as zipped:
                yield zipped  # type: ignore[misc]  # it writes bytes, which is all that is asked
    except OSError as error:
        raise UsageError(f"--out {path}: cannot be written ({error.strerror})") from None


def _pseudonyms(deployment: "Deployment") -> "Pseudonyms":
    from telecared.adapters.entropy import salt
    from telecared.config.profiles import load_profiles
    from telecared.config.pseudonyms import Pseudonyms

    loaded = load_profiles(deployment.device_paths)
    # The salt is nowhere but in this process: afterwards nobody can tell who is who.
    return Pseudonyms([each.profile for each in loaded.values()], salt())


def _deployment(config: Path | None) -> "Deployment":
    from telecared.config.deployment import default_deployment, load_deployment

    path = find_config(config)
    return default_deployment(Path()) if path is None else load_deployment(path)


# --- where messages come from -------------------------------------------------------------------


def _copy(source: Path, write: _Write) -> None:
    from telecared.cli.streams import open_lines
    from telecared.core.streams import read_stream

    with open_lines(source) as lines:
        for message in read_stream(lines):
            write(message)


def _settings(deployment: "Deployment", url: str | None) -> "BrokerSettings":
    from pydantic import ValidationError

    from telecared.config.deployment import Broker
    from telecared.shard import broker_of

    if url is not None:
        try:
            named = Broker(url=url)
        except ValidationError as error:
            why = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise UsageError(f"--broker: {why}") from None
        broker = deployment.broker.model_copy(update={"url": named.url})
        deployment = deployment.model_copy(update={"broker": broker})
    return msgspec.structs.replace(broker_of(deployment), client_id=f"record-{os.getpid()}")


async def _listen(
    settings: "BrokerSettings", filters: tuple[str, ...], write: _Write, seconds: float | None
) -> None:
    """Record until `--seconds`, Ctrl-C or SIGTERM."""
    from telecared.adapters.mqtt_listen import listening
    from telecared.adapters.system_clock import wall_now

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)

    async with listening(settings, filters) as messages:

        async def take() -> None:
            async for heard in messages:
                topic, payload, qos, retain = heard
                write(StreamMessage(wall_now(), topic, qos, retain, payload))

        warn(f"recording {', '.join(filters)}" + ("" if seconds else "; end it with Ctrl-C"))
        taking, ending = asyncio.create_task(take()), asyncio.create_task(ended.wait())
        either: set[asyncio.Task[None] | asyncio.Task[bool]] = {taking, ending}
        done, _ = await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        taking.cancel()
        if taking in done:
            taking.result()


# --- what people are told -----------------------------------------------------------------------


def _told(writing: _Writing, *, as_json: bool) -> Exit:
    names = writing.names
    line = RecordLine(
        messages=writing.messages,
        replaced={} if names is None else dict(sorted(names.replaced.items())),
        left_out=0 if names is None else names.left_out,
        doubtful=[] if names is None else sorted(names.doubtful),
        unlike=0 if names is None else names.unlike,
        names_kept=names is None,
    )
    if as_json:
        put(line)
    # On stderr: stdout may be the recording itself.
    if names is None:
        warn(f"{count_of(line.messages, 'message')} recorded with all names: personal data")
        return Exit.FINE
    counts = ", ".join(f"{count} {what}" for what, count in line.replaced.items()) or "nothing"
    warn(f"{count_of(line.messages, 'message')} recorded; replaced: {counts}")
    for doubt in _doubts(line):
        warn(f"warning: {doubt}")
    return Exit.FINE


def _doubts(line: RecordLine) -> Iterator[str]:
    if line.left_out:
        yield f"{count_of(line.left_out, 'message')} left out that nobody can judge (binary)"
    if line.doubtful:
        shown = ", ".join(each or "a bare payload" for each in line.doubtful[:NAMED_KEYS])
        yield (
            f"long numbers were kept in fields that no profile reads: {shown}; look whether they"
            " name anybody before you send the file"
        )
    if line.unlike:
        yield (
            f"{count_of(line.unlike, 'topic')} may be read by another profile than before, as a"
            " name in it was a word of one"
        )
