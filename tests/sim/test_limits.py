"""By when a rule has to find something: worked out by hand here, and by reading acts there."""

from collections.abc import Mapping

import pytest

from telecared.core.compile import HomePlan
from telecared.core.plan import Device, HomeRecord, Rule
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Instant
from telecared.core.when import (
    AnyOf,
    Changes,
    Compare,
    Count,
    Followed,
    HeldFor,
    NoneOf,
    ReadingIs,
    Silent,
    Without,
)
from telecared.sim.limits import limit_of
from telecared.sim.occurring import Happening, What
from telecared.sim.routine import Act
from tests.sim.shipping import shipped_plan

KINDS: Mapping[str, DeviceKind] = {
    "hub": DeviceKind.ALARM_UNIT,
    "pendant": DeviceKind.PERSONAL_TRIGGER,
    "hall": DeviceKind.ACTIVITY_DETECTOR,
    "bed": DeviceKind.BED_MONITOR,
    "thermometer": DeviceKind.TEMPERATURE_SENSOR,
}
HOME = HomeRecord(
    id="larch-12",
    scheme="northside",
    timezone="Europe/London",
    devices=tuple(
        Device(id=name, kind=kind, profile="native", topic=name) for name, kind in KINDS.items()
    ),
)


@pytest.fixture(scope="module")
def shipped() -> dict[str, Rule]:
    """The shipped rules as they are in a home without tags."""
    return {one.name: one.rule for one in HomePlan(shipped_plan().plan, HOME.id, HOME).rules}


def at(clock: str, day: int = 3) -> Instant:
    """An instant of March 2026, when London has UTC."""
    return parse_stamp(f"2026-03-{day:02}T{clock}:00Z")


def acts(*told: tuple[Instant, str, str, str | float]) -> list[Act]:
    """What devices told, in order; the hub speaks first, a day before."""
    first = Act(at("00:00", 2), "hub", {"heartbeat": "seen"})
    return [first, *(Act(when, device, {name: word}) for when, device, name, word in sorted(told))]


def happens(what: What, begins: Instant, lasts: int = 24) -> Happening:
    """Something that goes on for some hours."""
    return Happening(begins, "larch-12", what, begins + lasts * HOUR)


def test_a_pressed_pendant_is_found_at_once(shipped: dict[str, Rule]) -> None:
    """Its limit is the message itself; a strange device's word counts for nothing."""
    one = happens(What.PENDANT, at("10:00"))
    told = acts((at("10:00"), "pendant", "trigger", "pressed"), (at("09:59"), "x", "trigger", "a"))
    assert limit_of(shipped["pendant-pressed"], one, HOME, told) == at("10:00")


def test_four_quiet_hours_by_day_and_the_next_morning_after_an_evening_fall(
    shipped: dict[str, Rule],
) -> None:
    """The count restarts at seven: who falls at 19:30 is found at eleven next day by this rule."""
    rule = shipped["no-movement"]
    morning = acts((at("08:00"), "hall", "motion", "detected"))
    assert limit_of(rule, happens(What.UNSEEN_FALL, at("08:00")), HOME, morning) == at("12:00")
    evening = acts((at("19:30"), "hall", "motion", "detected"))
    assert limit_of(rule, happens(What.UNSEEN_FALL, at("19:30")), HOME, evening) == at("11:00", 4)
    # Found by others before that: no limit of this rule.
    assert limit_of(rule, happens(What.UNSEEN_FALL, at("19:30"), 3), HOME, evening) is None


def test_a_lone_motion_puts_the_limit_off_and_an_occupied_bed_stops_the_count(
    shipped: dict[str, Rule],
) -> None:
    """The rule counts from the last sign of life that sensors told, whoever made it."""
    rule, one = shipped["no-movement"], happens(What.UNSEEN_FALL, at("08:00"))
    noisy = acts(
        (at("08:00"), "hall", "motion", "detected"),
        (at("08:01"), "hall", "motion", "clear"),
        (at("10:00"), "hall", "motion", "detected"),
    )
    assert limit_of(rule, one, HOME, noisy) == at("14:00")
    rested = acts(
        (at("08:00"), "bed", "occupancy", "occupied"), (at("09:00"), "bed", "occupancy", "vacant")
    )
    assert limit_of(rule, one, HOME, rested) == at("13:00")
    assert limit_of(rule, one, HOME, rested[:-1]) is None


