"""Simulated lives: days by the clock on the wall, and what happens in them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest

from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import DAY, HOUR, MINUTE, SECOND, Instant
from telecared.core.windows import local
from telecared.sim.characters import EARLY, drawn_resident, tags_of
from telecared.sim.days import Outing, Resident, plan_of_day
from telecared.sim.happenings import Happening, What, acts_of
from telecared.sim.lives import DEVICES, home_acts, noise_of
from telecared.sim.routine import Act, acts_of_day

LONDON = ZoneInfo("Europe/London")
START = parse_stamp("2026-03-02T12:00:00Z")
ADA = Resident(home="larch-12", scheme="northside", outings=1.0, naps=0.0)


def lived(
    happenings: Iterable[Happening] = (),
    *,
    resident: Resident = ADA,
    days: int = 2,
    start: Instant = START,
) -> list[Act]:
    """All acts of one home."""
    return list(home_acts(resident, happenings, start=start, end=start + days * DAY, seed=1))


def of(acts: Iterable[Act], device: str, name: str, word: object = None) -> list[Instant]:
    """When a device told something, after the opening."""
    return [
        act.at
        for act in acts
        if act.device == device
        and name in act.readings
        and act.readings[name] == (act.readings[name] if word is None else word)
        and act.at > START
    ]


def moved(acts: Sequence[Act], low: Instant, high: Instant) -> list[Act]:
    """What shows life between two instants."""
    words = {("motion", "detected"), ("contact", "open"), ("appliance", "on")}
    words |= {("occupancy", "occupied"), ("occupancy", "vacant"), ("medication", "taken")}
    return [act for act in acts if low < act.at < high and words & set(act.readings.items())]


def test_a_life_can_be_repeated_and_is_in_order() -> None:
    """The same seed gives the same acts; none before an earlier one, none outside the time."""
    acts = lived(days=5)
    assert acts == lived(days=5)
    assert all(earlier.at <= later.at for earlier, later in pairwise(acts))
    assert acts[0].at == START
    assert acts[-1].at < START + 5 * DAY
    assert {act.device for act in acts} == set(DEVICES)


def test_the_first_word_is_the_link_of_the_hub() -> None:
    """Then every device tells how it stands, and nobody's pill is told as taken once more."""
    acts = lived()
    assert acts[0] == Act(START, "hub", {"link": "online"}, retained=True)
    opening = [act for act in acts[1:] if act.at == START]
    assert [act.device for act in opening[: len(DEVICES)]] == list(DEVICES)
    assert not any("medication" in act.readings for act in opening)
    assert not any(act.readings.get("motion") == "detected" for act in opening)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 6, 1)])
def test_meals_and_beds_follow_the_clock_on_the_wall(day: date) -> None:
    """When the clocks change the resident gets up and goes to bed by the new time."""
    plan = plan_of_day(ADA, day, 1)
    assert local(plan.at(plan.wake), LONDON).date() == day
    assert abs(local(plan.at(plan.wake), LONDON).hour * 60 - ADA.wake) <= 60
    assert local(plan.at(plan.bed), LONDON).hour in {22, 23}
    pills = plan.at(plan.second_of(ADA.doses[0]))
    assert local(pills, LONDON).strftime("%H:%M") == "08:30"


def test_nights_do_not_run_backwards_when_the_clocks_do() -> None:
    """Acts of the night on which the clocks go back are as far apart as on any other."""
    start = parse_stamp("2026-10-24T20:00:00Z")
    resident = Resident(home="h", scheme="s", nights=3, restless=1.0)
    acts = list(home_acts(resident, (), start=start, end=start + DAY, seed=3))
    assert [act.at for act in acts] == sorted(act.at for act in acts)
    nights = plan_of_day(resident, date(2026, 10, 24), 3).nights
    assert all(one.end - one.start <= 36 * MINUTE / SECOND for one in nights)
    assert nights[0].device == "walk"


def test_nobody_moves_while_out_and_the_door_tells_of_it() -> None:
    """From door to door the home is still."""
    plan = plan_of_day(ADA, date(2026, 3, 3), 1)
    (out,) = [part for part in plan.parts if isinstance(part, Outing)]
    low, high = plan.at(out.start), plan.at(out.end)
    acts = lived()
    assert low in of(acts, "front-door", "contact", "open")
    assert high in of(acts, "front-door", "contact", "open")
    assert not moved(acts, low + 2 * MINUTE, high)


def test_an_empty_home_with_a_draught_moves_a_little() -> None:
    """Lone motions come when nobody is there, and only then."""
    noisy = Resident(home="larch-12", scheme="northside", noise=2.0)
    away = Happening(START + HOUR, "larch-12", What.GONE_AWAY, START + 2 * DAY)
    alone = moved(lived([away], resident=noisy, days=3), START + 2 * HOUR, START + 2 * DAY - HOUR)
    assert 40 <= len(alone) <= 150
    assert {tuple(act.readings.items()) for act in alone} == {(("motion", "detected"),)}
    assert not noise_of(ADA, START, START + DAY, 1)


