"""What is found becomes an alert: opened, joined as a repeat, split, capped, ended by recovery.

Each change leaves a line in the record. What people and time do to an alert is `handling`; who is
told is `escalation`; when a rule finds something is `conditions`.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

import msgspec

from telecared.core import grouping, messages, runaway
from telecared.core.ageing import first_at, without_age, young_again
from telecared.core.escalation import begin_again, begin_step
from telecared.core.leases import LONGEST_HOLD, page_owner
from telecared.core.outcomes import alerts_of, resolve
from telecared.core.plan import Ageing, Device
from telecared.core.policy import Policy
from telecared.core.state import MAX_OPEN_ALERTS, Alert, Finding, HomeState, earliest
from telecared.core.vocabulary import HOUR, MINUTE, AlertState, Duration, Instant, Mode, Priority
from telecared.core.windows import duration_text, local, to_instant
from telecared.core.work import Work

QUIET_REPEATS: Final[Duration] = HOUR
"""Repeats of a technical finding are counted, and recorded at most once in this."""

MAX_FINDINGS: Final = 500
"""Findings a home remembers; the oldest without an alert are forgotten first."""

LATE_FROM: Final[Duration] = MINUTE
"""A finding that is older than this when it opens says so in its text."""


RUNAWAY_REST: Final[Duration] = 10 * MINUTE
"""What comes and goes without end opens nothing more for this long."""

WATCHED: Final = "watched, pages nobody: "
"""How the reason of an alert begins that a rule in mode watch opens."""


_MORE: Final = "it happened again, and its rule is more dangerous now"


class Opening(NamedTuple):
    """What was found, and how it is to be told.

    Attributes:
        key: repeats with the same key join the alert.
        say, says: the text in the site's language ("" for ours), and in others.
        subject: what it is about, where that is no registered device.
        since: the start of the stretch or the time of the act.
        reason: one sentence with the evidence.
        mark: what the text adds, such as "found at connect".
        cooldown, split_after, max_per_day, cancel_within: as in the rule, 0 for none.
        confirm_within: how long a second sensor is asked, 0 when there is none to ask.
        ages: how it is told again while nobody mends it.
        alike: keys of findings that tell of the same fault: it joins what is open of them.
    """

    rule: str
    key: str
    priority: Priority
    say: str
    policy: Policy
    device: Device | None
    subject: str
    since: Instant
    reason: str
    watch: bool = False
    cooldown: Duration = 0
    mark: str = ""
    split_after: Duration = 0
    max_per_day: int = 0
    cancel_within: Duration = 0
    confirm_within: Duration = 0
    ages: Ageing | None = None
    alike: tuple[str, ...] = ()
    says: Mapping[str, str] = {}


def found(work: Work, opening: Opening) -> None:
    """Open an alert for a finding, or join the one that is already unresolved."""
    state = work.state
    runaway.note(work, opening.key, opening.device, opening.reason)
    finding = state.findings.get(opening.key)
    running = state.alerts.get(finding.alert) if finding and finding.alert else None
    if running is not None and not _stands_apart(work, finding, opening):
        _repeat(work, running, opening)
        return
    same = _same_fault(state, opening)
    if running is None and same is not None:
        _keep_finding(work, opening, same.n)
        work.record("alert.updated", same, f"the same fault: {opening.reason}")
        return
    cooling, capped = _cools(work, finding, opening), _had_its_day(work, opening)
    crowd = None if cooling or capped else _crowd(state, opening)
    if running is not None and (cooling or capped or crowd is not None):
        _repeat(work, running, opening)
    elif crowd is not None:
        _repeat(work, crowd, opening)
    elif cooling:
        _keep_finding(work, opening, None)
        work.record("alert.updated", None, f"within its cooldown: {opening.reason}",
                    rule=opening.rule)  # fmt: skip
    elif capped:
        _hold_for_today(work, opening)
    elif runaway.holds_opening(state, opening.key, opening.priority):
        _hold_runaway(work, opening)
    else:
        _keep_finding(work, opening, state.next_alert)
        _open(work, opening)


def _stands_apart(work: Work, finding: Finding | None, opening: Opening) -> bool:
    """Whether a repeat comes so long after the last one that it is an alert of its own."""
    if finding is None or not opening.split_after:
        return False
    return work.at >= finding.last_at + opening.split_after


def _cools(work: Work, finding: Finding | None, opening: Opening) -> bool:
    resolved_at = finding.resolved_at if finding else 0
    if not resolved_at or opening.priority is Priority.LIFE_SAFETY:
        return False
    return work.at < resolved_at + opening.cooldown


# --- at most so many on a day -------------------------------------------------------------------


def _had_its_day(work: Work, opening: Opening) -> bool:
    """Whether a rule has opened as many alerts on this local day as it may; routine ones only."""
    if not opening.max_per_day or opening.priority is not Priority.ROUTINE:
        return False
    day, opened = work.state.opened_today.get(opening.rule, ("", 0))
    return day == _today(work) and opened >= opening.max_per_day


def _hold_for_today(work: Work, opening: Opening) -> None:
    """Open nothing until the home's next local day; what still lasts then is an alert of it."""
    tomorrow = local(work.at, work.zone, work.offset).date() + timedelta(days=1)
    midnight = to_instant(datetime.combine(tomorrow, time(), work.zone)) - work.offset
    known = work.state.findings.get(opening.key)
    _keep_finding(work, opening, None, held_until=midnight)
    work.state.conditions_due = earliest(work.state.conditions_due, midnight)
    if known is None or known.held_until != midnight:
        often = f"its {opening.max_per_day} alerts of the day are opened"
        work.record("alert.updated", None, f"{often}: {opening.reason}", rule=opening.rule)