def test_left_bed_counts_from_the_first_leaving_that_is_not_answered(
    shipped: dict[str, Rule],
) -> None:
    """Back after ten minutes is an answer; the next time there is none."""
    one = happens(What.LEFT_BED, at("02:00"), 3)
    told = acts(
        (at("01:00"), "bed", "occupancy", "occupied"),
        (at("01:58"), "bed", "occupancy", "vacant"),
        (at("02:08"), "bed", "occupancy", "occupied"),
        (at("02:20"), "bed", "occupancy", "vacant"),
    )
    assert limit_of(shipped["left-bed-not-back"], one, HOME, told) == at("02:50")
    assert limit_of(shipped["left-bed-not-back"], one, HOME, told[:-1]) is None


def test_both_parts_of_a_combination_have_to_be_met(shipped: dict[str, Rule]) -> None:
    """Out of bed and an hour without a sign, at night."""
    one = happens(What.NIGHT_FALL, at("01:00"))
    told = acts(
        (at("00:30"), "bed", "occupancy", "occupied"), (at("00:58"), "bed", "occupancy", "vacant")
    )
    assert limit_of(shipped["no-movement-at-night"], one, HOME, told) == at("01:58")
    assert limit_of(shipped["no-movement-at-night"], one, HOME, told[:2]) is None


def test_not_up_is_due_at_its_hour_unless_somebody_was_seen_before(
    shipped: dict[str, Rule],
) -> None:
    """A way to the bathroom at half past five is being up, and the next day counts anew."""
    one = happens(What.NOT_UP, at("07:00"))
    quiet = acts((at("03:00"), "bed", "occupancy", "vacant"))
    assert limit_of(shipped["not-up"], one, HOME, quiet) == at("13:00")
    early = acts((at("05:30"), "bed", "occupancy", "vacant"))
    assert limit_of(shipped["not-up"], one, HOME, early) is None
    longer = happens(What.NOT_UP, at("07:00"), 40)
    assert limit_of(shipped["not-up"], longer, HOME, early) == at("13:00", 4)


def test_a_cold_home_is_due_two_hours_after_sixteen_degrees(shipped: dict[str, Rule]) -> None:
    """A word back above seventeen ends the stretch; a number in between does not."""
    one = happens(What.COLD_HOME, at("00:00"))

    def told(*degrees: float) -> list[Act]:
        return acts(
            *(
                (at("00:00") + n * HOUR, "thermometer", "temperature", one)
                for n, one in enumerate(degrees)
            )
        )

    rule = shipped["cold-home"]
    assert limit_of(rule, one, HOME, told(18, 15.5, 16.5, 15)) == at("03:00")
    assert limit_of(rule, one, HOME, told(18, 15.5, 17.5, 15, 15)) == at("05:00")
    assert limit_of(rule, one, HOME, told(18, 17)) is None
    assert limit_of(shipped["heating-failed"], one, HOME, told(20, 17, 13.5)) == at("02:00")
    hot = happens(What.COLD_HOME, at("00:00"))
    assert limit_of(shipped["scorching-home"], hot, HOME, told(33, 33.5)) == at("02:00")


def test_a_level_must_be_held_and_a_device_be_silent_long_enough(shipped: dict[str, Rule]) -> None:
    """Mains for ten minutes; a battery as a number; the hub for three quarters of an hour."""
    one = happens(What.MAINS_LOST, at("10:00"))
    cut = acts((at("10:00"), "hub", "mains", "lost"), (at("10:30"), "hub", "mains", "ok"))
    assert limit_of(shipped["mains-lost"], one, HOME, cut) == at("10:10")
    short = acts((at("10:00"), "hub", "mains", "lost"), (at("10:05"), "hub", "mains", "ok"))
    assert limit_of(shipped["mains-lost"], one, HOME, short) is None
    weak = acts((at("10:00"), "hall", "battery", 20.0), (at("11:00"), "hall", "battery", 12.0))
    low = Happening(at("10:00"), "larch-12", What.DYING_BATTERY, device="hall")
    assert limit_of(shipped["battery-low"], low, HOME, weak) == at("11:10")
    rule = Rule(name="quiet", when=Silent(at=("alarm_unit",), duration=45 * MINUTE))
    gone = happens(What.UNIT_SILENT, at("10:05"), 2)
    told = acts((at("10:00"), "hub", "mains", "ok"), (at("12:10"), "hub", "mains", "ok"))
    assert limit_of(rule, gone, HOME, told) == at("10:45")


