"""Where a tracker is: circles and polygons on the sphere, and how long it stays on one side."""

import pytest

from telecared.core.conditions.base import View
from telecared.core.conditions.geofence import area_problem, contains, distance
from telecared.core.plan import Rule
from telecared.core.state import decode_state, encode_state
from telecared.core.vocabulary import MINUTE, DeviceKind, Priority
from telecared.core.when import Area, Geofence, Window
from tests.core.conftest import Story
from tests.core.world import DEVICES, World, device, plan_of, record_of

TRACKER = device("tracker", DeviceKind.TRACKER)
HOME = record_of(devices=(*DEVICES, TRACKER))
HOUSE = (54.0, -1.5)
AROUND = Area(centre=HOUSE, radius=300.0)
NEAR, FAR_OFF = (54.001, -1.5), (54.01, -1.5)
PARK = Area(points=((54.0, -1.5), (54.0, -1.4), (54.1, -1.4), (54.1, -1.5)))
FIJI = Area(points=((-16.0, 179.0), (-16.0, -179.0), (-18.0, -179.0), (-18.0, 179.0)))


def outside(*, minutes: int = 10, between: tuple[Window, ...] = (), **more: object) -> Rule:
    """Away from the house."""
    condition = Geofence(outside=AROUND, duration=minutes * MINUTE, between=between)
    return Rule(name="outside", when=condition, **{"priority": Priority.ROUTINE, **more})  # type: ignore[arg-type] # fields of a rule


def opens(world: World) -> list[str]:
    """Local times at which an alert was opened; who was told is another story."""
    world.forget_messages()
    return [at for at, _ in world.opened()]


def test_somebody_who_stays_outside_is_told_with_how_far(story: Story) -> None:
    """Every further place outside belongs to the same stretch; coming back ends it."""
    world = story(rules=[outside()], record=HOME)
    world.hears("tracker", location=NEAR)
    for place in (FAR_OFF, (54.02, -1.5), (54.01, -1.51)):
        world.advance(minutes=4)
        world.hears("tracker", location=place)
        world.state = decode_state(encode_state(world.state))
    world.advance(minutes=20)
    assert opens(world) == ["08:14:00"]
    reason = world.records("alert.opened")[0].reason
    assert reason == "tracker is outside the area for 10m, since 08:04; 1290 m from its centre"
    world.hears("tracker", location=NEAR)
    assert len(world.records("alert.resolved")) == 1
    world.forget_messages()


def test_a_short_walk_is_none(story: Story) -> None:
    """Back after nine minutes."""
    world = story(rules=[outside()], record=HOME)
    world.hears("tracker", location=FAR_OFF)
    world.advance(minutes=9)
    world.hears("tracker", location=NEAR)
    world.advance(hours=1)
    assert opens(world) == []


def test_entering_a_park_is_told_at_once(story: Story) -> None:
    """Inside a polygon, without a time; its reason has no centre to measure from."""
    rule = Rule(name="park", when=Geofence(inside=PARK, at=("tracker",)))
    world = story(rules=[rule], record=HOME)
    world.hears("tracker", location=(53.9, -1.45))
    world.hears("tracker", location=(54.05, -1.45), stamp=world.at + MINUTE)
    assert opens(world) == ["08:00:00"]
    assert world.records("alert.opened")[0].reason == "tracker is inside the area, since 08:00"


def test_at_night_it_counts_from_the_beginning_of_the_night(story: Story) -> None:
    """Out since the evening: ten minutes after ten."""
    night = Window(start=22 * 60, end=6 * 60)
    world = story(rules=[outside(between=(night,))], record=HOME)
    world.hears("tracker", location=FAR_OFF)
    world.advance(hours=16)
    assert opens(world) == ["22:10:00"]


def test_a_larger_circle_takes_over_at_once(story: Story) -> None:
    """Two kilometres: the tracker is inside again, without another word from it."""
    world = story(rules=[outside(minutes=0)], record=HOME)
    world.hears("tracker", location=FAR_OFF)
    assert opens(world) == ["08:00:00"]
    larger = Geofence(outside=Area(centre=HOUSE, radius=2000.0))
    world.is_replanned(plan_of([Rule(name="outside", when=larger, priority=Priority.ROUTINE)]))
    assert len(world.records("alert.resolved")) == 1
    world.forget_messages()


