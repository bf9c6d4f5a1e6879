"""No sign of life: counted from the last, paused in bed, held until proof of life was read."""

import pytest

from telecared.core.plan import Downtime, Rule
from telecared.core.site import LinkDown, LinkDrained, LinkUp
from telecared.core.vocabulary import DAY, HOUR, MINUTE, Duration, Priority
from telecared.core.when import InactiveFor, Window
from tests.core.conftest import Story
from tests.core.world import CENTRE, World, instant, record_of

DAYTIME = Window(start=7 * 60, end=22 * 60)
ALL = ("motion", "contact", "occupancy")


def quiet(
    *,
    hours: float = 4,
    of: tuple[str, ...] = ALL,
    at: tuple[str, ...] = (),
    between: tuple[Window, ...] = (),
    at_most: Duration = 14 * HOUR,
    **more: object,
) -> Rule:
    """No sign of life for some hours."""
    condition = InactiveFor(
        duration=int(hours * HOUR), of=of, at=at, between=between, occupied_at_most=at_most
    )
    return Rule(name="quiet", when=condition, **more)  # type: ignore[arg-type] # fields of a rule


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


def test_four_hours_without_a_sign_of_life_are_told(story: Story) -> None:
    """From the last sign, of whatever device, with the time it was seen."""
    world = story(rules=[quiet()])
    world.hears("hall-pir", motion="detected")
    world.advance(hours=1)
    world.hears("front-door", contact="open")
    world.advance(hours=1)
    world.hears("hall-pir", motion="clear")
    world.advance(hours=5)
    assert opens(world) == ["13:00:00"]
    reason = world.records("alert.opened")[0].reason
    assert reason == "no sign of life for 4h; the last was at 09:00"


def test_a_sensor_that_stays_on_shows_no_life(story: Story) -> None:
    """Only news does: a PIR that repeats "detected" may be stuck."""
    world = story(rules=[quiet()])
    world.hears("hall-pir", motion="detected")
    for _ in range(8):
        world.advance(minutes=30)
        world.hears("hall-pir", motion="detected")
    assert opens(world) == ["12:00:00"]


def test_before_any_sign_the_count_runs_from_registration(story: Story) -> None:
    """A home whose sensors never speak is not forgotten."""
    world = story(rules=[quiet()])
    world.advance(hours=5)
    assert opens(world) == ["12:00:00"]


def test_a_home_without_devices_has_no_count(story: Story) -> None:
    """There is nothing that could show life."""
    world = story(rules=[quiet()], record=record_of(devices=()))
    world.advance(days=2)
    assert opens(world) == []


def test_only_the_named_devices_count(story: Story) -> None:
    """Motion in the hall is no sign for a rule about the kitchen."""
    world = story(rules=[quiet(at=("kitchen",))])
    world.advance(hours=1)
    world.hears("hall-pir", motion="detected")
    world.advance(hours=4)
    assert opens(world) == ["12:00:00"]


def test_the_count_restarts_when_its_window_opens(story: Story) -> None:
    """Asleep since ten: at eleven in the morning, not at seven."""
    world = story(rules=[quiet(between=(DAYTIME,))], start="2026-03-01T22:30Z")
    world.hears("hall-pir", motion="detected")
    world.until("2026-03-02T12:00Z")
    assert opens(world) == ["11:00:00"]


def test_a_window_across_midnight_counts_through_it(story: Story) -> None:
    """From eight in the evening, two hours at night in one piece."""
    night = Window(start=20 * 60, end=6 * 60)
    world = story(rules=[quiet(hours=5, between=(night,))])
    world.until("2026-03-01T23:00Z")
    world.hears("hall-pir", motion="detected")
    world.until("2026-03-02T05:00Z")
    assert opens(world) == ["04:00:00"]


def test_lying_in_bed_pauses_the_count(story: Story) -> None:
    """An hour before bed, nine in bed, three after: that is four."""
    world = story(rules=[quiet(of=("motion",))])
    world.hears("hall-pir", motion="detected")
    world.advance(hours=1)
    world.hears("bed", occupancy="occupied")
    world.advance(hours=9)
    world.hears("bed", occupancy="vacant")
    world.advance(hours=4)
    assert opens(world) == ["21:00:00"]


def test_lying_in_bed_for_too_long_counts_again(story: Story) -> None:
    """`occupied_at_most` bounds it: somebody may have died in their sleep."""
    world = story(rules=[quiet(of=("motion",), at_most=10 * HOUR)])
    world.hears("hall-pir", motion="detected")
    world.hears("bed", occupancy="occupied")
    world.advance(hours=15)
    assert opens(world) == ["22:00:00"]


