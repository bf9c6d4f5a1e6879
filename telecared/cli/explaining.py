"""`explain`: why a rule did or did not fire in a home, at any instant of the past.

The state of that instant is worked out by `sim.past` or by a replay of a recording; why is
`core.explain`. Readings are personal data: that somebody looks is on record before it is shown.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from telecared.cli.common import Config, Exit, Json, ReadBy, UsageError, reader_of, require_config
from telecared.cli.files import Homes, Rules
from telecared.cli.lines import (
    ExplainAbsence,
    ExplainDuty,
    ExplainLine,
    ExplainPart,
    ExplainReading,
)
from telecared.cli.output import NONE, put, say, time_text, warn
from telecared.cli.planning import plan_and_homes
from telecared.cli.recordings import open_messages
from telecared.cli.store import log_read, reader_at, require_store
from telecared.config.deployment import load_deployment
from telecared.config.positions import nearest
from telecared.core.explain import Explanation, RuleExplained, explain
from telecared.core.parts import Part
from telecared.core.plan import decode_plan
from telecared.core.site import FAR
from telecared.core.standings import Standing
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import Instant
from telecared.core.windows import local, rfc3339, to_instant
from telecared.errors import ReplayError
from telecared.sim.lines import ReplayLine, line_of
from telecared.sim.past import Past, home_at, home_in_recording, zone_of

_FIRST = (
    Standing.OPEN,
    Standing.HELD_BACK,
    Standing.SET_ASIDE,
    Standing.NOT_JUDGED,
    Standing.MET,
    Standing.WAITING,
    Standing.COOLDOWN,
    Standing.CAPPED,
)
"""What is shown of all rules without being asked, in this order."""

RECORD_LINES: Final = 12
"""Lines of the record that are shown of one rule, the newest before the instant."""


def explain_home(
    home: Annotated[str, Parameter(help="The home's id, like larch-12.")],
    /,
    *,
    at: Annotated[
        str | None,
        Parameter(
            name="--at",
            help="When: RFC 3339, or the home's local time like 2026-03-01T02:10. Left out: the"
            " last thing on record.",
        ),
    ] = None,
    rule: Annotated[str | None, Parameter(name="--rule", help="One rule only.")] = None,
    streams: Annotated[
        tuple[Path, ...],
        Parameter(
            name="--stream",
            negative=(),
            show_default=False,
            help="A recording instead of the store; with --homes.",
        ),
    ] = (),
    homes: Homes = (),
    rules: Rules = (),
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Say why each rule did or did not fire in a home, and what comes next."""
    if streams:
        past, store = _in_recording(home, at, streams, homes, rules, config), None
    else:
        if homes or rules:
            raise UsageError("--homes and --rules belong to --stream; add it, or leave them out")
        store = load_deployment(require_config(config)).store_path
        past = _in_store(home, at, store, by)
    try:
        told = explain(past.home, past.state, past.site, rule=rule)
    except ValueError:
        raise UsageError(_no_such_rule(rule or "", past, store)) from None
    record = [] if store is None else _record(store, told)
    if as_json:
        for one in told.rules:
            put(_line(told, one, record))
        return Exit.FINE
    _show(told, past, record, every=rule is not None)
    return Exit.FINE


def _in_store(home: str, at: str | None, store: Path, by: str | None) -> Past:
    require_store(store)
    log_read(store, by=reader_of(by), what="explain", home=home)
    wanted = None if at is None else _instant_in(zone_of(store, home), at)
    past = home_at(store, home, wanted)
    if wanted is not None and past.state.at < wanted:
        last = rfc3339(past.state.at)
        warn(f"--at lies after the last thing on record: shown as it stood then, at {last}")
    return past


def _no_such_rule(rule: str, past: Past, store: Path | None) -> str:
    """Return why there is no such rule: the machinery's, removed since, or a slip."""
    if rule in FINDINGS:
        return f"{rule} is no rule: the machinery finds it; see telecared alerts"
    if store is not None:
        reader = reader_at(store)
        versions = [(at, decode_plan(content)) for at, content in reader.plans()]
        held = [at for at, plan in versions if rule in {one.name for one in plan.rules}]
        after = [at for at, _ in versions if held and at > held[-1]]
        if held and held[-1] <= past.state.at:
            removed = f" at {_when(past, after[0])}" if after else ""
            return f"{rule} was removed from the rules{removed}: ask for a time before that"
        if held:
            return f"{rule} was not yet among the rules; it came at {_when(past, held[0])}"
    return f"there is no rule {rule}; {nearest(rule, [one.name for one in past.home.plan.rules])}"


def _record(store: Path, told: Explanation) -> list[ReplayLine]:
    """Return what is on record of the home up to the instant."""
    rows = reader_at(store).records(home=told.home)
    return [line_of(row) for row in rows if row.record.at <= told.at]


def _about(told: Explanation, one: RuleExplained, record: list[ReplayLine]) -> list[ReplayLine]:
    """Return the last lines of the record about a rule, or about the alert that carries it."""
    alert = None if one.alert is None else f"{told.home}/{one.alert}"
    about = [line for line in record if line.rule == one.rule or (alert and line.alert == alert)]
    return about[-RECORD_LINES:]


def _in_recording(
    home: str,
    at: str | None,
    streams: tuple[Path, ...],
    homes: tuple[Path, ...],
    rules: tuple[Path, ...],
    config: Path | None,
) -> Past:
    if not homes:
        raise UsageError("--stream needs the homes that it is about: add --homes FILE")
    loaded, records = plan_and_homes(homes, rules, config)
    record = next((one for one in records if one.id == home), None)
    if record is None:
        known = ", ".join(sorted(one.id for one in records)[:10])
        raise UsageError(f"there is no home {home} in --homes; there are: {known}")
    with open_messages(streams) as messages:
        try:
            return home_in_recording(
                messages,
                home,
                loaded=loaded,
                homes=records,
                at=lambda past: None if at is None else _instant_in(past.home.zone, at),
            )
        except ReplayError as error:
            raise UsageError(str(error)) from None


