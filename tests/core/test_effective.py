"""A home's own values change its rules, and never what keeps people alive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from telecared.core.effective import HOME, applies, effective_rule, rule_in, rule_in_home
from telecared.core.plan import Confirm, HomeRecord, Rule, Values
from telecared.core.policy import AppliesTo
from telecared.core.vocabulary import HOUR, MINUTE, Mode, Priority
from telecared.core.when import (
    AllOf,
    AnyOf,
    Area,
    Changes,
    Compare,
    Condition,
    Geofence,
    HeldFor,
    InactiveFor,
    Not,
    ReadingIs,
    Silent,
    Window,
)

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
        ("by", "10:30", "rule door: there is no by; known here: ages, applies_to,"),
        ("when.of", ["motion"], "rule door: there is no when.of; known here: at, between"),
        ("mode.deep", 1, "rule door: mode.deep leads nowhere; mode has no parts"),
        ("when.duration", "5m", "rule door: the value of when.duration is not of its kind"),
        ("mode", "loud", "rule door: the value of mode is not of its kind"),
        ("name", "other", "rule door: name is the same in every home; leave it out"),
        ("when.property", "fall", "rule door: when.property is the same in every home"),
        ("applies_to", {}, "rule door: applies_to is the same in every home"),
        ("values", [], "rule door: values is the same in every home"),
        ("when", {}, "rule door: when is the same in every home"),
        ("when.at.0", "hall", "rule door: when.at.0 leads nowhere; at has no parts"),
        ("when.between.0.start", 0, "rule door: there is no when.between.0.start; a list has"),
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
        ({"unless": ["away"]}, "rule fall is life safety: unless would mute it"),
        ({"max_per_day": 1}, "rule fall is life safety: a cap would mute it"),
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


# --- inside combinations ----------------------------------------------------------------------

COMBINED = Rule(
    name="combined",
    when=AllOf(
        of=(
            HeldFor(property="contact", values=("open",), duration=MINUTE),
            Not(of=ReadingIs(property="motion", values=("detected",))),
        )
    ),
)
WARM = Rule(name="warm", when=AnyOf(of=(Compare(property="temperature", above=28.0),)))


def test_a_value_inside_a_combination_is_named_by_its_place() -> None:
    """The second condition of a combination is number 1; the others stay as they are."""
    changed = effective_rule(COMBINED, {"when.of.0.duration": HOUR, "when.of.1.of.at": ["hall"]})
    assert changed.when == AllOf(
        of=(
            HeldFor(property="contact", values=("open",), duration=HOUR),
            Not(of=ReadingIs(property="motion", values=("detected",), at=("hall",))),
        )
    )


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("when.of.2.duration", "there is no when.of.2.duration; a list has places, from 0"),
        ("when.of.x.duration", "there is no when.of.x.duration; a list has places, from 0"),
        ("when.of.1", "there is no when.of.1; a list has places, from 0"),
        ("when.of.0.property", "when.of.0.property is the same in every home; leave it out"),
        ("when.of.1.duration.x", "when.of.1.duration.x leads nowhere; duration has no parts"),
    ],
)
def test_a_place_that_is_not_there_is_refused(path: str, expected: str) -> None:
    """A place outside the list, a whole condition, and another property are none of a home's."""
    with pytest.raises(ValueError, match="rule combined: ") as caught:
        effective_rule(COMBINED, {path: 1})
    assert str(caught.value) == f"rule combined: {expected}"


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        (Compare(property="temperature", above=28.0), {"when.below": 16.0}),
        (Compare(property="temperature", above=28.0), {"when.above": None}),
        (Changes(property="temperature", within=HOUR, rises_by=3.0), {"when.falls_by": 3.0}),
        (Geofence(inside=Area(centre=(1.0, 2.0), radius=3.0)), {"when.inside": None}),
    ],
)
def test_values_that_leave_two_limits_or_none_are_refused(
    condition: Condition, values: dict[str, object]
) -> None:
    """What is both above and below never holds, and what is neither holds always."""
    with pytest.raises(ValueError, match="exactly one of two limits is possible"):
        effective_rule(Rule(name="x", when=condition), values)


@pytest.mark.parametrize(
    ("condition", "fits", "clears_too_soon"),
    [
        (Compare(property="temperature", above=28.0), 27.0, 29.0),
        (Compare(property="temperature", below=16.0), 17.0, 15.0),
    ],
)
def test_a_number_is_over_on_the_way_back_only(
    condition: Condition, fits: float, clears_too_soon: float
) -> None:
    """A clear beyond the limit would never let it begin."""
    rule = Rule(name="x", when=condition)
    changed = effective_rule(rule, {"when.clear": fits}).when
    assert isinstance(changed, Compare)
    assert changed.clear == fits
    with pytest.raises(ValueError, match="its clear lies beyond its limit"):
        effective_rule(rule, {"when.clear": clears_too_soon})
    with pytest.raises(ValueError, match="exactly one of two limits"):
        effective_rule(rule, {"when.clear": fits, "when.above": None, "when.below": None})