def test_who_fell_is_at_home_and_still_until_found() -> None:
    """The day's outing does not take place; the door opens when somebody finds the resident."""
    plan = plan_of_day(ADA, date(2026, 3, 3), 1)
    out = next(part for part in plan.parts if isinstance(part, Outing))
    at = plan.at(out.start) + 30 * MINUTE
    fall = Happening(at, "larch-12", What.UNSEEN_FALL, at + DAY)
    acts = lived([fall], days=4)
    assert not moved(acts, at + SECOND, fall.end - 2 * MINUTE)
    assert plan.at(out.start) not in of(acts, "front-door", "contact", "open")
    assert fall.end - 60 * SECOND in of(acts, "front-door", "contact", "open")
    beds = [act for act in acts if act.device == "bed" and act.at >= fall.end]
    assert beds[0].at == fall.end  # where the routine goes on from


def test_a_power_cut_takes_the_kettle_and_leaves_the_hub() -> None:
    """The hub speaks from its battery."""
    at = START + 6 * HOUR
    cut = Happening(at, "larch-12", What.POWER_CUT)
    acts = lived([cut])
    assert of(acts, "hub", "mains") == [at, cut.end]
    assert not [one for one in of(acts, "kettle", "appliance") if at <= one < cut.end]
    assert [one for one in of(acts, "hub", "heartbeat") if at <= one < cut.end]


def test_an_outage_delivers_late_or_never() -> None:
    """A hub that keeps messages hands over the last with their own time; another loses them."""
    at = START + 6 * HOUR
    late = Happening(at, "larch-12", What.OUTAGE)
    acts = lived([late])
    during = [act for act in acts if at <= act.at < late.end]
    assert [act.readings for act in during] == [{"link": "offline"}]
    told_late = [act for act in acts if act.stated is not None]
    assert 10 < len(told_late) <= 200
    assert all(at <= (act.stated or 0) < late.end <= act.at for act in told_late)
    lost = lived([Happening(at, "larch-12", What.OUTAGE_LOST)])
    assert not [act for act in lost if act.stated is not None]


def test_a_dying_battery_falls_then_its_sensor_is_silent_then_replaced() -> None:
    """Day by day less, at last nothing from that device at all."""
    one = Happening(START + HOUR, "larch-12", What.DYING_BATTERY, device="hall")
    acts = lived([one], days=12)
    told = [
        act.readings["battery"]
        for act in acts
        if act.device == "hall" and "battery" in act.readings and one.at <= act.at <= one.end
    ]
    assert told[-1] == 100.0
    assert told[:-1] == sorted(told[:-1], reverse=True)
    dead = one.at + 2 * (one.end - one.at) // 3
    assert not [act for act in acts if act.device == "hall" and dead <= act.at < one.end]


def test_a_stuck_sensor_says_the_same_for_hours() -> None:
    """It tells of movement every hour, and never that it stopped."""
    one = Happening(START + HOUR, "larch-12", What.STUCK_SENSOR, device="hall")
    acts = lived([one])
    words = {
        act.readings["motion"]
        for act in acts
        if act.device == "hall" and "motion" in act.readings and one.at <= act.at < one.end
    }
    assert words == {"detected"}


def test_a_cold_home_cools_ever_more_slowly() -> None:
    """Towards the outside temperature, by one time constant."""
    acts = acts_of(Happening(START, "larch-12", What.COLD_HOME))
    told = [act.readings["temperature"] for act in acts if act.at < START + 16 * HOUR]
    numbers = [number for number in told if not isinstance(number, str)]
    drops = [earlier - later for earlier, later in pairwise(numbers)]
    assert min(drops) >= 0
    assert drops[0] > drops[-1]
    assert numbers[-1] > 4.0
    # Mended four hours before it is over, it is as warm as before by then.
    assert acts[-1].readings["temperature"] == numbers[0]


def test_a_dose_is_missed_once_and_the_next_one_taken() -> None:
    """The routine's own word on that dose is silent."""
    plan = plan_of_day(ADA, date(2026, 3, 3), 1)
    due = plan.at(plan.second_of(ADA.doses[0]))
    acts = lived([Happening(due, "larch-12", What.MISSED_MEDICINE)])
    words = [
        act.readings["medication"]
        for act in acts
        if "medication" in act.readings and local(act.at, LONDON).day == 3
    ]
    assert words == ["due", "missed", "due", "taken"]


def test_a_decline_shows_in_the_second_and_third_week() -> None:
    """More ways to the bathroom, fewer outings, up later."""
    start = parse_stamp("2026-03-02T00:00:00Z")
    one = Happening(start, "larch-12", What.DECLINE)
    well, ill = (lived(told, days=21, start=start) for told in ((), (one,)))
    late = start + 14 * DAY

    def count(acts: list[Act], device: str, name: str, word: str) -> int:
        return len([at for at in of(acts, device, name, word) if at > late])

    assert count(ill, "front-door", "contact", "open") < count(
        well, "front-door", "contact", "open"
    )
    assert count(ill, "bed", "occupancy", "vacant") > count(well, "bed", "occupancy", "vacant")
    assert count(ill, "bathroom", "motion", "detected") > 1.2 * count(
        well, "bathroom", "motion", "detected"
    )


