"""What pydantic cannot know of a condition: the vocabulary, and what several keys say together.

Each check gets the mapping as it was written and tells problems with their place. Which kind it
is, and what it becomes, is `conditions`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from telecared.config.condition_bodies import (
    LATITUDES,
    LONGITUDES,
    MAX_RADIUS,
    MIN_POINTS,
    is_number,
)
from telecared.config.positions import Document, Path, nearest, sentence
from telecared.core.conditions.geofence import MAX_POINTS, area_problem
from telecared.core.conditions.traces import default_values
from telecared.core.vocabulary import PROPERTIES
from telecared.core.when import Area

Raw = Mapping[str, Any]


class Slips:
    """Gathers the problems of one condition as sentences with their place."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.sentences: list[str] = []
        self.told: set[Path] = set()

    def add(self, path: Path, message: str, *, key: bool = False) -> None:
        """Take a problem with the value at `path`, or with its key."""
        self.sentences.append(sentence(self.document, path, message, key=key))
        self.told.add(path)


# --- which keys stand beside each other -------------------------------------------------------


def one_of(slips: Slips, path: Path, raw: Raw, pair: tuple[str, str]) -> None:
    """Tell when both of two keys are written: they exclude each other."""
    first, second = (key for key in raw if key in pair) if all(k in raw for k in pair) else ("", "")
    if second:
        message = f'"{second}" stands beside "{first}"; keep one of the two'
        slips.add((*path, second), message, key=True)


def goes_with(slips: Slips, path: Path, raw: Raw, key: str, others: Sequence[str]) -> None:
    """Tell when a key is written without any of those that it belongs to."""
    if key in raw and not any(other in raw for other in others):
        message = f'"{key}" goes with {" or ".join(others)}; add it, or remove "{key}"'
        slips.add((*path, key), message, key=True)


# --- the vocabulary ---------------------------------------------------------------------------


def check_property(slips: Slips, path: Path, raw: Raw) -> str | None:
    """Return the property that a mapping names, or tell why it is none; None also when missing."""
    name = raw.get("property")
    if name is None:
        return None  # told as missing
    if isinstance(name, str) and name in PROPERTIES:
        return name
    if isinstance(name, str):
        message = f'"{name}" is no property; {nearest(name, PROPERTIES)}'
    else:
        message = "a condition has one property; write one, and join several conditions with any"
    slips.add((*path, "property"), message)
    return None


def check_reading(slips: Slips, path: Path, raw: Raw) -> None:
    """Hold a property and its words against the vocabulary."""
    name = check_property(slips, path, raw)
    if name is None:
        return
    spec = PROPERTIES[name]
    if not spec.values:
        remedy = "write above: or below: and a number" if spec.numeric else _AREAS
        slips.add((*path, "property"), f'"{name}" has no words; {remedy} in place of is')
        slips.told.add((*path, "is"))
        return
    for where, item in _items((*path, "is"), raw.get("is")):
        if not isinstance(item, str) or item not in spec.values:
            slips.add(
                where, f'"{item}" is no value of {name}; write one of: {_listed(spec.values)}'
            )


def check_pattern(slips: Slips, path: Path, raw: Raw) -> None:
    """Hold an act against the vocabulary; without `is` its property must show life."""
    check_reading(slips, path, raw)
    name = raw.get("property")
    if raw.get("is") is None and isinstance(name, str) and name in PROPERTIES:
        spec = PROPERTIES[name]
        if spec.values and not default_values(name):
            words = _listed(spec.values)
            message = f'"is" is missing, and no word of {name} shows life; write is: with {words}'
            slips.add(path, message)


def check_held(slips: Slips, path: Path, raw: Raw) -> None:
    """A word can be kept by a level only."""
    check_reading(slips, path, raw)
    name = raw.get("property")
    if isinstance(name, str) and name in PROPERTIES and PROPERTIES[name].momentary:
        message = f'"{name}" happens in a moment and lasts no time; remove "for"'
        slips.add((*path, "for"), message, key=True)


def check_lasting(slips: Slips, path: Path, raw: Raw) -> None:
    """What happens in a moment never holds together with anything else."""
    name = raw.get("property")
    if isinstance(name, str) and name in PROPERTIES and PROPERTIES[name].momentary:
        message = (
            f'"{name}" happens in a moment and never holds beside other conditions; write a rule'
            " of its own for it, or a count"
        )
        slips.add((*path, "property"), message)


def check_inactive(slips: Slips, path: Path, raw: Raw) -> None:
    """What counts as life must be able to show it; `at_least` and `within` need each other."""
    alive = {name for name, spec in PROPERTIES.items() if spec.activity}
    for where, item in _items((*path, "of"), raw.get("of")):
        if isinstance(item, str) and item in alive:
            continue
        if isinstance(item, str) and item in PROPERTIES:
            message = f'"{item}" never shows that somebody moved; known here: {_listed(alive)}'
        else:
            message = f'"{item}" is no property; {nearest(str(item), alive)}'
        slips.add(where, message)
    goes_with(slips, path, raw, "at_least", ("within",))
    goes_with(slips, path, raw, "within", ("at_least",))


