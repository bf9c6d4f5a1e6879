"""Alerts held against hand-written truths: what counts as found, and what does not."""

import msgspec
import pytest

from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import MINUTE
from telecared.errors import ReplayError
from telecared.sim.lines import ReplayLine
from telecared.sim.occurring import Kind, What
from telecared.sim.score import (
    Alert,
    Score,
    alert_of_line,
    quantile,
    read_alerts,
    score_of,
)
from telecared.sim.truth import SimulationLine, Truth, TruthLine

WEEK = SimulationLine(1, "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", 2)


def day(clock: str) -> str:
    """A time of the one day that everything happens on."""
    return f"2026-03-03T{clock}:00Z"


def fall(
    clock: str = "10:00",
    until: str = "10:30",
    *,
    found_by: tuple[str, ...] = ("fall", "pendant-pressed"),
    kind: Kind = Kind.LIFE_SAFETY,
    within: float | None = 0.0,
    explains: tuple[str, ...] = (),
    home: str = "larch-12",
) -> TruthLine:
    """Something that happened."""
    return TruthLine(
        home=home,
        what=What.FALL,
        at=day(clock),
        until=day(until),
        device=None,
        kind=kind,
        found_by=found_by,
        within=within,
        note="",
        explains=explains,
    )


def alert(
    clock: str, rule: str = "fall", priority: str = "life_safety", *, repeat: bool = False,
    home: str = "larch-12",
) -> Alert:  # fmt: skip
    """An alert that was opened, or rang again."""
    return Alert(parse_stamp(day(clock)), home, rule, priority, f"{home}/{clock}", repeat)


def scored(truths: list[TruthLine], alerts: list[Alert]) -> Score:
    """The score of a week in two homes."""
    return score_of(Truth(WEEK, tuple(truths)), alerts)


def test_a_fall_that_two_rules_tell_is_found_once_and_nothing_is_false() -> None:
    """The detector and the pendant tell of the same fall; the delay is that of the first."""
    found = scored([fall()], [alert("10:01"), alert("10:02", "pendant-pressed")])
    (share,) = found.by_class
    assert (share.happened, share.found, share.in_time, share.sensitivity) == (1, 1, 1, 1.0)
    assert share.median == share.p95 == share.longest == 60.0
    assert (found.alerts, found.explained, found.again) == (2, 2, 0)
    assert [*found.false, *found.missed, *found.late] == []
    assert [(one.name, one.found) for one in found.by_rule] == [("fall", 1), ("pendant-pressed", 1)]


def test_a_fall_that_nobody_told_is_missed_with_home_and_time() -> None:
    """A score can fail."""
    found = scored([fall(within=60.0)], [])
    (missed,) = found.missed
    assert (missed.home, missed.what, missed.at) == ("larch-12", What.FALL, day("10:00"))
    assert missed.limit == "2026-03-03T10:01:00.000000Z"
    assert found.by_class[0].sensitivity == 0.0
    assert found.by_class[0].median is None
    assert scored([fall(within=None)], []).missed[0].limit is None


def test_an_alert_before_the_event_is_a_false_one() -> None:
    """Nobody knows beforehand; what rang a minute early rang for nothing."""
    found = scored([fall()], [alert("09:59")])
    assert len(found.missed) == 1
    assert [one.alert for one in found.false] == ["larch-12/09:59"]
    assert found.false_urgent == 0.5


def test_an_alert_long_after_the_event_is_a_false_one() -> None:
    """A quarter of an hour is granted, not more."""
    assert not scored([fall()], [alert("10:45")]).false
    assert len(scored([fall()], [alert("10:46")]).false) == 1


def test_one_alert_finds_one_of_two_falls() -> None:
    """The second fall of the hour is missed when nothing told of it."""
    both = [fall("10:00", "11:00"), fall("10:20", "11:00")]
    found = scored(both, [alert("10:20")])
    assert found.by_class[0].found == 1
    assert [one.at for one in found.missed] == [day("10:20")]
    assert not scored(both, [alert("10:05"), alert("10:20")]).missed


def test_a_second_alert_of_one_rule_is_not_another_find() -> None:
    """It is no false alarm either: something did happen."""
    found = scored([fall()], [alert("10:01"), alert("10:10")])
    assert (found.alerts, found.explained, found.again, found.false) == (2, 1, 1, [])


def test_an_alert_of_another_rule_finds_nothing() -> None:
    """A flood alarm is no answer to a fall; it is a false alarm, and the fall is missed."""
    found = scored([fall()], [alert("10:01", "flood", "urgent")])
    assert len(found.missed) == 1
    assert [(one.rule, one.count, one.rate) for one in found.false_by_rule] == [("flood", 1, 0.5)]
    assert found.false_by_priority["urgent"] == 0.5


def test_a_rule_that_may_speak_of_it_explains_without_finding() -> None:
    """Lying on the bathroom floor explains the long stay; the pendant is still missing."""
    truth = fall(explains=("bathroom-long",))
    alerts = [alert("10:01", "bathroom-long", "urgent"), alert("10:20", "bathroom-long", "urgent")]
    found = scored([truth], alerts)
    assert (len(found.missed), found.false, found.explained, found.again) == (1, [], 1, 1)


def test_a_fall_told_as_routine_is_not_found() -> None:
    """Who changes the rule's priority sees it in the score."""
    found = scored([fall()], [alert("10:01", priority="routine")])
    assert len(found.missed) == 1
    assert [one.priority for one in found.false] == ["routine"]
    silent = fall(kind=Kind.INACTIVITY, found_by=("no-movement",))
    assert scored([silent], [alert("10:01", "no-movement", "routine")]).missed
    assert not scored([silent], [alert("10:01", "no-movement", "urgent")]).missed
    cold = fall(kind=Kind.ROUTINE, found_by=("cold-home",))
    assert not scored([cold], [alert("10:01", "cold-home", "technical")]).missed


