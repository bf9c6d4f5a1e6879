"""`replay`: a recording, or the stored inputs, through the rules in virtual time.

Deciding is `sim.replay`; here its lines are shown, and held against what was decided live.
"""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from telecared.cli.common import (
    Config,
    Exit,
    Json,
    ReadBy,
    UsageError,
    find_config,
    instant_of,
    reader_of,
    require_config,
)
from telecared.cli.files import Homes, Rules, read_homes
from telecared.cli.output import NONE, count_of, put, say, warn
from telecared.cli.store import log_read, require_store
from telecared.cli.streams import open_lines
from telecared.config.check import surroundings
from telecared.config.deployment import default_deployment, load_deployment
from telecared.config.files import read_text
from telecared.config.findings import sentences_in_order
from telecared.config.load import load_plan
from telecared.config.positions import read_document, sentence
from telecared.core.vocabulary import Instant
from telecared.core.windows import rfc3339
from telecared.errors import ConfigError
from telecared.sim.behaviour import Behaviour, parse_behaviour
from telecared.sim.replay import ReplayLine, StoreReplay, replay_store, replay_stream

SHOWN_DIFFERENCES: Final = 10


def replay(  # noqa: PLR0913 - each is an option
    stream: Annotated[
        Path | None,
        Parameter(name="STREAM", help="The recording, plain or gzipped; - is stdin."),
    ] = None,
    /,
    *,
    homes: Homes = (),
    rules: Rules = (),
    phones: Annotated[
        Path | None,
        Parameter(
            name="--phones",
            help="YAML of contact: behaviour. Left out: delivered after 5 s, nobody answers.",
        ),
    ] = None,
    start: Annotated[
        str | None,
        Parameter(name="--start", help="The time of a first message that has none, RFC 3339."),
    ] = None,
    from_store: Annotated[
        bool,
        Parameter(name="--from-store", negative=(), help="Replay the stored inputs instead."),
    ] = False,
    home: Annotated[
        str | None, Parameter(name="--home", help="With --from-store: one home only.")
    ] = None,
    check_live: Annotated[
        bool,
        Parameter(
            name="--verify",
            negative=(),
            help="With --from-store: hold it against what was decided live.",
        ),
    ] = False,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Play a recording, or the stored inputs, through the rules in virtual time."""
    if from_store:
        if stream is not None or homes or rules or phones is not None or start is not None:
            raise UsageError("--from-store replays what is stored; leave the other inputs out")
        return _from_store(config, home, by, check_live=check_live, as_json=as_json)
    if check_live or home is not None:
        raise UsageError("--home and --verify belong to --from-store; add it")
    if stream is None or not homes:
        raise UsageError("write replay STREAM --homes FILE, or replay --from-store")
    lines = _replayed(stream, homes, rules, phones, start, config)
    found = 0
    for found, line in enumerate(lines, start=1):  # noqa: B007 - counts what was shown
        _show(line, as_json=as_json)
    if not found and not as_json:
        say("no rule was set off")
    return Exit.FINE


def _replayed(
    stream: Path,
    homes: tuple[Path, ...],
    rules: tuple[Path, ...],
    phones: Path | None,
    start: str | None,
    config: Path | None,
) -> Iterator[ReplayLine]:
    given = find_config(config)
    deployment = load_deployment(given) if given is not None else default_deployment(Path())
    loaded = load_plan(deployment, rules=rules or None)
    records = read_homes(homes, surroundings(deployment, loaded))
    behaviours = read_phones(phones) if phones is not None else {}
    began = instant_of(start, "--start") if start is not None else None
    with open_lines(stream) as lines:
        begun = lines if began is None else _begin_at(lines, began)
        yield from replay_stream(begun, homes=records, loaded=loaded, phones=behaviours)


def _begin_at(lines: Iterable[str], start: Instant) -> Iterator[str]:
    """Give the first message a time where it has none; the others follow on it."""
    first = True
    for line in lines:
        if first and line.strip():
            first = False
            try:
                told = msgspec.json.decode(line.encode("utf-8", "surrogateescape"))
            except msgspec.DecodeError:
                told = None
            if isinstance(told, dict) and told.get("tst") is None:
                yield msgspec.json.encode({**told, "tst": rfc3339(start)}).decode()
                continue
        yield line


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
