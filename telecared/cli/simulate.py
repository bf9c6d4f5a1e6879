"""`simulate`: simulated homes, or a recording, to a broker at a chosen speed or into a file.

Options, files and the closing sentence. What happens in the homes is `telecared.sim`.
"""

import asyncio
import gzip
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Final

import msgspec
from cyclopts import Parameter

from telecared.cli.common import Config, Exit, Json, UsageError, find_config, instant_of
from telecared.cli.lines import SimulateLine
from telecared.cli.output import count_of, put, say
from telecared.core.streams import StreamMessage, stamp
from telecared.core.vocabulary import DAY, Instant
from telecared.errors import ReplayError

if TYPE_CHECKING:
    from telecared.ports import BrokerSettings, Clock
    from telecared.sim.happenings import Happening
    from telecared.sim.publish import Pace
    from telecared.sim.routine import Resident
    from telecared.sim.street import Household

MAX_SPEED: Final = 100_000.0
MOST_DAYS: Final = 3_660

HAPPENINGS_A_DAY: Final = 0.2
"""Life events of one home on one day: more than in life, so that a week shows some of each."""

DEFAULT_HOMES: Final = 12


class _Timing(msgspec.Struct, frozen=True):
    """When simulated time begins, and how it maps to real time."""

    start: Instant | None
    speed: float
    epoch: Instant | None


def simulate_command(  # noqa: PLR0913 - every option is an argument
    *,
    homes: Annotated[
        int | None, Parameter(name="--homes", help=f"How many homes; {DEFAULT_HOMES} if left out.")
    ] = None,
    seed: Annotated[int, Parameter(name="--seed", help="The same seed gives the same days.")] = 1,
    speed: Annotated[float, Parameter(name="--speed", help="Times the speed of life.")] = 1.0,
    start: Annotated[
        str | None,
        Parameter(name="--start", help="When it begins, RFC 3339; now, or the recording's time."),
    ] = None,
    days: Annotated[
        int | None, Parameter(name="--days", help="How many days; 1 into a file, else no end.")
    ] = None,
    seconds: Annotated[
        float | None, Parameter(name="--seconds", help="End after so many real seconds.")
    ] = None,
    broker: Annotated[
        str | None,
        Parameter(name="--broker", help="mqtt://host:1883; the deployment's if left out."),
    ] = None,
    stream: Annotated[
        Path | None,
        Parameter(name="--stream", help="Publish this recording instead; - for stdin."),
    ] = None,
    epoch: Annotated[
        str | None,
        Parameter(name="--epoch", help="The real time at which --start was, as `run` has it."),
    ] = None,
    out: Annotated[
        Path | None,
        Parameter(name="--out", help="Write a stream file instead; gzipped when named .gz."),
    ] = None,
    homes_out: Annotated[
        Path | None,
        Parameter(
            name="--homes-out",
            help="Write the homes too, for import; alone, nothing is published.",
        ),
    ] = None,
    json: Json = False,
    config: Config = None,
) -> Exit:
    """Publish the messages of simulated homes, or of a recording."""
    from telecared.adapters.system_clock import wall_now

    _check(days=days, seconds=seconds)
    if stream is not None and (homes, days, out, homes_out) != (None, None, None, None):
        raise UsageError("--stream publishes a recording: leave out --homes, --days and the files")
    if out is not None and (broker, seconds, epoch) != (None, None, None):
        raise UsageError("--out writes a file at once: leave out --broker, --seconds and --epoch")
    timing = _timing(start, speed, epoch, is_recording=stream is not None)
    if stream is not None:
        with _recording(stream, timing) as (messages, begin):
            line = _publish(messages, _broker(broker, config), timing, begin, seconds)
        return _told(line, json=json)
    street = _street(DEFAULT_HOMES if homes is None else homes)
    if homes_out is not None:
        _write_homes(homes_out, street)
        if (out, broker, config, seconds, days) == (None, None, None, None, None):
            say(f"{count_of(len(street), 'home')} written; nothing was published.")
            return Exit.FINE
    begin = timing.start if timing.start is not None else wall_now()
    if out is not None:
        line = _write(out, _simulated(street, begin, days or 1, seed))
    else:
        simulated = _simulated(street, begin, days or MOST_DAYS, seed)
        line = _publish(simulated, _broker(broker, config), timing, begin, seconds)
    return _told(line, json=json)


def _timing(start: str | None, speed: float, epoch: str | None, *, is_recording: bool) -> _Timing:
    if not 0 < speed <= MAX_SPEED:
        raise UsageError(f"--speed: write a number above 0 and up to {MAX_SPEED:g}")
    if epoch is not None and start is None and not is_recording:
        raise UsageError("--epoch is the real time at which --start was; add --start")
    return _Timing(
        start=None if start is None else instant_of(start, "--start"),
        speed=speed,
        epoch=None if epoch is None else instant_of(epoch, "--epoch"),
    )


def _check(*, days: int | None, seconds: float | None) -> None:
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise UsageError(f"--days: write a number from 1 to {MOST_DAYS}")
    if seconds is not None and not 0 < seconds < float("inf"):
        raise UsageError("--seconds: write how long to publish, a number above 0")