def _instant_in(zone: ZoneInfo, text: str) -> Instant:
    """Return an instant: a time without a zone is the home's local time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--at: '{text}' is no time; write 2026-03-01T02:10, or with a zone 2026-03-01T02:10Z"
        ) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return to_instant(moment.astimezone(UTC))


# --- one object a rule --------------------------------------------------------------------------


def _line(told: Explanation, one: RuleExplained, record: list[ReplayLine]) -> ExplainLine:
    return ExplainLine(
        home=told.home,
        at=rfc3339(told.at),
        rule=one.rule,
        version=one.version,
        source=one.source,
        priority=one.priority,
        mode=one.mode,
        standing=one.standing,
        why=one.why,
        since=time_text(one.since),
        due=time_text(one.due),
        alert=None if one.alert is None else f"{told.home}/{one.alert}",
        parts=[
            ExplainPart(
                depth=part.depth,
                name=part.name,
                what=part.what,
                holds=part.holds,
                since=time_text(part.since),
                due=time_text(part.due),
                would_change=part.would_change,
            )
            for part in one.parts
        ],
        readings=[
            ExplainReading(each.device, each.property, each.value, time_text(each.since))
            for each in one.evidence
        ],
        absences=[
            ExplainAbsence(gap.kind, rfc3339(gap.since), _end(gap.until), gap.declared, gap.why)
            for gap in told.gaps
        ],
        duty=[
            ExplainDuty(each.policy, each.step, list(each.to), list(each.not_now), list(each.by))
            for each in told.duty
            if each.policy == one.policy
        ],
        record=_about(told, one, record),
    )


def _end(until: Instant) -> str | None:
    return None if until >= FAR else rfc3339(until)


# --- for people ---------------------------------------------------------------------------------


def _show(told: Explanation, past: Past, record: list[ReplayLine], *, every: bool) -> None:
    say(f"{told.home} at {_when(past, told.at)} ({past.home.zone.key})")
    for gap in told.gaps:
        until = "" if gap.until >= FAR else f", until {_when(past, gap.until)} at the latest"
        how = "as stated" if gap.declared else "from the doors"
        since = _when(past, gap.since)
        say(f"  not as usual: {gap.kind} since {since}{until} ({gap.why}, {how})")
    for silence in told.silences:
        about = " of ".join(one for one in (silence.rule or "every rule", silence.device) if one)
        say(f"  silenced until {_when(past, silence.until)}: {about}")
    if past.site.held:
        say("  the link to the broker is lost or not yet drained: silence is not judged")
    shown = sorted(
        (one for one in told.rules if every or one.standing in _FIRST),
        key=lambda one: (_order(one), one.priority.rank, one.rule),
    )
    for one in shown:
        _show_rule(one, past)
        if every:
            _show_record(_about(told, one, record))
    if not every:
        _show_others(told)
    if told.duty:
        say("\nwho would be told then" if every else "\nwho would be told then, by policy")
    for duty in told.duty:
        not_now = f"; not then: {', '.join(duty.not_now)}" if duty.not_now else ""
        reached = ", ".join(duty.to) or "nobody"
        by = ", ".join(duty.by)
        say(f"  {duty.policy}, step {duty.step}: {reached} by {by}{not_now}")


def _order(one: RuleExplained) -> int:
    return _FIRST.index(one.standing) if one.standing in _FIRST else len(_FIRST)


def _show_others(told: Explanation) -> None:
    for standing, words in (
        (Standing.NOT_MET, "not met"),
        (Standing.NO_DEVICE, "no device for it"),
        (Standing.NOT_IN_FORCE, "not in force"),
    ):
        names = sorted(one.rule for one in told.rules if one.standing is standing)
        if names:
            say(f"\n{words}: {', '.join(names)} (--rule NAME says more)")


def _show_record(record: list[ReplayLine]) -> None:
    if record:
        say("  on record before:")
    for line in record:
        to = f" to {line.to}" if line.to else ""
        say(f"    {line.at[:19].replace('T', ' ')} {line.event}{to}: {line.reason or NONE}")


def _show_rule(one: RuleExplained, past: Past) -> None:
    say(f"\n{one.rule} ({one.priority}, {one.mode}; {one.source or 'no file'}; {one.version})")
    say(f"  {one.standing.replace('_', ' ')}: {one.why}")
    for part in one.parts:
        say("  " + "  " * part.depth + _part_text(part, past))
    for each in one.evidence:
        since = "" if each.since is None else f" since {_when(past, each.since)}"
        if each.value is None:
            heard = f"heard last {since.strip()}".replace("since", "at") if since else "never told"
            say(f"    {each.device} {each.property}: {heard}")
        else:
            say(f"    {each.device} {each.property}: {each.value}{since}")


def _part_text(part: Part, past: Past) -> str:
    if part.holds is None:
        return f"{part.what}: met only in the moment it happens"
    since = "" if part.since is None else f" since {_when(past, part.since)}"
    state = f"holds{since}" if part.holds else "does not hold"
    due = "" if part.due is None else f"; may change by itself at {_when(past, part.due)}"
    wording = "" if part.would_change == part.what else f"; would end it: {part.would_change}"
    return f"{part.what}: {state}{due}{wording}"


def _when(past: Past, at: Instant) -> str:
    moment = local(at, past.home.zone, past.site.offset(at))
    return moment.strftime("%a %d %b %Y %H:%M:%S")