def test_a_bed_that_clears_by_itself_pauses_no_longer(story: Story) -> None:
    """A mat that fell silent while occupied is no proof that somebody lies there."""
    world = story(rules=[quiet(of=("motion",))])
    world.hears("hall-pir", motion="detected")
    world.hears("bed", occupancy="occupied", clears_after=2 * HOUR)
    world.advance(hours=8)
    assert opens(world) == ["14:00:00"]


def test_silence_goes_on_after_a_resolve_and_is_told_again(story: Story) -> None:
    """Four more hours without a sign."""
    world = story(rules=[quiet()])
    world.advance(hours=4, minutes=30)
    world.resolves("An Operator")
    world.advance(hours=5)
    assert opens(world) == ["12:00:00", "16:30:00"]


@pytest.mark.parametrize("priority", [Priority.ROUTINE, Priority.URGENT])
def test_a_sign_of_life_closes_a_routine_alert_alone(story: Story, priority: Priority) -> None:
    """An urgent one still needs a person; what the broker had kept closes neither."""
    world = story(rules=[quiet(priority=priority)])
    world.hears("hall-pir", motion="clear")
    world.advance(hours=4)
    world.hears("hall-pir", motion="detected", retained=True)
    assert 1 in world.state.alerts
    world.hears("kitchen-pir", motion="clear")
    assert 1 in world.state.alerts
    world.hears("kitchen-pir", motion="detected")
    world.forget_messages()
    assert (1 in world.state.alerts) is (priority is Priority.URGENT)


@pytest.mark.parametrize(
    ("downtime", "opened"),
    [(Downtime(), "12:00:00"), (Downtime(kind="pause"), "14:00:00"),
     (Downtime(kind="grace", grace=150 * MINUTE), "13:30:00")],
)  # fmt: skip
def test_an_outage_means_what_the_rule_says(story: Story, downtime: Downtime, opened: str) -> None:
    """Two hours without a link, early in a count of four."""
    world = story(rules=[quiet(downtime=downtime)])
    world.advance(hours=1)
    world.outage(hours=2)
    world.advance(hours=6)
    assert opens(world) == [opened]


def test_absence_is_held_until_the_session_is_drained(story: Story) -> None:
    """Due in the outage: judged when everything kept for us was read, marked late (decision 3)."""
    world = story(rules=[quiet()])
    world.advance(hours=3)
    world.outage(hours=2, drains=20)
    assert opens(world) == ["13:00:20"]
    line = world.records("alert.opened")[0]
    assert line.late == HOUR + 20_000_000
    assert "(late by 1h)" in (line.text or "")


def test_proof_of_life_that_was_kept_for_us_is_read_first(story: Story) -> None:
    """The resident moved during the outage; the broker tells it before we judge."""
    world = story(rules=[quiet()])
    world.advance(hours=3)
    world.site_hears(LinkDown(at=world.at))
    world.advance(hours=2)
    world.site_hears(LinkUp(at=world.at, resumed=True, protocol=4))
    world.hears("hall-pir", motion="detected", stamp=world.at - HOUR)
    world.advance(seconds=5)
    world.site_hears(LinkDrained(at=world.at, canary=True))
    world.advance(hours=2)
    assert world.opened() == []
    world.advance(hours=2)
    assert opens(world) == ["16:00:00"]


def test_absence_after_a_stop_is_told_late(story: Story) -> None:
    """The daemon was down when it was due."""
    world = story(rules=[quiet()])
    world.advance(hours=3)
    world.stopped_for(hours=6)
    assert opens(world) == ["17:00:00"]
    assert world.records("alert.opened")[0].late == 5 * HOUR


def test_escalation_is_never_held(story: Story) -> None:
    """The link is down, and the next step is told on time all the same."""
    world = story(rules=[quiet()])
    world.advance(hours=4)
    world.expect_sms("ben")
    world.site_hears(LinkDown(at=world.at))
    world.advance(minutes=2)
    world.expect_sms("cara")
    world.advance(minutes=3)
    world.expect_sms(CENTRE)


def test_a_deadline_that_activity_only_moves_later_is_looked_at_again(story: Story) -> None:
    """The stored bound stays early and is pushed forward when it comes due: no alert, no line."""
    world = story(rules=[quiet()])
    world.hears("hall-pir", motion="detected")
    bound = world.state.absences_due
    world.advance(hours=2)
    world.hears("kitchen-pir", motion="detected")
    assert world.state.absences_due == bound == instant("2026-03-01T12:00Z")
    world.advance(hours=2)
    assert world.state.absences_due == instant("2026-03-01T14:00Z")
    assert world.records() == []


def test_a_quiet_week_is_told_on_the_first_day(story: Story) -> None:
    """Nothing resolves it: one alert, not seven."""
    world = story(rules=[quiet()])
    world.advance(days=1)
    assert opens(world) == ["12:00:00"]
    assert world.alert().opened_at < instant("2026-03-01T08:00Z") + DAY