def test_a_limit_inside_a_combination_is_judged_too() -> None:
    """Nonsense is nonsense wherever it stands."""
    with pytest.raises(ValueError, match="exactly one of two limits"):
        effective_rule(WARM, {"when.of.0.below": 16.0})


# --- tags, schemes, the home ------------------------------------------------------------------

LAYERED = Rule(
    name="quiet",
    when=InactiveFor(duration=4 * HOUR, of=("motion",)),
    confirm=Confirm(within=MINUTE, any_of=(ReadingIs(property="fall", values=("detected",)),)),
    values=(
        Values(
            applies_to=AppliesTo(tags=("dementia",)),
            values={"when.duration": 3 * HOUR, "confirm.within": HOUR},
            source="a.yaml:3",
        ),
        Values(
            applies_to=AppliesTo(schemes=("northside",)),
            values={"when.duration": 2 * HOUR, "mode": "watch"},
            source="a.yaml:4",
        ),
        Values(
            applies_to=AppliesTo(homes=("other",)),
            values={"when.duration": 9 * HOUR},
            source="a.yaml:5",
        ),
    ),
)


def home(*tags: str, **values: object) -> HomeRecord:
    """A home of the scheme with some tags and values of its own for `quiet`."""
    own = {key.replace("__", "."): value for key, value in values.items()}
    return HomeRecord(
        id="larch-12", scheme="northside", timezone="UTC", tags=tags, rule_values={"quiet": own}
    )


def duration_in(record: HomeRecord) -> int:
    """How long it may be quiet in a home."""
    condition = rule_in(LAYERED, record).rule.when
    assert isinstance(condition, InactiveFor)
    return condition.duration


def test_later_values_win_and_the_home_wins_over_all() -> None:
    """The rule, then its values in their order, then the home's own."""
    southside = replace(home(), scheme="southside")
    assert duration_in(southside) == 4 * HOUR
    assert duration_in(replace(southside, tags=("dementia", "other"))) == 3 * HOUR
    assert duration_in(home("dementia")) == 2 * HOUR
    assert duration_in(home("dementia", when__duration=HOUR)) == HOUR


def test_each_value_says_who_set_it() -> None:
    """Whoever replaces a whole part answers for what is inside."""
    effective = rule_in(LAYERED, home("dementia", when__duration=HOUR))
    assert effective.sources == {
        "when.duration": HOME,
        "confirm.within": "a.yaml:3",
        "mode": "a.yaml:4",
    }
    whole = rule_in(LAYERED, home("dementia", confirm=None))
    assert whole.rule.confirm is None
    assert whole.sources == {"when.duration": "a.yaml:4", "mode": "a.yaml:4", "confirm": HOME}


def test_a_value_that_no_longer_fits_is_dropped_alone() -> None:
    """The rule and the other values stay: nobody is left without protection."""
    record = home("dementia", when__gone=1, when__duration=HOUR, mode="page")
    effective = rule_in(LAYERED, record)
    assert effective.dropped == (
        (
            "rule quiet: there is no when.gone; known here: at, at_least, between, duration, never,"
            " occupied_at_most, of, within (from the home)"
        ),
    )
    assert effective.rule.mode is Mode.PAGE
    assert duration_in(record) == HOUR
    assert "when.gone" not in effective.sources
    with pytest.raises(ValueError, match=r"there is no when\.gone"):
        rule_in_home(LAYERED, record)
    assert rule_in_home(LAYERED, home()) == rule_in(LAYERED, home()).rule


def test_values_that_only_fit_together_are_taken_together() -> None:
    """A limit that changes sides needs both of its values."""
    record = HomeRecord(
        id="a",
        scheme="s",
        timezone="UTC",
        rule_values={"warm": {"when.of.0.above": None, "when.of.0.below": 16.0}},
    )
    assert rule_in(WARM, record).rule.when == AnyOf(
        of=(Compare(property="temperature", below=16.0),)
    )


def test_life_safety_stays_unmuted_though_a_tag_says_otherwise() -> None:
    """A home that raised a rule to life safety keeps it awake: the muting values are dropped."""
    calm = Rule(
        name="quiet",
        when=LAYERED.when,
        values=(Values(applies_to=AppliesTo(), values={"priority": "life_safety"}),),
    )
    effective = rule_in(calm, home(cooldown=HOUR, mode="off"))
    assert effective.rule.priority is Priority.LIFE_SAFETY
    assert effective.rule.mode is Mode.PAGE
    assert effective.rule.cooldown == 0
    assert len(effective.dropped) == 2


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (AppliesTo(), True),
        (AppliesTo(homes=("larch-12",)), True),
        (AppliesTo(homes=("larch-14",)), False),
        (AppliesTo(schemes=("northside",), tags=("dementia",)), True),
        (AppliesTo(schemes=("southside",), tags=("dementia",)), False),
        (AppliesTo(schemes=("northside",), tags=("epilepsy",)), False),
    ],
)
def test_a_home_matches_one_name_of_each_list(wanted: AppliesTo, expected: bool) -> None:
    """Lists that are not given ask for nothing."""
    assert applies(wanted, home("dementia")) is expected