@pytest.mark.parametrize("what", list(What))
def test_whatever_happens_the_home_speaks_in_order(what: What) -> None:
    """Every kind of event fits into a life, and the first word about it is not long before it."""
    until = 0 if what is What.DECLINE else START + 12 * HOUR
    one = Happening(START + 6 * HOUR, "larch-12", what, until)
    acts = lived([one])
    assert all(earlier.at <= later.at for earlier, later in pairwise(acts))
    assert all(act.at >= one.at - 5 * MINUTE for act in acts_of(one))
    assert acts != lived()


def test_carers_gardens_chairs_and_short_pulses_show() -> None:
    """A fuller life than the street's."""
    busy = Resident(
        home="h", scheme="s", outings=0, carers=4, garden=1.0, visitors=1.0, pulse="short",
        late=30.0, sunday=1.0,
    )  # fmt: skip
    acts = list(home_acts(busy, (), start=START, end=START + 7 * DAY, seed=2))
    seen = Counter(act.device for act in acts)
    assert seen["back-door"] > 10
    assert seen["front-door"] > 60
    assert seen["chair"] > 100
    pulses = [
        later.at - earlier.at
        for earlier, later in pairwise(act for act in acts if act.device == "hall")
        if earlier.readings == {"motion": "detected"} and later.readings == {"motion": "clear"}
    ]
    assert sorted(pulses)[len(pulses) // 2] < 4 * SECOND


def test_residents_differ_and_are_tagged_as_an_assessment_would() -> None:
    """The same home and seed give the same person; early risers are known as such."""
    people = [drawn_resident(f"h-{number}", "s", "Europe/London", seed=4) for number in range(60)]
    assert people[0] == drawn_resident("h-0", "s", "Europe/London", seed=4)
    assert len({one.wake for one in people}) > 20
    assert {one.pulse for one in people} == {"long", "short"}
    for one in people:
        assert (one.wake < EARLY) == ("early-riser" in tags_of(one))


def test_nothing_opens_behind_the_back_of_who_has_left() -> None:
    """Who has only a moment in the kitchen takes nothing from the fridge: it is no ghost's."""
    ghosts = 0
    for number in range(15):
        who = drawn_resident(f"home-{number:05}", "northside", "Europe/London", seed=3)
        still = msgspec.structs.replace(who, noise=0.0, sunday=1.0, outings=1.0)
        for day in (date(2026, 3, 3), date(2026, 3, 8), date(2026, 3, 22)):
            plan = plan_of_day(still, day, 3)
            acts = acts_of_day(still, day, 3)
            for part in plan.parts:
                if isinstance(part, Outing):
                    low, high = plan.at(part.start) + 30 * SECOND, plan.at(part.end)
                    ghosts += sum(
                        low <= act.at < high and act.device in ("fridge", "chair", "bathroom")
                        for act in acts
                        if "clear" not in act.readings.values()
                    )
    assert ghosts == 0


def test_a_low_battery_takes_no_word_but_its_own() -> None:
    """The daily report of a detector still says that there is no smoke: it is not silent."""
    low = Happening(START + HOUR, "larch-12", What.BATTERY_LOW, START + 3 * DAY)
    acts = lived([low], days=3)
    assert len(of(acts, "kitchen-smoke", "smoke", "clear")) == 3
    levels = {act.readings["battery"] for act in acts if act.device == "kitchen-smoke" and
              "battery" in act.readings and low.at <= act.at < low.end}  # fmt: skip
    assert levels == {"low"}


def test_doors_of_an_empty_home_go_on_telling_their_batteries() -> None:
    """A report is nobody's doing, and no sign of life: it says nothing about the door."""
    away = Happening(START + HOUR, "larch-12", What.GONE_AWAY, START + 5 * DAY)
    acts = lived([away], days=5)
    inside = [act for act in acts if act.device == "back-door" and act.at > START + 2 * HOUR]
    assert len(inside) >= 4
    assert all(set(act.readings) == {"battery"} for act in inside)


def test_a_dead_device_is_silent_whatever_else_is_wrong_with_it() -> None:
    """Its battery is dead and its smoke alarm rang before: no part of its reports is told."""
    dying = Happening(START, "larch-12", What.DYING_BATTERY, START + 9 * DAY, "kitchen-smoke")
    acts = lived([dying], days=9)
    dead = [act for act in acts if act.device == "kitchen-smoke"]
    assert max(act.at for act in dead if act.at < START + 9 * DAY) < START + 6 * DAY + HOUR


def test_who_was_found_lies_in_bed_until_the_next_morning_is_a_bad_one() -> None:
    """What one silence held back is told at its end, though another begins on the same day."""
    found = parse_stamp("2026-03-04T03:50:00Z")
    night = Happening(found - DAY, ADA.home, What.NIGHT_FALL)
    ill = Happening(parse_stamp("2026-03-04T06:40:00Z"), ADA.home, What.NOT_UP)
    assert night.end == found
    acts = lived([night, ill], days=3)
    assert found in of(acts, "bed", "occupancy", "occupied")
    assert not [at for at in of(acts, "bed", "occupancy", "vacant") if found <= at < ill.at]
