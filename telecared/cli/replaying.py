"""`replay`: a recording, or the stored inputs, through the rules in virtual time.

Deciding is `sim.replay`; here its lines are shown, and held against what was decided live.
"""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from cyclopts import Parameter

from telecared.cli.common import (
    Config,
    Exit,
    Json,
    ReadBy,
    UsageError,
    duration_of,
    instant_of,
    reader_of,
    require_config,
)
from telecared.cli.comparing import Played, show_comparison
from telecared.cli.files import Homes, Rules
from telecared.cli.output import NONE, count_of, put, say, warn
from telecared.cli.planning import plan_and_homes
from telecared.cli.progress import Progress
from telecared.cli.recordings import open_messages
from telecared.cli.store import log_read, require_store
from telecared.cli.streams import STDIN
from telecared.config.deployment import load_deployment
from telecared.config.files import read_text
from telecared.config.findings import sentences_in_order
from telecared.config.load import load_plan
from telecared.config.positions import read_document, sentence
from telecared.core.streams import StreamMessage
from telecared.core.vocabulary import DAY, MINUTE, Duration, Instant
from telecared.errors import ConfigError
from telecared.sim.behaviour import Behaviour, parse_behaviour
from telecared.sim.lines import ReplayLine
from telecared.sim.replay import StoreReplay, replay_store, replay_stream
from telecared.sim.stored import StoredPast, replay_past, stored_past

SHOWN_DIFFERENCES: Final = 10

SEEN_TO: Final[Duration] = 30 * MINUTE
"""How long after its opening each alert is ended when two rules are compared."""


_Streams = Annotated[
    tuple[Path, ...],
    Parameter(
        name="STREAM",
        show_default=False,
        help="Recordings, plain or gzipped, played together by their times; - is stdin.",
    ),
]
_Compare = Annotated[
    tuple[Path, ...],
    Parameter(
        name="--compare",
        negative=(),
        show_default=False,
        help="Other rules: tell which alerts would be new under them, and which gone.",
    ),
]
_Phones = Annotated[
    Path | None,
    Parameter(
        name="--phones",
        help="YAML of contact: behaviour. Left out: delivered after 5 s, nobody answers.",
    ),
]
_SeenTo = Annotated[
    str | None,
    Parameter(
        name="--seen-to",
        help="Somebody ends each alert so long after it opened. Left out: nobody does; with"
        " --compare after 30m, or a later alert would only repeat the first.",
    ),
]
_Start = Annotated[
    str | None,
    Parameter(name="--start", help="The time of a first message that has none, RFC 3339."),
]
_FromStore = Annotated[
    bool,
    Parameter(name="--from-store", negative=(), help="Replay the stored inputs instead."),
]
_Home = Annotated[str | None, Parameter(name="--home", help="With --from-store: one home only.")]
_Days = Annotated[
    int | None,
    Parameter(name="--days", help="With --from-store: what devices sent in the last N days."),
]
_Verify = Annotated[
    bool,
    Parameter(
        name="--verify",
        negative=(),
        help="With --from-store: hold it against what was decided live.",
    ),
]


