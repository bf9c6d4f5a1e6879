"""`rota show` and `rota override`: who is on duty, and who stands in for a time.

Shows the rotas of the files with the overrides of the store. Whether an override may be is the
core's.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from cyclopts import App, Parameter

from telecared.adapters.system_clock import wall_now
from telecared.bodies import encode_site_event
from telecared.cli.common import (
    By,
    Config,
    Exit,
    Json,
    ReadBy,
    UsageError,
    Wait,
    duration_of,
    instant_of,
    name_of,
    reader_of,
    require_config,
)
from telecared.cli.output import put, say, table
from telecared.cli.rota_lines import GapLine, HandoverLine, OverrideLine, RotaLine, ShiftLine
from telecared.cli.store import hand_in, log_read, reader_at
from telecared.config.deployment import Deployment, load_deployment
from telecared.config.load import load_plan
from telecared.config.positions import nearest
from telecared.config.rotas import NOBODY, local_time
from telecared.core.plan import Plan
from telecared.core.rota import Override, Rota
from telecared.core.rota_duty import Shift, handovers, on_duty, shifts
from telecared.core.site import RotaOverridden, RotaOverrideEnded, SiteFacts, decode_site
from telecared.core.vocabulary import DAY, Instant
from telecared.core.windows import local, rfc3339
from telecared.errors import Refused
from telecared.orders import ROTA

LONGEST_LOOK: Final = 366
"""Days of which the shifts can be shown."""

rota = App(name="rota")


@rota.command
def show(
    name: Annotated[
        str | None,
        Parameter(name="NAME", show_default=False, help="The rota; left out: all of them."),
    ] = None,
    /,
    *,
    at: Annotated[
        str | None,
        Parameter(
            name="--at",
            help="From this time on: 2026-12-24T09:00 by the rota's clocks, or with Z. Else now.",
        ),
    ] = None,
    days: Annotated[int, Parameter(name="--days", help="How many days are shown.")] = 14,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Show who is on duty, the next hand-overs, the shifts and the gaps."""
    if not 1 <= days <= LONGEST_LOOK:
        raise UsageError(f"--days: write 1 to {LONGEST_LOOK}")
    deployment = load_deployment(require_config(config))
    plan = load_plan(deployment).plan
    wanted = plan.rotas if name is None else (_rota_of(plan, name),)
    site = _site_of(deployment, reader_of(by))
    now = wall_now()
    names = {person.id: person.name for person in plan.people}
    if not wanted and not as_json:
        say("no rule file has rotas: yet")
    for one in wanted:
        since = now if at is None else _time_of(at, "--at", one)
        line = _line(one, site, since, since + days * DAY, names)
        if as_json:
            put(line)
        else:
            found = shifts(one, since, since + days * DAY, site.rota_overrides_of(one.name))
            _show(one, line, found, names)
    return Exit.FINE