def test_another_home_s_alert_finds_nothing() -> None:
    """And an alert of the site is about no home."""
    found = scored([fall()], [alert("10:01", home="larch-14"), alert("10:01", home="@site")])
    assert len(found.missed) == 1
    assert [one.home for one in found.false] == ["larch-14"]


def test_a_repeat_of_an_open_alert_finds_and_is_never_false() -> None:
    """The owner is paged at once; a repeat that nothing explains is not another alert."""
    found = scored([fall()], [alert("10:01", repeat=True)])
    assert (found.missed, found.alerts, found.by_class[0].found) == ([], 0, 1)
    assert scored([fall()], [alert("08:00", repeat=True)]).false == []


def test_found_after_the_limit_is_late() -> None:
    """A minute is granted to sensors and radio."""
    truth = fall("08:00", "20:00", kind=Kind.INACTIVITY, found_by=("no-movement",), within=14_400.0)
    assert scored([truth], [alert("12:01", "no-movement", "urgent")]).late == []
    found = scored([truth], [alert("12:02", "no-movement", "urgent")])
    (late,) = found.late
    assert (late.delay, late.within) == (14_520.0, 14_400.0)
    assert found.by_class[0].found == 1
    assert found.by_class[0].in_time == found.by_rule[0].in_time == 0


def test_what_nothing_has_to_find_is_no_part_of_the_sensitivity() -> None:
    """A holiday explains silence, and is not missed when nobody tells of it."""
    holiday = fall(kind=Kind.NONE, found_by=(), explains=("no-movement",))
    found = scored([holiday], [alert("10:20", "no-movement", "urgent")])
    assert [*found.by_class, *found.missed, *found.false] == []


def test_an_alert_is_about_what_could_have_been_told_by_then() -> None:
    """A battery that is low now is not told by the one that will be low the day after tomorrow."""
    dies = fall("08:00", "23:00", found_by=("battery-low",), kind=Kind.TECHNICAL, within=36_000.0)
    low = fall("10:00", "20:00", found_by=("battery-low",), kind=Kind.TECHNICAL, within=600.0)
    alerts = [alert("10:10", "battery-low", "technical")]
    assert [one.at for one in scored([dies, low], alerts).missed] == [day("08:00")]
    alerts.append(alert("18:00", "battery-low", "technical"))
    assert scored([dies, low], alerts).missed == []


def test_what_the_simulation_did_not_wait_for_is_in_no_share() -> None:
    """Its limit lies behind the end: neither found nor missed, unless somebody was told."""
    late = TruthLine(
        home="larch-12", what=What.FALL, at="2026-03-08T22:00:00Z", until="2026-03-09T22:00:00Z",
        device=None, kind=Kind.INACTIVITY, found_by=("no-movement",), within=4.0 * 3_600, note="",
    )  # fmt: skip
    found = scored([late, fall()], [alert("10:00")])
    assert (found.undecided, found.missed) == (1, [])
    assert [one.name for one in found.by_class] == ["life_safety"]
    soon = msgspec.structs.replace(late, at="2026-03-08T19:00:00Z")
    assert len(scored([soon], []).missed) == 1
    ring = Alert(parse_stamp("2026-03-08T23:00:00Z"), "larch-12", "no-movement", "urgent", "x")
    assert scored([late], [ring]).by_class[0].in_time == 1


def test_rates_are_per_home_and_week() -> None:
    """Three false alarms in two homes and one week."""
    found = scored([], [alert("01:00"), alert("02:00"), alert("03:00", "cold-home", "routine")])
    assert found.false_urgent == 1.0
    assert found.false_by_priority == {
        "life_safety": 1.0, "urgent": 0.0, "routine": 0.5, "technical": 0.0,
    }  # fmt: skip
    assert [one.rule for one in found.false_by_rule] == ["fall", "cold-home"]


@pytest.mark.parametrize(
    ("share", "value"), [(0.5, 2.0), (0.95, 4.0), (0.25, 1.0), (0.0, 1.0), (1.0, 4.0)]
)
def test_quantiles_are_values_that_occurred(share: float, value: float) -> None:
    """The least value that the share does not exceed."""
    assert quantile([1.0, 2.0, 3.0, 4.0], share) == value
    assert quantile([], share) is None


def test_lines_of_a_replay_and_of_a_list_are_read() -> None:
    """Openings and repeats count; the rest of a replay is left alone."""
    opened = ReplayLine(
        at=day("10:00"), home="larch-12", event="alert.opened", rule="fall", alert="larch-12/1",
        priority="life_safety", to=None, channel=None, text=None, reason="",
    )  # fmt: skip
    sent = msgspec.structs.replace(opened, event="notification.sent")
    again = msgspec.structs.replace(opened, event="alert.repeated")
    lines = [msgspec.json.encode(one).decode() for one in (opened, sent, again)]
    listed = (
        '{"alert":"larch-12/1","home":"larch-12","rule":"fall","priority":"life_safety",'
        f'"state":"open","opened_at":"{day("10:00")}"}}'
    )
    alerts = read_alerts([*lines, "", listed])
    assert [one.repeat for one in alerts] == [False, True, False]
    assert alerts[0] == alerts[2] == alert_of_line(opened)
    assert alerts[0].at == parse_stamp(day("10:00"))
    assert alerts[0].at % MINUTE == 0


def test_a_line_that_is_no_alert_is_named() -> None:
    """By its number."""
    with pytest.raises(ReplayError, match="line 2 is no alert"):
        read_alerts(['{"home":"x"}', "{"])
