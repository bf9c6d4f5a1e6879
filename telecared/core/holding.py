"""What is not told although it was found: nobody is at home, or a person asked for silence.

The decision, its line in the record, and the memory by which it is told later where it still
holds. Life safety is never held back (promise P6). Who states it is `suspensions`, what the doors
say `away`.
"""

from typing import Final, NamedTuple

import msgspec

from telecared.core.alerts import MAX_FINDINGS, Opening
from telecared.core.gaps import covering, gap_text, moment_text
from telecared.core.inhibition import explains
from telecared.core.plan import Rule
from telecared.core.state import Finding, Pending, earliest
from telecared.core.stated import Silence
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import HOUR, MINUTE, Duration, Instant, Priority
from telecared.core.work import Work

QUIET_HELD: Final[Duration] = MINUTE
"""Stretches of one finding that begin closer than this are counted, and recorded once."""

QUIET_HELD_TECHNICAL: Final[Duration] = HOUR
"""The same for what the machinery finds, which a strange device may make it find every second."""


class Held(NamedTuple):
    """Why something is held back, until when as far as is known, and by which silence (or 0)."""

    why: str
    until: Instant
    silence: int = 0


def hold_back(work: Work, opening: Opening, rule: Rule, happened: Instant) -> bool:
    """Put on record, once per stretch, what a rule found and nobody is told; False to tell it.

    `happened` is when it did: by the device's time, or when a deadline was due.
    """
    held = held_back(work, opening, rule, happened)
    if held is None:
        return False
    _remember(work, opening.key, opening.since, held, QUIET_HELD, opening.rule, opening.reason)
    return True


def held_back(work: Work, opening: Opening, rule: Rule, happened: Instant) -> Held | None:
    """Return why nobody is told of what a rule found, or None.

    What happened before the home was left, or is heard of after somebody came back, is told.
    """
    state = work.state
    if opening.priority is Priority.LIFE_SAFETY:
        return None
    finding = state.findings.get(opening.key)
    running = state.alerts.get(finding.alert) if finding and finding.alert else None
    if running is not None and running.priority is Priority.LIFE_SAFETY:
        return None
    test = state.walk_test
    grave = rule.confirm is not None and rule.confirm.priority is Priority.LIFE_SAFETY
    if test is not None and not test.ended and test.until > work.at and not grave:
        until = moment_text(test.until, work.zone, work.offset, work.at)
        return Held(f"a walk test runs until {until}", test.until)
    device = opening.device.id if opening.device else ""
    silence = _silence(work, rule.name, device, by_name_only=grave)
    if silence is not None:
        return silence
    explained = explains(state, rule, work.at) if rule.held_by and not grave else None
    if explained is not None:
        holder, latest = explained
        what = f"{holder.rule} of {work.home.home}/{holder.n} explains it"
        return Held(f"{what}, says {rule.source or rule.name}", latest)
    gap = covering(work.view.gaps, work.at, rule.unless)
    if gap is None or not gap.since <= happened < gap.until:
        return None
    if happened == gap.since and not gap.declared:
        # The very act of leaving is not explained by having left.
        return None
    return Held(gap_text(gap, work.zone, work.offset, work.at), gap.until)


def hold_technical(work: Work, key: str, pending: Pending, priority: Priority) -> bool:
    """Do the same for what the machinery found: technical findings in a silence, nothing else.

    What lasts is told when the silence has ended; what happens again is found again.
    """
    if priority is not Priority.TECHNICAL:
        return False
    held = _silence(work, pending.name, pending.subject)
    if held is None:
        return False
    reason = pending.detail or pending.name
    _remember(work, key, work.at, held, QUIET_HELD_TECHNICAL, pending.name, reason)
    if FINDINGS[pending.name].lasts:
        work.state.pending[key] = msgspec.structs.replace(pending, due_at=held.until)
    return True


def release(work: Work) -> None:
    """Look at everything again that was held back: what held it back has ended, or changed."""
    state = work.state
    test = state.walk_test
    for key, finding in state.findings.items():
        own = test.own_ends(key.partition("|")[2]) if test is not None else frozenset()
        # What waits for the end of a device's own test waits for nothing else.
        if finding.held_until > work.at and finding.held_until not in own:
            state.findings[key] = msgspec.structs.replace(finding, held_until=work.at)
    for key, pending in state.pending.items():
        if FINDINGS[pending.name].lasts and not FINDINGS[pending.name].after:
            state.pending[key] = msgspec.structs.replace(pending, due_at=work.at)
    work.look_again()


def _silence(work: Work, name: str, device: str, *, by_name_only: bool = False) -> Held | None:
    """Return the silence that covers a finding, of several the one that ends last.

    One that names no rule covers neither what the site itself finds nor what a second sensor may
    raise to life safety.
    """
    by_name_only = by_name_only or work.home.home.startswith("@")
    covers = [
        silence
        for silence in work.state.silences.values()
        if silence.until > work.at
        and silence.device in ("", device)
        and (silence.rule == name or not (silence.rule or by_name_only))
    ]
    last: Silence | None = max(covers, key=lambda one: (one.until, one.n), default=None)
    if last is None:
        return None
    until = moment_text(last.until, work.zone, work.offset, work.at)
    return Held(f"silenced by {last.by} until {until}", last.until, last.n)


def _remember(
    work: Work, key: str, since: Instant, held: Held, quiet: Duration, rule: str, reason: str
) -> None:
    findings = work.state.findings
    known = findings.get(key, Finding(None, 0, 0))
    work.state.conditions_due = earliest(work.state.conditions_due, held.until)
    if known.since == since and known.held_until:
        # Looked at again after one reason had ended, and there is another.
        findings[key] = msgspec.structs.replace(known, held_until=held.until)
        return
    if held.silence:
        silence = work.state.silences[held.silence]
        counted = msgspec.structs.replace(silence, held=silence.held + 1)
        work.state.silences[held.silence] = counted
    told = not known.held_until or work.at >= known.last_at + quiet
    last_at = work.at if told else known.last_at
    findings[key] = Finding(known.alert, since, last_at, known.resolved_at, held.until)
    _forget_oldest(work, key)
    if told:
        alert = work.state.alerts.get(known.alert) if known.alert else None
        work.record("alert.updated", alert, f"held back: {held.why}; {reason}", rule=rule)


def _forget_oldest(work: Work, but: str) -> None:
    findings = work.state.findings
    if len(findings) > MAX_FINDINGS:
        idle = [
            (finding.last_at, key)
            for key, finding in findings.items()
            if finding.alert is None and key != but
        ]
        for _, key in sorted(idle)[: len(findings) - MAX_FINDINGS]:
            del findings[key]
