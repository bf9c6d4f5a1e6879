"""Traces of numbers: what is kept of them, however many come, and that no extreme is lost."""

from telecared.core.conditions.base import Change, View
from telecared.core.conditions.latches import BEYOND, Latch, Numbers, latched, numbers_of
from telecared.core.conditions.traces import MAX_MARKS
from telecared.core.state import Fact, HomeState, Mark
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, DeviceKind, Instant, Value
from tests.core.world import World, device

HALL = device("hall-t", DeviceKind.TEMPERATURE_SENSOR)
BED = device("bed-t", DeviceKind.TEMPERATURE_SENSOR)
READS = frozenset({("hall-t", "temperature"), ("bed-t", "temperature")})
NUMBERS = Numbers("temperature@", READS, keep=HOUR)


def view(facts: dict[str, Value] | None = None) -> View:
    """A home in which these devices have told these temperatures."""
    world = World()
    known = {
        name: {"temperature": Fact(value, MINUTE, MINUTE, MINUTE)}
        for name, value in (facts or {}).items()
    }
    return View(HomeState(home="h", facts=known), world.site, world.home.zone)


def told(value: Value, at: Instant, *, who: str = "hall-t", late: bool = False) -> Change:
    """A device tells a temperature."""
    return Change(HALL if who == "hall-t" else BED, "temperature", None, value, at, False, late)


def test_each_device_keeps_what_it_told_just_before_the_span() -> None:
    """However long ago that was, and whatever the other tells meanwhile."""
    marks: tuple[Mark, ...] = ()
    for minute, value in ((0, 1.0), (1, 2.0), (100, 3.0), (130, 4.0)):
        marks = NUMBERS.note(marks, view(), told(value, minute * MINUTE))
    for minute in range(200, 600):
        marks = NUMBERS.note(marks, view(), told(float(minute), minute * MINUTE, who="bed-t"))
    assert [one.value for one in numbers_of(marks, "hall-t")] == [2.0, 3.0, 4.0]
    assert next(one.value for one in numbers_of(marks, "bed-t")) == 539.0
    assert NUMBERS.note(marks, view(), None) is marks
    assert NUMBERS.note(marks, view(), told("ok", 0)) is marks
    assert NUMBERS.note(marks, view(), told(4.0, 130 * MINUTE)) is marks


def test_a_number_that_is_told_late_takes_its_place() -> None:
    """Between those that were told before."""
    marks: tuple[Mark, ...] = ()
    for minute in (10, 30, 20):
        marks = NUMBERS.note(marks, view(), told(float(minute), minute * MINUTE))
    assert [one.value for one in marks] == [10.0, 20.0, 30.0]


def test_of_very_many_numbers_no_extreme_is_lost() -> None:
    """One every second, wavering: a peak and a dip of one second are still there."""
    marks: tuple[Mark, ...] = ()
    for second in range(3600):
        value = 20.0 + second % 7
        value = {1234: 99.0, 2345: -40.0}.get(second, value)
        marks = NUMBERS.note(marks, view(), told(value, second * SECOND))
    assert len(marks) <= MAX_MARKS
    assert {-40.0, 99.0} <= {one.value for one in marks}
    assert marks[-1] == Mark(3599 * SECOND, "hall-t", 20.0 + 3599 % 7)
    assert marks[0].at == 0


def test_a_span_of_nothing_keeps_the_last() -> None:
    """Nobody asks for it; it is no division by zero."""
    numbers = Numbers("temperature@", READS, keep=0)
    marks = tuple(Mark(5, "hall-t", float(value)) for value in range(MAX_MARKS))
    marks = numbers.note(marks, view(), told(0.5, 5))
    assert len(marks) == 1


def test_numbers_begin_with_what_is_known() -> None:
    """A word is no number; what was never told is not there."""
    assert NUMBERS.begin(view({"hall-t": 21.0})) == (Mark(MINUTE, "hall-t", 21.0),)
    assert NUMBERS.begin(view({"bed-t": "ok"})) == ()


def test_a_latch_keeps_since_when_a_value_is_beyond_or_back() -> None:
    """What is neither changes nothing, nor does what is told of the past."""
    latch = Latch(
        "t", READS,
        enters=lambda value: isinstance(value, float) and value > 28,
        leaves=lambda value: isinstance(value, float) and value < 26,
    )  # fmt: skip
    marks = latch.begin(view({"hall-t": 30.0, "bed-t": 20.0}))
    assert marks == (Mark(MINUTE, "bed-t"), Mark(MINUTE, "hall-t", BEYOND))
    assert latch.note(marks, view(), None) is marks
    assert latch.note(marks, view(), told(20.0, 5, late=True)) is marks
    assert latch.note(marks, view(), told(27.0, 5)) is marks
    marks = latch.note(marks, view(), told(25.0, 9))
    assert latched(marks, "hall-t") is None
    assert Mark(9, "hall-t") in marks
    assert latch.note(marks, view(), told(27.0, 10)) is marks
