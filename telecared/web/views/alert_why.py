"""Why an alert opened, in one sentence with its evidence, and how what it was found for stands now.

The sentence is the core's own, from the record; what holds now is asked of `core.explain`.
"""

from typing import Final, NamedTuple

from telecared.core.explain import RuleExplained, explain
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import Instant, Value
from telecared.web.views.alert_facts import AlertFacts

MAX_READINGS: Final = 12
"""Readings of the opening message, and values the rule reads, that are shown."""


class Told(NamedTuple):
    """A value that a device told: when, or since when."""

    device: str
    property: str
    value: str
    at: Instant | None


class Why(NamedTuple):
    """Why an alert opened.

    Attributes:
        sentence: the reason of its opening. Personal data, like `text`.
        text: what people are told.
        readings: the message that opened it; none where a deadline did, or it is kept no more.
        late: how long after it was due it opened.
        rule: its source and version, "" for the machinery's own findings.
        now: one sentence about how the rule stands now, "" where it cannot be told.
        since: since when what was found has lasted.
        values: what the rule reads, as last told.
    """

    sentence: str
    text: str
    readings: tuple[Told, ...]
    late: int
    rule: str
    now: str
    since: Instant | None
    values: tuple[Told, ...]


def why_of(facts: AlertFacts) -> Why:
    """Return why an alert opened, and how it stands."""
    opened = facts.opened
    explained = _explained(facts)
    return Why(
        sentence=_sentence(facts),
        text=_text(facts),
        readings=_readings(facts),
        late=0 if opened is None else opened.late,
        rule=_rule(facts, explained),
        now="" if explained is None else explained.why,
        since=None if explained is None else explained.since,
        values=() if explained is None else _values(facts, explained),
    )


def _sentence(facts: AlertFacts) -> str:
    reason = facts.opened.reason if facts.opened is not None else ""
    if not reason:
        return f"The rule {facts.row.rule} found it; how is on record no more."
    return sentence_of(reason)


def sentence_of(reason: str) -> str:
    """Return the core's reason as a sentence of its own; a name at its beginning stays as it is."""
    if not reason:
        return ""
    first, _, _ = reason.partition(" ")
    begun = reason[0].upper() + reason[1:] if first.isalpha() else reason
    return begun if begun.endswith((".", "!", "?")) else f"{begun}."


def _text(facts: AlertFacts) -> str:
    if facts.alert is not None:
        return " ".join(filter(None, (facts.alert.age_note, facts.alert.text)))
    return (facts.opened.text or "") if facts.opened is not None else ""


def _readings(facts: AlertFacts) -> tuple[Told, ...]:
    if facts.opened is None or not facts.opened.input:
        return ()
    row = facts.ask.opener(facts.opened.input)
    if row is None:
        return ()
    return tuple(
        Told(_device(facts, one.device), one.property, _shown(one.value), one.at or row.at)
        for one in row.readings[:MAX_READINGS]
    )


def _explained(facts: AlertFacts) -> RuleExplained | None:
    """Return how its rule stands now, None for what no rule in force has found."""
    if facts.is_resolved or facts.rule is None:
        return None
    [one] = explain(facts.plan, facts.state, facts.site, rule=facts.row.rule).rules
    return one


def _values(facts: AlertFacts, explained: RuleExplained) -> tuple[Told, ...]:
    found = [one for one in explained.evidence if one.since is not None]
    newest = sorted(found, key=lambda one: -(one.since or 0))[:MAX_READINGS]
    return tuple(
        Told(
            _device(facts, one.device),
            one.property,
            "heard" if one.value is None else _shown(one.value),
            one.since,
        )
        for one in newest
    )


def _rule(facts: AlertFacts, explained: RuleExplained | None) -> str:
    if facts.row.rule in FINDINGS:
        return "found by telecared itself"
    if explained is None:
        return ""
    return " ".join(filter(None, (explained.source, f"version {explained.version}")))


def _device(facts: AlertFacts, device: str) -> str:
    known = facts.plan.devices.get(device)
    if known is None or not known.location or known.location == device:
        return device
    return f"{device} ({known.location})"


def _shown(value: Value) -> str:
    if isinstance(value, float | int):
        return f"{value:g}"
    if isinstance(value, tuple):
        return ", ".join(f"{one:.5f}" for one in value)
    return str(value)