def test_repeats_of_a_level_are_no_news_and_counts_need_distance() -> None:
    """Five ways out of bed, ten minutes apart."""
    leaving = ReadingIs(property="occupancy", values=("vacant",), at=("bed",))
    rule = Rule(
        name="often",
        when=Count(of=leaving, at_least=2, within=8 * HOUR, apart=10 * MINUTE),
    )
    told = []
    for minute in (0, 5, 20):
        told.append((at("02:00") + minute * MINUTE, "bed", "occupancy", "vacant"))
        told.append((at("02:01") + minute * MINUTE, "bed", "occupancy", "occupied"))
    told.append((at("02:21") + MINUTE, "bed", "occupancy", "occupied"))
    one = happens(What.RESTLESS_NIGHT, at("01:00"), 6)
    assert limit_of(rule, one, HOME, acts(*told)) == at("02:20")
    assert limit_of(rule, one, HOME, acts(*told[:4])) is None


def test_any_of_several_will_do_and_a_sequence_finds_nothing_here() -> None:
    """What cannot be judged has no limit, rather than a wrong one."""
    pressed = ReadingIs(property="trigger", values=("pressed",))
    wet = ReadingIs(property="water", values=("wet",))
    one = happens(What.PENDANT, at("10:00"))
    told = acts((at("10:00"), "pendant", "trigger", "pressed"))
    either = Rule(name="either", when=AnyOf(of=(wet, pressed)))
    assert limit_of(either, one, HOME, told) == at("10:00")
    assert limit_of(Rule(name="never", when=AnyOf(of=(wet,))), one, HOME, told) is None
    assert limit_of(Rule(name="row", when=Followed(first=wet, then=())), one, HOME, told) is None


@pytest.mark.parametrize(
    "when",
    [
        HeldFor(property="smoke", values=("alarm",), duration=MINUTE),
        Without(first=ReadingIs(property="medication", values=("due",)), without=(), within=HOUR),
        Compare(property="temperature", below=10.0),
        Changes(property="temperature", falls_by=6.0, rises_by=9.0, within=HOUR),
        NoneOf(of=(ReadingIs(property="motion", values=("detected",)),), start=300, by=660),
        Silent(at=("smoke_detector",), duration=HOUR),
    ],
)
def test_a_rule_about_something_else_has_no_limit(when: object) -> None:
    """What nobody told cannot be found."""
    one = happens(What.PENDANT, at("10:00"))
    told = acts(
        (at("06:00"), "hall", "motion", "detected"),
        (at("10:00"), "pendant", "trigger", "pressed"),
        (at("10:10"), "thermometer", "temperature", 20.0),
        (at("10:20"), "thermometer", "temperature", "odd"),
        (at("06:00", 4), "hall", "motion", "clear"),
        (at("06:01", 4), "hall", "motion", "detected"),
    )
    assert limit_of(Rule(name="other", when=when), one, HOME, told) is None  # type: ignore[arg-type]


def test_who_was_in_bed_before_falling_ill_has_rested_since_then(shipped: dict[str, Rule]) -> None:
    """In bed since two, ill at six: fourteen hours are over at four in the afternoon."""
    one = happens(What.NOT_UP, at("06:00"))
    told = acts((at("02:00"), "bed", "occupancy", "occupied"))
    assert limit_of(shipped["resting-too-long"], one, HOME, told) == at("16:00")
    up = acts(
        (at("02:00"), "bed", "occupancy", "occupied"), (at("07:00"), "bed", "occupancy", "vacant")
    )
    assert limit_of(shipped["resting-too-long"], one, HOME, up) is None