def _told(line: SimulateLine, *, json: bool) -> Exit:
    if json:
        put(line)
    elif line.late_seconds is None:
        say(f"{count_of(line.messages, 'message')} written.")
    else:
        say(
            f"{count_of(line.messages, 'message')} published, none before its time and none more"
            f" than {line.late_seconds * 1000:.0f} ms after it; the broker has acknowledged all."
        )
    return Exit.FINE


# --- what is published --------------------------------------------------------------------------


def _simulated(
    street: "list[Household]", begin: Instant, days: int, seed: int
) -> Iterator[StreamMessage]:
    from telecared.sim.happenings import happenings_of
    from telecared.sim.residents import street_stream

    def happenings(resident: "Resident") -> "Iterator[Happening]":
        return happenings_of(resident, start=begin, days=days, seed=seed, a_day=HAPPENINGS_A_DAY)

    residents = [household.resident for household in street]
    return street_stream(residents, happenings, start=begin, end=begin + days * DAY, seed=seed)


@contextmanager
def _recording(file: Path, timing: _Timing) -> Iterator[tuple[Iterable[StreamMessage], Instant]]:
    """Open a recording, moved in time so that its first message is at `--start`."""
    from telecared.adapters.system_clock import wall_now
    from telecared.cli.streams import open_lines
    from telecared.core.streams import read_stream
    from telecared.sim.publish import shifted

    with open_lines(file) as lines:
        messages = read_stream(lines)
        first = next(messages, None)
        if first is None:
            raise ReplayError(f"{file}: there is no message in it; name a recording")
        told = first.tst if first.tst is not None else wall_now()
        begin = timing.start if timing.start is not None else told
        yield shifted(chain([first], messages), begin), begin


# --- files --------------------------------------------------------------------------------------


def _street(homes: int) -> "list[Household]":
    from telecared.sim.street import MOST_HOMES, make_street

    if not 1 <= homes <= MOST_HOMES:
        raise UsageError(f"--homes: write a number from 1 to {MOST_HOMES}")
    return make_street(homes)


def _write_homes(path: Path, street: "list[Household]") -> None:
    from telecared.sim.street import homes_yaml

    try:
        path.write_text(homes_yaml(street), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--homes-out {path}: cannot be written ({error.strerror})") from None


def _write(path: Path, messages: Iterable[StreamMessage]) -> SimulateLine:
    count = 0
    try:
        with _opened(path) as file:
            for message in messages:
                file.write(_line(message))
                count += 1
    except OSError as error:
        raise UsageError(f"--out {path}: cannot be written ({error.strerror})") from None
    return SimulateLine(messages=count, late_seconds=None)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    with path.open("wb") as file:
        if path.suffix != ".gz":
            yield file
            return
        # No name and no time in it: the same seed gives the same file.
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as zipped:
            yield zipped


def _line(message: StreamMessage) -> bytes:
    told = {
        "tst": stamp(message.tst or 0),
        "topic": message.topic,
        "qos": message.qos,
        "retain": int(message.retain),
        "payload": message.payload.decode(),
    }
    return msgspec.json.encode(told) + b"\n"


# --- publishing ---------------------------------------------------------------------------------


def _broker(url: str | None, config: Path | None) -> "BrokerSettings":
    """Return where to publish, under a name of our own: the daemon's session is left alone."""
    from pydantic import ValidationError

    from telecared.config.deployment import Broker, default_deployment, load_deployment
    from telecared.shard import broker_of

    path = find_config(config)
    deployment = default_deployment(Path()) if path is None else load_deployment(path)
    if url is not None:
        try:
            named = Broker(url=url)
        except ValidationError as error:
            why = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise UsageError(f"--broker: {why}") from None
        broker = deployment.broker.model_copy(update={"url": named.url})
        deployment = deployment.model_copy(update={"broker": broker})
    return msgspec.structs.replace(broker_of(deployment), client_id=f"simulate-{os.getpid()}")


def _publish(
    messages: Iterable[StreamMessage],
    settings: "BrokerSettings",
    timing: _Timing,
    begin: Instant,
    seconds: float | None,
) -> SimulateLine:
    from telecared.sim.publish import Pace

    pace = Pace()
    asyncio.run(_run(messages, settings, timing, begin, seconds, pace))
    return SimulateLine(messages=pace.messages, late_seconds=round(pace.late_seconds, 6))


async def _run(
    messages: Iterable[StreamMessage],
    settings: "BrokerSettings",
    timing: _Timing,
    begin: Instant,
    seconds: float | None,
    pace: "Pace",
) -> None:
    """Publish until the end, `--seconds`, Ctrl-C or SIGTERM; what is under way is finished."""
    from telecared.adapters.mqtt_publish import MqttPublisher
    from telecared.adapters.system_clock import FastClock
    from telecared.sim.publish import publish_stream

    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    # Drawn before the clock starts: to set up many homes takes a while.
    remaining = iter(messages)
    first = next(remaining, None)
    prepared = chain([] if first is None else [first], remaining)
    async with MqttPublisher(settings) as publisher:
        clock: Clock = FastClock(start=begin, speed=timing.speed, epoch=timing.epoch)
        publishing = asyncio.create_task(publish_stream(prepared, publisher, clock, pace=pace))
        ending = asyncio.create_task(ended.wait())
        either: set[asyncio.Task[None] | asyncio.Task[bool]] = {publishing, ending}
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        publishing.cancel()
        with suppress(asyncio.CancelledError):
            await publishing
