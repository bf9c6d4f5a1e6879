"""Locations moved by one distance, the same for a whole recording: far from where people live.

Which values are locations is `pseudonyms`.
"""

from typing import Final

LATITUDES: Final = frozenset({"lat", "latitude", "gps_latitude"})
"""Fields of which a single number is a latitude, case-folded."""

FURTHEST: Final = 360
"""A larger number is no number of degrees."""


class Displaced:
    """Moves locations.

    Args:
        north, east: degrees; what leaves the map on one side comes back on the other.

    Attributes:
        count: how many numbers were moved.
    """

    def __init__(self, north: float, east: float) -> None:
        self._north = north
        self._east = east
        self.count = 0

    def value(self, value: object, key: str) -> object:
        """Return what stands in a field of a location, moved; None for what is no number of it.

        Pairs have the latitude first, but in `coordinates` (GeoJSON).
        """
        if isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)):
            swapped = key == "coordinates"
            return [self._moved(value[0], not swapped), self._moved(value[1], swapped)]
        if _is_number(value):
            return self._moved(value, key in LATITUDES)
        if isinstance(value, str):
            return self._text(value, key)
        return None

    def _text(self, text: str, key: str) -> str | None:
        try:
            numbers = [float(part) for part in text.split(",")]
        except ValueError:
            return None
        if len(numbers) == 1:
            return str(self._moved(numbers[0], key in LATITUDES))
        if len(numbers) == 2:
            return f"{self._moved(numbers[0], True)},{self._moved(numbers[1], False)}"
        return None

    def _moved(self, degrees: object, is_latitude: bool) -> float:
        assert isinstance(degrees, int | float)
        if degrees == 0 or not abs(degrees) <= FURTHEST:
            return 0.0  # a tracker without a fix, or no degrees
        self.count += 1
        if is_latitude:
            return round((degrees + 90 + self._north) % 180 - 90, 6)
        return round((degrees + 180 + self._east) % 360 - 180, 6)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