def check_compare(slips: Slips, path: Path, raw: Raw) -> None:
    """Only numbers are compared, and a number is over only on the way back."""
    _check_numeric(slips, path, raw)
    one_of(slips, path, raw, ("above", "below"))
    goes_with(slips, path, raw, "clear_below", ("above",))
    goes_with(slips, path, raw, "clear_above", ("below",))
    for limit, clear, sign in (("above", "clear_below", 1), ("below", "clear_above", -1)):
        first, second = raw.get(limit), raw.get(clear)
        if is_number(first) and is_number(second) and sign * (second - first) > 0:
            side, back = ("more", "less") if sign > 0 else ("less", "more")
            message = (
                f"{second} is {side} than {limit}: {first}, so that it would be over before it"
                f" began; write {first} or {back}"
            )
            slips.add((*path, clear), message)


def check_changes(slips: Slips, path: Path, raw: Raw) -> None:
    """Only numbers rise and fall."""
    _check_numeric(slips, path, raw)
    one_of(slips, path, raw, ("rises_by", "falls_by"))


def check_geofence(slips: Slips, path: Path, raw: Raw) -> None:
    """Only a location is inside or outside."""
    name = check_property(slips, path, raw)
    if name is not None and name != "location":
        slips.add((*path, "property"), f'"{name}" is no place; write property: location')
    one_of(slips, path, raw, ("inside", "outside"))


def check_silent(slips: Slips, path: Path, raw: Raw) -> None:
    """How long is said by `for`, or by `every` and `misses`."""
    one_of(slips, path, raw, ("for", "every"))
    goes_with(slips, path, raw, "misses", ("every",))
    if "for" not in raw and "every" not in raw and "misses" not in raw:
        slips.add(path, '"for" is missing; add it, or every: 15m with misses: 3', key=True)


def _check_numeric(slips: Slips, path: Path, raw: Raw) -> None:
    name = check_property(slips, path, raw)
    if name is None or PROPERTIES[name].numeric:
        return
    words = PROPERTIES[name].values
    remedy = f"write is: with {_listed(words)}" if words else _AREAS
    slips.add((*path, "property"), f'"{name}" is no number; {remedy}')


# --- areas ------------------------------------------------------------------------------------

_AREAS: Final = "write inside: or outside: and an area"
_AREA: Final = "write {centre: [51.5, -0.12], radius: 300} or {points: [[lat, lon], ...]}"
_AREA_KEYS: Final = ("centre", "radius", "points")


def read_area(slips: Slips, path: Path, raw: object) -> Area | None:
    """Return the area at `path`, or None and the problems told."""
    before = len(slips.sentences)
    if not isinstance(raw, dict):
        slips.add(path, f"an area has keys of its own; {_AREA}")
        return None
    for key in raw:
        if key not in _AREA_KEYS:
            message = f'"{key}" is not known here; {nearest(str(key), _AREA_KEYS)}'
            slips.add((*path, key), message, key=True)
    one_of(slips, path, raw, ("centre", "points"))
    goes_with(slips, path, raw, "centre", ("radius",))
    goes_with(slips, path, raw, "radius", ("centre",))
    if not any(key in raw for key in _AREA_KEYS):
        slips.add(path, f"the area is empty; {_AREA}")
    points = list(_points(slips, (*path, "points"), raw["points"])) if "points" in raw else []
    centre = _point(slips, (*path, "centre"), raw["centre"]) if "centre" in raw else None
    radius = raw.get("radius", 0.0)
    if "radius" in raw and not (is_number(radius) and 0 < radius <= MAX_RADIUS):
        message = f"must be metres, more than 0 and at most {MAX_RADIUS:,.0f}; write like 300"
        slips.add((*path, "radius"), message)
    if len(slips.sentences) > before:
        return None
    known = tuple(point for point in points if point is not None)
    area = Area(centre=centre, radius=float(radius), points=known)
    problem = area_problem(area)
    if problem is not None:
        slips.add((*path, "points") if known else path, problem)
        return None
    return area


def _points(slips: Slips, path: Path, raw: object) -> Iterator[tuple[float, float] | None]:
    if not isinstance(raw, list) or not MIN_POINTS <= len(raw) <= MAX_POINTS:
        message = (
            f"must be a list of {MIN_POINTS} to {MAX_POINTS} points; write [[51.5, -0.12], ...]"
        )
        slips.add(path, message)
        return
    for index, point in enumerate(raw):
        yield _point(slips, (*path, index), point)


def _point(slips: Slips, path: Path, raw: object) -> tuple[float, float] | None:
    if not isinstance(raw, list) or len(raw) != 2 or not all(is_number(each) for each in raw):
        slips.add(path, "must be latitude and longitude in degrees; write [51.5, -0.12]")
        return None
    latitude, longitude = (float(each) for each in raw)
    if abs(latitude) > LATITUDES or abs(longitude) > LONGITUDES:
        message = (
            f"no such place on earth; latitude is -{LATITUDES:.0f} to {LATITUDES:.0f}, longitude"
            f" -{LONGITUDES:.0f} to {LONGITUDES:.0f}; write latitude first"
        )
        slips.add(path, message)
        return None
    return latitude, longitude


def _items(path: Path, written: object) -> list[tuple[Path, object]]:
    """Return what stands at `path`, alone or in a list, each with its place; nothing for None."""
    if isinstance(written, list):
        return [((*path, index), item) for index, item in enumerate(written)]
    return [] if written is None else [(path, written)]


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))
