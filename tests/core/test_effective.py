"""A home's own values change its rules, and never what keeps people alive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecared.core.effective import effective_rule
from telecared.core.plan import HeldFor, InactiveFor, ReadingIs, Rule, Silent, Window
from telecared.core.vocabulary import HOUR, MINUTE, Mode, Priority

DOOR = Rule(
    name="door",
    when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE, at=("front-door",)),
    say="Open.",
)
QUIET = Rule(name="quiet", when=InactiveFor(duration=4 * HOUR, of=("motion",)))
FALL = Rule(
    name="fall",
    when=ReadingIs(property="fall", values=("detected",)),
    priority=Priority.LIFE_SAFETY,
)


def test_a_rule_without_own_values_is_the_same_rule() -> None:
    """Most homes change nothing, and nothing is copied for them."""
    assert effective_rule(DOOR, {}) is DOOR


def test_a_home_waits_longer_and_looks_at_another_time() -> None:
    """A duration and a window of the home replace the rule's; the rest stays."""
    values = {
        "when.duration": 10 * MINUTE,
        "when.between": [{"start": 1320, "end": 360, "days": [5, 6]}],
        "when.at": ["back-door"],
        "priority": "routine",
        "mode": "watch",
        "say": "Please look.",
        "policy": "neighbours-first",
        "cooldown": HOUR,
    }
    assert effective_rule(DOOR, values) == Rule(
        name="door",
        when=HeldFor(
            property="contact",
            values=("open",),
            duration=10 * MINUTE,
            at=("back-door",),
            between=(Window(start=1320, end=360, days=(5, 6)),),
        ),
        priority=Priority.ROUTINE,
        mode=Mode.WATCH,
        say="Please look.",
        policy="neighbours-first",
        cooldown=HOUR,
    )


def test_the_properties_that_count_as_life_may_differ() -> None:
    """Somebody without a radar counts motion alone, and sleeps long."""
    values = {"when.of": ["contact"], "when.occupied_at_most": 10 * HOUR}
    expected = InactiveFor(duration=4 * HOUR, of=("contact",), occupied_at_most=10 * HOUR)
    assert effective_rule(QUIET, values).when == expected


def test_whole_parts_of_a_rule_may_differ() -> None:
    """How an outage counts, and what ends a finding, are values like others."""
    values: dict[str, object] = {
        "downtime": {"kind": "grace", "grace": 30 * MINUTE},
        "clear": {
            "kind": "reading",
            "condition": {"type": "reading", "property": "contact", "values": ["closed"]},
        },
    }
    changed = effective_rule(DOOR, values)
    assert changed.downtime.grace == 30 * MINUTE
    assert changed.clear.condition == ReadingIs(property="contact", values=("closed",))


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("by", "10:30", "rule door: there is no by; known here: applies_to, clear"),
        ("when.of", ["motion"], "rule door: there is no when.of; known here: at, between"),
        ("mode.deep", 1, "rule door: mode.deep leads nowhere; mode has no parts"),
        ("when.duration", "5m", "rule door: the value of when.duration is not of its kind"),
        ("mode", "loud", "rule door: the value of mode is not of its kind"),
        ("name", "other", "rule door: name is the same in every home; leave it out"),
        ("when.property", "fall", "rule door: when.property is the same in every home"),
        ("applies_to", {}, "rule door: applies_to is the same in every home"),
    ],
)
def test_a_value_that_fits_nowhere_is_refused_with_a_sentence(
    path: str, value: object, expected: str
) -> None:
    """A value that is silently passed over would leave somebody with the wrong rule."""
    with pytest.raises(ValueError, match="rule door: ") as caught:
        effective_rule(DOOR, {path: value})
    assert str(caught.value).startswith(expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"mode": "off"}, "rule fall is life safety: no home may turn it off"),
        ({"mode": "watch"}, "rule fall is life safety: no home may turn it watch"),
        ({"cooldown": HOUR}, "rule fall is life safety: a cooldown would mute it"),
        ({"priority": "routine"}, "rule fall is life safety in every home"),
        ({"priority": "routine", "mode": "off"}, "rule fall is life safety in every home"),
    ],
)
def test_no_home_mutes_life_safety(values: dict[str, object], expected: str) -> None:
    """Neither off, nor watch, nor a cooldown, nor a lower priority (promise P6)."""
    with pytest.raises(ValueError, match="life safety") as caught:
        effective_rule(FALL, values)
    assert str(caught.value).startswith(expected)


def test_a_life_safety_rule_on_trial_may_be_paged_in_one_home() -> None:
    """A rule that everybody watches is tried for real in a single home."""
    trial = Rule(name="trial", when=FALL.when, priority=Priority.LIFE_SAFETY, mode=Mode.WATCH)
    assert effective_rule(trial, {"mode": "page"}).mode is Mode.PAGE
    assert effective_rule(trial, {"mode": "watch"}).mode is Mode.WATCH


def test_a_rule_raised_to_life_safety_may_not_keep_its_cooldown() -> None:
    """The result is judged, not only what the home wrote."""
    cooled = Rule(name="cooled", when=FALL.when, cooldown=HOUR)
    with pytest.raises(ValueError, match="a cooldown would mute it"):
        effective_rule(cooled, {"priority": "life_safety"})


@given(st.integers(1, 10**12), st.lists(st.text(min_size=1), min_size=1, max_size=3))
def test_values_arrive_whatever_they_are(duration: int, places: list[str]) -> None:
    """A silence rule takes any duration and any places, in any order of the mapping."""
    rule = Rule(name="silent", when=Silent(at=("alarm_unit",), duration=HOUR))
    forward = effective_rule(rule, {"when.at": places, "when.duration": duration})
    backward = effective_rule(rule, {"when.duration": duration, "when.at": places})
    assert forward == backward
    assert forward.when == Silent(at=tuple(places), duration=duration)
