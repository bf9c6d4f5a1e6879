"""`preview`: who would be told, by what channel, in what order, and when it reaches the centre.

A rehearsal: nothing is sent and nothing changes. Playing it is `sim.preview`.
"""

from pathlib import Path
from typing import Annotated

import msgspec
from cyclopts import Parameter

from telecared.cli.common import (
    Config,
    Exit,
    Json,
    ReadBy,
    UsageError,
    duration_of,
    reader_of,
    require_config,
)
from telecared.cli.contact_findings import doubts_about
from telecared.cli.files import Homes, Rules
from telecared.cli.output import NONE, put, say, table, warn
from telecared.cli.planning import plan_and_homes
from telecared.cli.replaying import read_phones
from telecared.cli.store import log_read, require_store
from telecared.config.deployment import load_deployment
from telecared.config.load import LoadedPlan, load_plan
from telecared.core.compile import HomePlan
from telecared.core.explain import Duty
from telecared.core.plan import HomeRecord
from telecared.core.policy import MONITORING_CENTRE, Centre
from telecared.core.site import ALWAYS_ON, SiteFacts
from telecared.core.state import HomeState
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import Instant, Priority
from telecared.core.windows import duration_text, local
from telecared.errors import ReplayError
from telecared.sim.lines import ReplayLine
from telecared.sim.past import home_at
from telecared.sim.preview import Rehearsal, instant_of, parse_asked, rehearse, rule_asked


def preview(
    home: Annotated[str, Parameter(help="The home's id, like larch-12.")],
    asked: Annotated[
        str, Parameter(name="WHAT", help='What happens, like "fall at 02:10 on Sunday".')
    ],
    /,
    *,
    homes: Homes = (),
    rules: Rules = (),
    phones: Annotated[
        Path | None,
        Parameter(name="--phones", help="YAML of contact: behaviour. Left out: nobody answers."),
    ] = None,
    lasts: Annotated[
        str | None,
        Parameter(
            name="--for", help="How long to go on. Left out: until the last step was repeated."
        ),
    ] = None,
    by: ReadBy = None,
    config: Config = None,
    as_json: Json = False,
) -> Exit:
    """Say who would be told if something happened in a home, by what channel, and when."""
    loaded, record, state, site, now = _home(home, homes, rules, by, config)
    try:
        wanted = parse_asked(asked)
        plan = HomePlan(loaded.plan, home, record)
        rule = rule_asked(plan, wanted.what)
        at = instant_of(wanted, plan, now)
    except ReplayError as error:
        raise UsageError(str(error)) from None
    told = rehearse(
        loaded,
        record,
        rule,
        at,
        now=now if state is None else state.at,
        state=state,
        site=site,
        phones=read_phones(phones) if phones is not None else None,
        until=duration_of(lasts, "--for") if lasts is not None else None,
    )
    if as_json:
        for line in told.lines:
            put(line)
    else:
        _show(told, plan)
    return Exit.FINE


def _home(
    home: str,
    homes: tuple[Path, ...],
    rules: tuple[Path, ...],
    by: str | None,
    config: Path | None,
) -> tuple[LoadedPlan, HomeRecord, HomeState | None, SiteFacts, Instant]:
    """Return rules, the home's record, what is known of it and of the site, and the time."""
    from telecared.adapters.system_clock import wall_now

    if homes:
        loaded, records = plan_and_homes(homes, rules, config)
        record = next((one for one in records if one.id == home), None)
        if record is None:
            known = ", ".join(sorted(one.id for one in records)[:10])
            raise UsageError(f"there is no home {home} in --homes; there are: {known}")
        return loaded, record, None, ALWAYS_ON, wall_now()
    deployment = load_deployment(require_config(config))
    require_store(deployment.store_path)
    log_read(deployment.store_path, by=reader_of(by), what="preview", home=home)
    past = home_at(deployment.store_path, home)
    for told in doubts_about(deployment.store_path, home=home):
        warn(told.message)
    record = past.home.record
    assert record is not None, "a home of the past has a record"
    # The engine's clock may be ahead of this machine's, which is then the one that counts.
    now = max(past.state.at, wall_now())
    # Whether the link is up says nothing of what would follow; who stands in does.
    site = msgspec.structs.replace(ALWAYS_ON, rota_overrides=past.site.rota_overrides)
    return load_plan(deployment, rules=rules or None), record, past.state, site, now


def _show(told: Rehearsal, plan: HomePlan) -> None:
    began = local(told.at, plan.zone)
    say(f"{told.rule.name} ({told.rule.priority}) at {plan.home}, {began:%a %d %b %Y %H:%M:%S}")
    for duty in told.duty:
        not_now = f"; cannot be told now: {', '.join(duty.not_now)}" if duty.not_now else ""
        told_now = f"{', '.join(duty.to) or 'nobody'}{_how(duty)}"
        say(f"  step {duty.step} of {duty.policy}: {told_now}{not_now}")
    if told.rule.priority in (Priority.LIFE_SAFETY, Priority.URGENT):
        say(f"  {_supervised(plan.plan.centre)}")
    if not any(line.event == "notification.queued" for line in told.lines):
        say("nobody is told:" if told.lines else "nobody is told, and nothing goes on record")
    rows = [_row(told, line, plan) for line in told.lines]
    table(("after", "local time", "what", "to", "by", "text or reason"), rows)
    if told.at_the_centre is not None:
        after = duration_text(told.at_the_centre - told.at)
        say(f"It reaches {_end_of(told)} after {after} if nobody answers before.")


def _how(duty: Duty) -> str:
    """Return how a step tells people, as far as it is not the usual way: all at once, and once."""
    by = f" by {', '.join(duty.by)}" if duty.to else ""
    apart = f", one after another every {duration_text(duty.apart)}" if duty.apart else ""
    often = f", {duty.repeat} times" if duty.repeat > 1 else ""
    return f"{by}{apart}{often}"


def _supervised(centre: Centre) -> str:
    """Return what happens when the end of the policy does not answer."""
    if centre.supervisor is None:
        return "when nobody answers there: nobody else is paged, for there is no supervisor"
    times = ", ".join(duration_text(one) for one in centre.page_after)
    by = ", ".join(centre.page_by)
    return f"when nobody answers there: {centre.supervisor} is paged by {by} after {times}, and on"


def _end_of(told: Rehearsal) -> str:
    ends_at_centre = any(MONITORING_CENTRE in duty.to for duty in told.duty)
    return "the monitoring centre" if ends_at_centre else "the last step of its policy"


def _row(told: Rehearsal, line: ReplayLine, plan: HomePlan) -> tuple[str, ...]:
    at = parse_stamp(line.at)
    text = line.text if line.event == "notification.queued" and line.text else line.reason
    return (
        f"+{duration_text(at - told.at)}",
        local(at, plan.zone).strftime("%a %H:%M:%S"),
        line.event,
        line.to or NONE,
        line.channel or NONE,
        text or NONE,
    )