def _hold_runaway(work: Work, opening: Opening) -> None:
    """Open nothing more for a while of what comes and goes without end."""
    until = work.at + RUNAWAY_REST
    known = work.state.findings.get(opening.key)
    _keep_finding(work, opening, None, held_until=until)
    work.state.conditions_due = earliest(work.state.conditions_due, until)
    if known is None or known.held_until <= work.at:
        reason = f"held back: it comes and goes without end; {opening.reason}"
        work.record("alert.updated", None, reason, rule=opening.rule)


def _count_today(work: Work, rule: str) -> None:
    today = _today(work)
    kept = {name: one for name, one in work.state.opened_today.items() if one[0] == today}
    _, opened = kept.get(rule, (today, 0))
    work.state.opened_today = {**kept, rule: (today, opened + 1)}


def _today(work: Work) -> str:
    return local(work.at, work.zone, work.offset).date().isoformat()


# --- opening and joining ------------------------------------------------------------------------


def _same_fault(state: HomeState, opening: Opening) -> Alert | None:
    """Return the alert of another rule that tells people of the same fault already, or None.

    Only one that tells them as much: as dangerous, by the same policy, again and again if this is.
    """
    for key in opening.alike:
        finding = state.findings.get(key)
        alert = state.alerts.get(finding.alert) if finding and finding.alert else None
        if (
            alert is not None
            and alert.key == key
            and alert.watch == opening.watch
            and alert.priority.rank <= opening.priority.rank
            and (alert.ages is not None or opening.ages is None)
            and (alert.age_note or alert.policy == opening.policy)
        ):
            return alert
    return None


def _crowd(state: HomeState, opening: Opening) -> Alert | None:
    """Return the alert that a finding joins because too many are open, or None.

    Never a watched one where people would be paged, and never a less dangerous one: a limit must
    not mute anything (promise P6).
    """
    alike = [alert for alert in state.alerts.values() if alert.watch == opening.watch]
    if len(alike) < MAX_OPEN_ALERTS:
        return None
    most_dangerous = min(alike, key=lambda alert: (alert.priority.rank, alert.n))
    muted = opening.priority.rank < most_dangerous.priority.rank
    return None if muted else most_dangerous


def _keep_finding(
    work: Work, opening: Opening, alert: int | None, *, held_until: Instant = 0
) -> None:
    findings, kept_alerts = work.state.findings, work.state.alerts
    known = findings.get(opening.key)
    resolved_at = known.resolved_at if known else 0
    findings[opening.key] = Finding(alert, opening.since, work.at, resolved_at, held_until)
    if len(findings) > MAX_FINDINGS:
        # A rule's finding that only joined an alert must stay, or its deadline fires for ever.
        idle = [
            (kept.alert is not None, kept.last_at, key)
            for key, kept in findings.items()
            if kept.alert is None or (key.startswith("!") and kept_alerts[kept.alert].key != key)
        ]
        for _, _, key in sorted(idle)[: len(findings) - MAX_FINDINGS]:
            del findings[key]