def replay(  # noqa: PLR0913 - each is an option
    streams: _Streams = (),
    /,
    *,
    homes: Homes = (),
    rules: Rules = (),
    compare: _Compare = (),
    phones: _Phones = None,
    seen_to: _SeenTo = None,
    start: _Start = None,
    from_store: _FromStore = False,
    home: _Home = None,
    days: _Days = None,
    check_live: _Verify = False,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Play a recording, or the stored inputs, through the rules in virtual time."""
    after = SEEN_TO if compare else None
    if seen_to is not None:
        after = duration_of(seen_to, "--seen-to")
    if from_store:
        if streams or homes or start is not None:
            raise UsageError("--from-store replays what is stored; leave STREAM and --homes out")
        if not (rules or compare or phones or seen_to or days is not None):
            return _from_store(config, home, by, check_live=check_live, as_json=as_json)
        if check_live:
            raise UsageError("--verify compares with what was decided; leave the others out")
        past = _stored(config, home, days, by)
        source: _Stored | _Recorded = _Stored(past, config, phones, after)
    else:
        if check_live or home is not None or days is not None:
            raise UsageError("--home, --days and --verify belong to --from-store; add it")
        if not streams or not homes:
            raise UsageError("write replay STREAM --homes FILE, or replay --from-store")
        if STDIN in streams and (compare or len(set(streams)) < len(streams)):
            raise UsageError("stdin can be read once only: save it to a file, and name that")
        source = _Recorded(streams, homes, phones, start, config, after)
    if compare:
        return show_comparison(source.played(rules), source.played(compare), as_json=as_json)
    found = 0
    for found, line in enumerate(source.played(rules).lines, start=1):  # noqa: B007 - counts
        _show(line, as_json=as_json)
    if not found and not as_json:
        say("no rule was set off")
    return Exit.FINE


class _Recorded(NamedTuple):
    """Recordings, which may be played more than once."""

    streams: tuple[Path, ...]
    homes: tuple[Path, ...]
    phones: Path | None
    start: str | None
    config: Path | None
    seen_to: Duration | None

    def played(self, rules: tuple[Path, ...]) -> Played:
        """Return what they set off under some rules."""
        loaded, records = plan_and_homes(self.homes, rules, self.config)
        behaviours = read_phones(self.phones) if self.phones is not None else {}
        began = instant_of(self.start, "--start") if self.start is not None else None
        times: list[Instant] = []

        def lines() -> Iterator[ReplayLine]:
            with open_messages(self.streams, began) as messages:
                timed = _noting(messages, times)
                yield from replay_stream(
                    timed,
                    homes=records,
                    loaded=loaded,
                    phones=behaviours,
                    seen_to=self.seen_to,
                )

        zones = {one.id: ZoneInfo(one.timezone) for one in records}
        return Played(lines(), zones, lambda: max(times, default=0) - min(times, default=0))


def _noting(messages: Iterable[StreamMessage], times: list[Instant]) -> Iterator[StreamMessage]:
    """Yield messages, and keep in `times` the first and the last time that they tell."""
    for message in messages:
        if message.tst is not None:
            times[:] = [min([message.tst, *times[:1]]), max([message.tst, *times[1:]])]
        yield message


class _Stored(NamedTuple):
    """What devices sent, as the store has it."""

    past: StoredPast
    config: Path | None
    phones: Path | None
    seen_to: Duration | None

    def played(self, rules: tuple[Path, ...]) -> Played:
        """Return what it sets off under some rules."""
        past = self.past
        loaded = load_plan(load_deployment(require_config(self.config)), rules=rules or None)
        behaviours = read_phones(self.phones) if self.phones is not None else {}

        def lines() -> Iterator[ReplayLine]:
            with Progress(past.home or "all homes") as progress:
                moved = progress.between(past.since, past.until)
                yield from replay_past(
                    past,
                    loaded=loaded,
                    phones=behaviours,
                    seen_to=self.seen_to,
                    progress=moved,
                )

        zones = {one.id: ZoneInfo(one.timezone) for one in past.homes}
        return Played(lines(), zones, lambda: past.until - past.since)


def _stored(config: Path | None, home: str | None, days: int | None, by: str | None) -> StoredPast:
    if days is not None and days < 1:
        raise UsageError(f"--days: {days} is less than one; write how many days back")
    path = load_deployment(require_config(config)).store_path
    require_store(path)
    log_read(path, by=reader_of(by), what="replay", home=home)
    return stored_past(path, home=home, lasts=None if days is None else days * DAY)


def read_phones(file: Path) -> dict[str, Behaviour]:
    """Return how phones behave, by contact or number.

    Raises:
        ConfigError: with everything that is wrong in the file.
    """
    document = read_document(read_text(file), str(file))
    told = document.data
    if told is not None and not isinstance(told, dict):
        message = "write one line for each phone, like ben: silent"
        raise ConfigError([sentence(document, (), message)])
    found: dict[str, Behaviour] = {}
    problems: list[str] = []
    for name, value in (told or {}).items():
        try:
            found[str(name)] = parse_behaviour(value)
        except ConfigError as error:
            problems += [sentence(document, (name,), one) for one in error.problems]
    if problems:
        raise ConfigError(sentences_in_order(problems))
    return found


def _show(line: ReplayLine, *, as_json: bool) -> None:
    if as_json:
        put(line)
        return
    words = [line.at, line.alert or line.home, line.event]
    if line.rule and line.event == "alert.opened":
        words.append(f"{line.rule} ({line.priority})")
    if line.to:
        words.append(f"to {line.to} by {line.channel}" if line.channel else f"by {line.to}")
    told = line.text if line.event == "notification.queued" and line.text else line.reason
    say(" ".join(words) + (f": {told}" if told else ""))


# --- from the store -----------------------------------------------------------------------------


def _from_store(
    config: Path | None, home: str | None, by: str | None, *, check_live: bool, as_json: bool
) -> Exit:
    path = load_deployment(require_config(config)).store_path
    require_store(path)
    log_read(path, by=reader_of(by), what="replay", home=home)
    result = replay_store(path, home=home)
    if check_live:
        return _compare(result, as_json=as_json)
    for line in result.lines:
        _show(line, as_json=as_json)
    for problem in result.problems:
        warn(problem)
    return Exit.FINDINGS if result.problems else Exit.FINE


def _compare(result: StoreReplay, *, as_json: bool) -> Exit:
    """Tell whether the replay decides what was decided live, and where it does not."""
    for problem in result.problems:
        warn(problem)
    pairs = zip_longest(result.lines, result.live)
    differing = [(again, live) for again, live in pairs if again != live]
    if as_json:
        for again, _ in differing[:SHOWN_DIFFERENCES]:
            if again is not None:
                put(again)
    for again, live in differing[:SHOWN_DIFFERENCES]:
        warn(f"live:   {_text(live)}")
        warn(f"replay: {_text(again)}")
    if differing:
        warn(
            f"{count_of(len(differing), 'line')} of {len(result.lines)} replayed and"
            f" {len(result.live)} live ones differ"
        )
    elif not as_json:
        say(f"{count_of(len(result.lines), 'line')} agree with what was decided live")
    return Exit.FINDINGS if differing or result.problems else Exit.FINE


def _text(line: ReplayLine | None) -> str:
    return NONE if line is None else msgspec.json.encode(line).decode()
