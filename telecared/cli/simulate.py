"""`simulate`: simulated homes, or a recording, to a broker at a chosen speed or into a file.

Options, files and the closing sentence. What happens in the homes is `telecared.sim`.
"""

import asyncio
import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from cyclopts import Parameter

from telecared.cli.common import Config, Exit, Json, UsageError, find_config, instant_of
from telecared.cli.lines import SimulateLine
from telecared.cli.output import count_of, put, say
from telecared.cli.simulated import HAPPENINGS_A_DAY, Simulation, Wanted
from telecared.core.streams import StreamMessage
from telecared.core.vocabulary import Instant
from telecared.errors import ReplayError

if TYPE_CHECKING:
    from telecared.ports import BrokerSettings, Clock
    from telecared.sim.publish import Pace

MAX_SPEED: Final = 100_000.0
MOST_DAYS: Final = 3_660

DEFAULT_HOMES: Final = 12


class _Timing(msgspec.Struct, frozen=True):
    """When simulated time begins, and how it maps to real time."""

    start: Instant | None
    speed: float
    epoch: Instant | None


_Homes = Annotated[
    int | None, Parameter(name="--homes", help=f"How many homes; {DEFAULT_HOMES} if left out.")
]
_Seed = Annotated[int, Parameter(name="--seed", help="The same seed gives the same days.")]
_Speed = Annotated[float, Parameter(name="--speed", help="Times the speed of life.")]
_Start = Annotated[
    str | None,
    Parameter(name="--start", help="When it begins, RFC 3339; now, or the recording's time."),
]
_Days = Annotated[
    int | None, Parameter(name="--days", help="How many days; 1 into a file, else no end.")
]
_Seconds = Annotated[
    float | None, Parameter(name="--seconds", help="End after so many real seconds.")
]
_Broker = Annotated[
    str | None,
    Parameter(name="--broker", help="mqtt://host:1883; the deployment's if left out."),
]
_Stream = Annotated[
    Path | None,
    Parameter(name="--stream", help="Publish this recording instead; - for stdin."),
]
_Epoch = Annotated[
    str | None,
    Parameter(name="--epoch", help="The real time at which --start was, as `run` has it."),
]
_Out = Annotated[
    Path | None,
    Parameter(name="--out", help="Write a stream file instead; gzipped when named .gz."),
]
_HomesOut = Annotated[
    Path | None,
    Parameter(
        name="--homes-out",
        help="Write the homes too, for import; alone, nothing is published.",
    ),
]
_Profiles = Annotated[
    str, Parameter(name="--profiles", help="native, mixed, or profiles with commas between.")
]
_Habits = Annotated[
    str | None,
    Parameter(name="--habits", help="real or clean; real unless all devices are native."),
]
_Events = Annotated[
    list[str] | None,
    Parameter(
        name="--event",
        negative=(),
        help="What happens, such as fall@2026-03-04T10:15; may be given again.",
    ),
]
_Home = Annotated[
    str | None, Parameter(name="--home", help="Where --event happens; the first home.")
]
_EventsADay = Annotated[
    float | None,
    Parameter(
        name="--events-a-day",
        help=f"Drawn events of a home on a day; {HAPPENINGS_A_DAY:g}, none beside --event.",
    ),
]
_Truth = Annotated[
    Path | None,
    Parameter(name="--truth", help="Write what happens when beside the stream, for score."),
]


def simulate_command(  # noqa: PLR0913 - every option is an argument
    *,
    homes: _Homes = None,
    seed: _Seed = 1,
    speed: _Speed = 1.0,
    start: _Start = None,
    days: _Days = None,
    seconds: _Seconds = None,
    broker: _Broker = None,
    stream: _Stream = None,
    epoch: _Epoch = None,
    out: _Out = None,
    homes_out: _HomesOut = None,
    profiles: _Profiles = "native",
    habits: _Habits = None,
    event: _Events = None,
    home: _Home = None,
    events_a_day: _EventsADay = None,
    truth: _Truth = None,
    json: Json = False,
    config: Config = None,
) -> Exit:
    """Publish the messages of simulated homes, or of a recording."""
    from telecared.adapters.system_clock import wall_now

    _check(days=days, seconds=seconds)
    asked = (homes, days, out, homes_out, habits, event, home, events_a_day, truth)
    if stream is not None and (any(one is not None for one in asked) or profiles != "native"):
        raise UsageError("--stream publishes a recording: leave out --homes, --days and the files")
    if out is not None and (broker, seconds, epoch) != (None, None, None):
        raise UsageError("--out writes a file at once: leave out --broker, --seconds and --epoch")
    timing = _timing(start, speed, epoch, is_recording=stream is not None)
    if stream is not None:
        with _recording(stream, timing) as (messages, begin):
            line = _publish(messages, _broker(broker, config), timing, begin, seconds)
        return _told(line, json=json)
    simulation = Simulation(
        Wanted(
            homes=DEFAULT_HOMES if homes is None else homes,
            seed=seed,
            profiles=profiles,
            habits=habits,
            events=tuple(event or ()),
            home=home,
            a_day=events_a_day,
        )
    )
    begin = timing.start if timing.start is not None else wall_now()
    simulation.check_events(begin, days or (MOST_DAYS if out is None else 1))
    files_only = (out, broker, config, seconds, days, truth) == (None,) * 6
    _write_beside(simulation, homes_out, truth, begin, _days_of_truth(days, out, truth))
    if homes_out is not None and files_only:
        say(f"{count_of(len(simulation.street), 'home')} written; nothing was published.")
        return Exit.FINE
    if out is not None:
        line = SimulateLine(messages=simulation.write(out, begin, days or 1), late_seconds=None)
    else:
        simulated = simulation.stream(begin, days or MOST_DAYS)
        line = _publish(simulated, _broker(broker, config), timing, begin, seconds)
    return _told(line, json=json)


def _write_beside(
    simulation: Simulation, homes: Path | None, truth: Path | None, begin: Instant, days: int
) -> None:
    """Write the files that are asked for beside the messages."""
    if homes is not None:
        simulation.write_homes(homes)
    if truth is not None:
        simulation.write_truth(truth, begin, days)


def _days_of_truth(days: int | None, out: Path | None, truth: Path | None) -> int:
    if truth is not None and days is None and out is None:
        raise UsageError("--truth needs an end to tell the truth about: add --days")
    return days or 1


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
    from telecared.adapters.mqtt_flood import FloodPublisher
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
    async with FloodPublisher(settings) as publisher:
        clock: Clock = FastClock(start=begin, speed=timing.speed, epoch=timing.epoch)
        publishing = asyncio.create_task(
            publish_stream(prepared, publisher, clock, pace=pace, push=publisher.push)
        )
        ending = asyncio.create_task(ended.wait())
        either: set[asyncio.Task[None] | asyncio.Task[bool]] = {publishing, ending}
        await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        publishing.cancel()
        with suppress(asyncio.CancelledError):
            await publishing