def test_who_has_told_no_place_is_neither_inside_nor_outside() -> None:
    """Nor is a word a place."""
    world = World(rules=[outside(minutes=0), outside(minutes=5)], record=HOME)
    view = View(world.state, world.site, world.home.zone)
    first, second = (rule.condition for rule in world.home.rules)
    assert (first.holds(view), list(first.turns(view))) == (None, [])
    assert first.reason(view, None, 0) == "a tracker is outside the area"
    assert second.reason(view, TRACKER, 0) == "tracker is outside the area for 5m, since 01:00"
    tracer = first.tracers[0]
    assert tracer.begin(view) == ()
    world.hears("tracker", location="home")
    assert world.state.traces == {}


# --- the sphere -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((0.0, 0.0), (0.0, 1.0), 111_195),
        ((0.0, 0.0), (1.0, 0.0), 111_195),
        ((60.0, 0.0), (60.0, 1.0), 55_597),
        ((51.5, -0.1), (51.5, -0.1), 0),
        ((0.0, 179.5), (0.0, -179.5), 111_195),
        ((90.0, 0.0), (-90.0, 0.0), 20_015_114),
        ((0.0, 0.0), (0.0, 180.0), 20_015_114),
    ],
)
def test_distances_are_on_the_sphere(
    one: tuple[float, float], other: tuple[float, float], metres: int
) -> None:
    """A degree is 111 km, half of that at 60 north, and the antimeridian is no wall."""
    assert round(distance(one, other)) == metres


@pytest.mark.parametrize(
    ("area", "point", "inside"),
    [
        (AROUND, HOUSE, True),
        (AROUND, (54.0026, -1.5), True),
        (AROUND, (54.0028, -1.5), False),
        (PARK, (54.05, -1.45), True),
        (PARK, (54.05, -1.5), True),
        (PARK, (54.0, -1.45), True),
        (PARK, (54.1, -1.4), True),
        (PARK, (54.05, -1.39), False),
        (PARK, (54.05, -1.51), False),
        (PARK, (54.2, -1.5), False),
        (PARK, (54.2, -1.45), False),
        (PARK, (54.1, -1.3), False),
        (FIJI, (-17.0, 179.5), True),
        (FIJI, (-17.0, -179.5), True),
        (FIJI, (-17.0, 180.0), True),
        (FIJI, (-17.0, 178.5), False),
        (FIJI, (-17.0, -178.5), False),
        (FIJI, (-17.0, 0.0), False),
    ],
)
def test_the_boundary_belongs_to_the_area(
    area: Area, point: tuple[float, float], inside: bool
) -> None:
    """Also across the 180th meridian."""
    assert contains(area, point) is inside


def test_a_dent_in_a_polygon_is_outside() -> None:
    """A ray may cross its sides many times."""
    star = Area(points=((0.0, 0.0), (4.0, 0.0), (1.0, 2.0), (4.0, 4.0), (0.0, 4.0)))
    assert not contains(star, (3.0, 2.0))
    assert contains(star, (3.0, 0.2))
    assert contains(star, (0.5, 2.0))
    assert contains(star, (3.0, 3.9))


@pytest.mark.parametrize(
    ("area", "says"),
    [
        (AROUND, None),
        (PARK, None),
        (FIJI, None),
        (Area(), "write one of the two"),
        (Area(centre=HOUSE, radius=5, points=PARK.points), "write one of the two"),
        (Area(centre=HOUSE), "more than 0"),
        (Area(centre=(-1.5, 540.0), radius=5), "[latitude, longitude]"),
        (Area(points=(*PARK.points, (91.0, 0.0))), "[latitude, longitude]"),
        (Area(points=(HOUSE, NEAR, HOUSE)), "3 to 64 different corners"),
        (Area(points=tuple((0.0, n / 10) for n in range(65))), "3 to 64 different corners"),
        (Area(points=((0.0, 0.0), (1.0, 1.0), (2.0, 2.0))), "lie on one line"),
        (Area(points=((80.0, 0.0), (80.0, 120.0), (80.0, -120.0))), "around a pole"),
    ],
)
def test_what_is_wrong_with_an_area_is_said(area: Area, says: str | None) -> None:
    """So that the linter can refuse it before anybody relies on it."""
    problem = area_problem(area)
    assert (problem is None) if says is None else (problem is not None and says in problem)