def _open(work: Work, opening: Opening) -> None:
    state = work.state
    n = state.next_alert
    state.next_alert = n + 1
    code = messages.reply_code(f"{work.home.home}/{n}")
    values = work.values(opening.device, opening.subject, opening.rule, code)
    values["minutes"] = str((work.at - opening.since) // MINUTE)
    late = _late_text(work, opening)
    subject = messages.Subject(
        opening.say,
        opening.says,
        values,
        opening.priority,
        opening.policy.detail,
        late,
        opening.mark,
    )
    waits = opening.cancel_within if opening.priority is not Priority.LIFE_SAFETY else 0
    begins_at = work.told_at + waits if waits else None
    confirm_by = work.at + opening.confirm_within if opening.confirm_within else None
    alert = Alert(
        n=n,
        rule=opening.rule,
        key=opening.key,
        priority=opening.priority,
        opened_at=work.at,
        **messages.frozen(subject, work.reader, work.home.languages),
        code=code,
        policy=opening.policy,
        watch=opening.watch,
        next_at=None if opening.watch else begins_at,
        begins_at=begins_at,
        confirm_by=confirm_by,
        ages=opening.ages,
        ages_at=first_at(work, opening.ages),
    )
    pages = WATCHED if opening.watch else ""
    pause = f"; the resident may cancel for {duration_text(waits)}" if waits else ""
    told_late = (f" (late by {late})" if late else "") + opening.mark
    reason = f"{pages}{opening.reason}{told_late}{pause}"
    work.record("alert.opened", alert, reason, text=alert.text)
    if opening.watch or waits:
        work.put(alert)
    elif grouping.may_wait(alert):
        grouping.wait(work, alert)
    else:
        begin_step(work, alert, 0, "")
    if opening.max_per_day:
        _count_today(work, opening.rule)
    if confirm_by is not None:
        state.conditions_due = earliest(state.conditions_due, confirm_by)
        state.absences_due = earliest(state.absences_due, confirm_by)


def _late_text(work: Work, opening: Opening) -> str:
    """Return how late an act is told that happened long before we heard of it, "" for in time."""
    late = work.late
    if work.input and opening.device is not None:
        late = max(late, work.at - opening.since)
    return duration_text(late) if late >= LATE_FROM else ""


def _repeat(work: Work, alert: Alert, opening: Opening) -> None:
    """Join an alert. Life safety pages whoever holds it, and never waits (promise P6)."""
    finding = work.state.findings.get(opening.key)
    last_at = finding.last_at if finding else 0
    alert = work.put(msgspec.structs.replace(alert, repeats=alert.repeats + 1))
    if runaway.caps_repeat(work, alert, opening.key, opening.priority):
        _keep_finding(work, opening, alert.n)
        return
    # Of what may split, each repeat counts: the next is measured from it. So does each of what a
    # second sensor has raised.
    raised = alert.key == opening.key and alert.priority is Priority.LIFE_SAFETY
    seldom = opening.priority is Priority.TECHNICAL and not (opening.split_after or raised)
    quiet = seldom and work.at < last_at + QUIET_REPEATS
    if quiet and finding is not None:
        resolved = finding.resolved_at
        work.state.findings[opening.key] = Finding(alert.n, opening.since, last_at, resolved)
        return
    _keep_finding(work, opening, alert.n)
    before = alert.priority
    more = not alert.watch and opening.priority.rank < before.rank
    if more:
        # Its rule was edited: as dangerous as it is now, it cannot be told as it was.
        alert = work.put(
            msgspec.structs.replace(
                without_age(alert, work.at + LONGEST_HOLD),
                priority=opening.priority,
                policy=opening.policy,
                declined=(),
                group=0,  # what is more dangerous stands in no group
            )
        )
    elif alert.ages is not None and opening.priority is not Priority.TECHNICAL:
        # The same, and its age had made it as dangerous already.
        alert = work.put(without_age(alert, work.at + LONGEST_HOLD))
    now = f", now {alert.priority} instead of {before}" if more else ""
    work.record("alert.repeated", alert, f"again: {opening.reason}{now}")
    if alert.priority is Priority.LIFE_SAFETY and not alert.watch:
        _press_on(work, alert, more=more)
    elif more and alert.state is AlertState.OPEN and alert.begins_at is None:
        begin_again(work, alert, 0, _MORE)


def _press_on(work: Work, alert: Alert, *, more: bool) -> None:
    """Let a life-safety repeat page whoever holds the alert, or those whom it has not paged."""
    cancelled = alert.cancelled_at is not None
    alert = work.put(msgspec.structs.replace(alert, cancelled_at=None))
    if alert.state is AlertState.ACKNOWLEDGED:
        page_owner(work, alert, messages.again(alert))
    elif alert.begins_at is not None:
        begin_step(work, alert, 0, "")
    elif more:
        begin_again(work, alert, 0, _MORE)
    elif cancelled:
        begin_again(work, alert, alert.step, "it happened again after the resident had cancelled")


def end_trials(work: Work) -> None:
    """End what was found on trial by rules that page from now on; what lasts is found at once.

    A watched alert would swallow every repeat of what people must be told (promise P6).
    """
    paging = {one.name for one in work.home.rules if one.rule.mode is Mode.PAGE}
    findings = work.state.findings
    watched = [alert for alert in work.state.alerts.values() if alert.watch]
    numbers = {alert.n for alert in watched}
    ended = [
        key
        for key, finding in findings.items()
        if finding.alert in numbers and key.partition("|")[0] in paging
    ]
    for alert in watched:
        if alert.rule in paging:
            resolve(work, alert, by=None, outcome=None, reason="its rule is on trial no more")
    for key in ended:
        del findings[key]


def recovered(work: Work, key: str, reason: str) -> None:
    """Note that what was found has ended; it closes only what may close by itself (promise P2)."""
    finding = work.state.findings.get(key)
    alert = work.state.alerts.get(finding.alert) if finding and finding.alert else None
    if finding is None or alert is None:
        return
    if alert.key != key:
        # It had only joined: the alert is about something else, which has not ended.
        work.state.findings[key] = msgspec.structs.replace(finding, alert=None)
        work.record("alert.updated", alert, f"a part of it recovered: {reason}")
        return
    for aged in alerts_of(work.state, key):
        alert = young_again(work, aged)
        if alert.watch or not alert.priority.closed_only_by_a_person:
            resolve(work, alert, by=None, outcome=None, reason=f"recovered: {reason}")
        else:
            over = msgspec.structs.replace(finding, over_at=work.at)
            work.state.findings[key] = over
            work.record("alert.updated", alert, f"recovered, still needs a person: {reason}")
