"""A tracker is inside or outside an area, for a time; each tracker by itself.

Distances are on the sphere. The boundary belongs to the area. Where a tracker is that has told no
place yet is not known: it is neither inside nor outside.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import Final

from telecared.core.conditions.base import View, fact_of, matching, place
from telecared.core.conditions.latched import Latched, Stretch
from telecared.core.conditions.latches import Latch
from telecared.core.plan import Device, Rule
from telecared.core.vocabulary import Instant, Value
from telecared.core.when import Area, Geofence
from telecared.core.windows import clock_text, duration_text

EARTH_RADIUS: Final = 6_371_008.8
"""The mean radius in metres; the sphere is wrong by half a percent at most."""

MAX_POINTS: Final = 64
"""Corners of one area."""

Point = tuple[float, float]


def distance(one: Point, other: Point) -> float:
    """Return the metres between two [latitude, longitude] points on the sphere."""
    north, south = radians(one[0]), radians(other[0])
    rise, turn = (south - north) / 2, radians(other[1] - one[1]) / 2
    chord = sin(rise) ** 2 + cos(north) * cos(south) * sin(turn) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(chord)))


def area_problem(area: Area) -> str | None:
    """Return in one sentence what is wrong with an area, or None."""
    if (area.centre is None) == (not area.points):
        return "an area is a `centre` with a `radius`, or `points`: write one of the two"
    corners = area.points or ((area.centre,) if area.centre else ())
    if any(not -90 <= lat <= 90 or not -180 <= lon <= 180 for lat, lon in corners):
        return "a point is [latitude, longitude] in degrees: -90 to 90, then -180 to 180"
    if area.centre is not None:
        return None if area.radius > 0 else "`radius` is in metres and more than 0"
    if not 3 <= len(set(area.points)) <= MAX_POINTS:
        return f"`points` needs 3 to {MAX_POINTS} different corners"
    ring = _unrolled(area.points)
    if abs(ring[-1][1] - ring[0][1]) > 180:
        return "the corners go around a pole: draw the area without it, or use `centre`"
    if not _doubled_surface(ring):
        return "the corners lie on one line, which has no inside: move one of them"
    return None


def contains(area: Area, point: Point) -> bool:
    """Whether a point lies in an area or on its boundary.

    A polygon's sides are straight on a map of degrees, and may cross the 180th meridian: between
    two corners the shorter way round is meant.
    """
    if area.centre is not None:
        return distance(area.centre, point) <= area.radius
    ring = _unrolled(area.points)
    return any(_in_ring(ring, (point[0], point[1] + turn)) for turn in (-360, 0, 360))


def _unrolled(points: Sequence[Point]) -> list[Point]:
    """Return the corners with longitudes that go on instead of jumping at the 180th meridian."""
    ring = list(points[:1])
    for lat, lon in points[1:]:
        before = ring[-1][1]
        ring.append((lat, lon + 360 * round((before - lon) / 360)))
    return ring


def _doubled_surface(ring: Sequence[Point]) -> float:
    """Return twice the sum of the surfaces between the first corner and the others, in degrees."""
    (lat, lon), *others = ring
    return sum(
        abs((one[0] - lat) * (other[1] - lon) - (other[0] - lat) * (one[1] - lon))
        for one, other in pairwise(others)
    )


def _in_ring(ring: Sequence[Point], point: Point) -> bool:
    """Cast a ray to the east and count the sides that it crosses; a point on a side is inside."""
    lat, lon = point
    crossings = 0
    for start, end in _sides(ring):
        side = (end[1] - start[1]) * (lat - start[0]) - (lon - start[1]) * (end[0] - start[0])
        between = min(start[1], end[1]) <= lon <= max(start[1], end[1])
        if side == 0 and between and min(start[0], end[0]) <= lat <= max(start[0], end[0]):
            return True
        if (start[0] > lat) != (end[0] > lat):
            crossings += (side > 0) == (end[0] > start[0])
    return crossings % 2 == 1


def _sides(ring: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return pairwise((*ring, ring[0]))


class _Geofence(Latched):
    def __init__(self, condition: Geofence, rule: Rule, devices: tuple[Device, ...]) -> None:
        named = matching(devices, condition.at)
        area, self._side = condition.inside or Area(), "inside"
        if condition.outside is not None:
            area, self._side = condition.outside, "outside"
        self._area = area
        reads = frozenset((device.id, "location") for device in named)
        key = f"{self._side} {area!r}@{','.join(condition.at)}"
        latch = Latch(key, reads, enters=self._met_by, leaves=self._not_met_by)
        stretch = Stretch(rule, condition.duration, condition.between)
        super().__init__(named, "location", stretch, (latch,))
        self._condition = condition

    def _met_by(self, value: Value) -> bool:
        if not isinstance(value, tuple):
            return False
        return contains(self._area, value) == (self._side == "inside")

    def _not_met_by(self, value: Value) -> bool:
        return isinstance(value, tuple) and not self._met_by(value)

    def reason(self, view: View, device: Device | None, since: Instant) -> str:
        """Return on which side of the area it is, since when, and how far from its centre."""
        told = f"is {self._side} the area"
        if self._condition.duration:
            told += f" for {duration_text(self._condition.duration)}"
        if device is None:
            return f"a tracker {told}"
        began = clock_text(since, view.zone, view.site.offset(since))
        fact = fact_of(view.state, device.id, "location")
        far = ""
        if self._area.centre is not None and fact is not None and isinstance(fact.value, tuple):
            far = f"; {distance(self._area.centre, fact.value):.0f} m from its centre"
        return f"{place(device)} {told}, since {began}{far}"


def compile_geofence(condition: Geofence, rule: Rule, devices: tuple[Device, ...]) -> _Geofence:
    """Compile a `geofence` condition for a home with these devices."""
    return _Geofence(condition, rule, devices)