@rota.command
def override(
    name: Annotated[str, Parameter(name="NAME", help="The rota.")],
    /,
    *,
    by: By,
    person: Annotated[
        str | None,
        Parameter(name="--person", help=f"The id of who is on duty then; {NOBODY} for a gap."),
    ] = None,
    since: Annotated[
        str | None,
        Parameter(name="--from", help="2026-12-24T09:00 by the rota's clocks, or with Z."),
    ] = None,
    until: Annotated[str | None, Parameter(name="--to", help="When it ends.")] = None,
    end: Annotated[
        int | None,
        Parameter(name="--end", help="End the override of this number; `rota show` lists them."),
    ] = None,
    wait: Wait = "10s",
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Put one person on duty for a time, whoever else would be; or end that with --end."""
    deployment = load_deployment(require_config(config))
    who = name_of(by)
    event: RotaOverridden | RotaOverrideEnded
    if end is not None:
        if (person, since, until) != (None, None, None):
            raise UsageError("--end ends an override; leave --person, --from and --to out")
        event = RotaOverrideEnded(at=0, rota=name, n=end, by=who)
    elif person is None or since is None or until is None:
        raise UsageError("write --person, --from and --to; or --end and a number")
    else:
        meant = _rota_of(load_plan(deployment).plan, name)
        event = RotaOverridden(
            at=0,
            rota=name,
            person="" if person == NOBODY else person,
            since=_time_of(since, "--from", meant),
            until=_time_of(until, "--to", meant, ends=True),
            by=who,
        )
    return hand_in(
        deployment,
        kind=ROTA,
        by=who,
        body=encode_site_event(event),
        wait=duration_of(wait, "--wait"),
        as_json=as_json,
    )


def _rota_of(plan: Plan, name: str) -> Rota:
    """Return a rota of the files. Raises Refused."""
    for one in plan.rotas:
        if one.name == name:
            return one
    known = [one.name for one in plan.rotas]
    hint = nearest(name, known) if known else "write rotas: in a rule file"
    raise Refused(f"there is no rota {name}; {hint}")


def _time_of(text: str, option: str, meant: Rota, *, ends: bool = False) -> Instant:
    """Return the instant that an option was given, by the clocks of a rota. Raises UsageError.

    A day alone is meant whole, as in the files.
    """
    try:
        return local_time(text, ZoneInfo(meant.timezone), ends=ends)
    except ValueError:
        pass
    try:
        at = instant_of(text, option)
        local_time(rfc3339(at)[:16], ZoneInfo("UTC"))  # refuses years that rotas do not have
        return at
    except (UsageError, ValueError):
        raise UsageError(
            f"{option}: '{text}' is no time; write it like 2026-12-24T09:00 for the clocks of the"
            " rota, or like 2026-12-24T09:00:00Z"
        ) from None


def _site_of(deployment: Deployment, reader: str) -> SiteFacts:
    """Return what the store knows of the site; that somebody looks is on record first."""
    path: Path = deployment.store_path
    if not path.exists():
        return SiteFacts()
    log_read(path, by=reader, what="rotas", home=None)
    stored = reader_at(path).site()
    return SiteFacts() if stored is None else decode_site(stored)


def _line(
    one: Rota, site: SiteFacts, since: Instant, until: Instant, names: Mapping[str, str]
) -> RotaLine:
    stated = site.rota_overrides_of(one.name)
    found = shifts(one, since, until, stated)
    person = next(iter(on_duty(one, since, stated)), None)
    return RotaLine(
        rota=one.name,
        timezone=one.timezone,
        staffed=one.staffed,
        at=rfc3339(since),
        on_duty=person,
        name=None if person is None else names.get(person, person),
        handovers=[
            HandoverLine(rfc3339(each.at), each.leaves, each.comes)
            for each in handovers(one, since, until, stated)
        ],
        shifts=[ShiftLine(rfc3339(each.since), rfc3339(each.until), each.person) for each in found],
        gaps=[
            GapLine(rfc3339(each.since), rfc3339(each.until))
            for each in found
            if each.person is None
        ],
        overrides=_overrides(one, site, since),
    )


def _overrides(one: Rota, site: SiteFacts, since: Instant) -> list[OverrideLine]:
    stated: list[tuple[int | None, Override]] = [(None, each) for each in one.overrides]
    stated += [(each.n, each.override) for each in site.rota_overrides if each.rota == one.name]
    return [
        OverrideLine(
            number=number,
            since=rfc3339(each.since),
            until=rfc3339(each.until),
            person=each.person or None,
            by=each.by or None,
        )
        for number, each in stated
        if each.until > since
    ]


def _show(one: Rota, line: RotaLine, found: list[Shift], names: Mapping[str, str]) -> None:
    """Tell people of one rota, in its own local time."""
    zone = ZoneInfo(one.timezone)

    def time(at: Instant) -> str:
        return f"{local(at, zone):%a %Y-%m-%d %H:%M}"

    on = "nobody" if line.name is None else f"{line.name} ({line.on_duty})"
    say(f"{one.name}: {on} is on duty at {time(found[0].since)} ({one.timezone})")
    rows = [
        (
            time(each.since),
            time(each.until),
            each.person or "NOBODY",
            names.get(each.person or "", ""),
        )
        for each in found
    ]
    table(("from", "to", "on duty", "name"), rows)
    for given in line.overrides:
        number = "in the file" if given.number is None else f"override {given.number}"
        by = f", stated by {given.by}" if given.by else ""
        who = given.person or "nobody"
        say(f"{number}: {who} from {_short(given.since)} to {_short(given.until)} UTC{by}")
    if line.gaps:
        say(
            "Nobody is on duty in some of that time: `telecared rota override` names somebody."
            if one.staffed
            else "Nobody is on duty in some of that time, as is meant here."
        )


def _short(at: str) -> str:
    return at[:16].replace("T", " ")
