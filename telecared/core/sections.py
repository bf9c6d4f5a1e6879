"""Messages that tell of several devices, or hours: how one is taken apart, and what a part tells.

Which device a part belongs to is `sharing`'s decision; what a field means is in `tables`.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

import msgspec

from telecared.core.addresses import Template, as_name, template, texts_of
from telecared.core.envelope import act_in, time_in
from telecared.core.fields import find, spelled
from telecared.core.profiles import Section
from telecared.core.readings import Reading
from telecared.core.tables import Table, layout_of, numbered, tell
from telecared.core.vocabulary import Instant

MAX_PARTS: Final = 1_000
"""More parts of one message are not looked at, which is a problem of its own."""

TOO_MANY: Final = f"it has more than {MAX_PARTS} parts; the rest was not read"


class SectionPlan(msgspec.Struct, frozen=True):
    """A compiled `Section`."""

    source: Section
    table: Table
    address: tuple[Template, ...]
    match: str


class Part(msgspec.Struct, frozen=True):
    """One part of a message.

    Attributes:
        section: the place of its section in the message's list.
        data: its fields; a scalar stands under `value`.
        names: what names its device, most telling first; empty when nothing does.
    """

    section: int
    data: dict[str, object]
    names: tuple[str, ...]


def section_of(source: Section, table: Table) -> SectionPlan:
    """Compile a section whose fields are compiled already.

    Raises:
        ValueError: an address that cannot be used.
    """
    addresses = tuple(template(text) for text in source.address)
    return SectionPlan(source, table, addresses, source.match.strip().casefold())


def parts_in(sections: tuple[SectionPlan, ...], data: object) -> tuple[list[Part], str | None]:
    """Take a message apart, in the order of the sections and then of the message; and a problem."""
    parts: list[Part] = []
    for number, section in enumerate(sections):
        inside = find(data, section.source.path)
        for key, value in _entries(section, inside):
            if value is None:
                continue
            fields = value if isinstance(value, dict) else {"value": value}
            named = texts_of(section.address, fields)
            names = named if key is None else [key, *named]
            if section.match and not any(fnmatchcase(name, section.match) for name in names):
                continue
            if len(parts) == MAX_PARTS:
                return parts, TOO_MANY
            parts.append(Part(number, fields, tuple(names)))
    return parts, None


def tell_part(
    section: SectionPlan,
    part: Part,
    device: str,
    at: Instant | None,
    act: int | None,
    told: Iterable[Reading] = (),
) -> tuple[list[Reading], str | None]:
    """Return the readings of a part as told of `device`, and a problem.

    `at` and `act` are the whole message's, for parts without their own; `told` is what it tells.
    """
    source, complaint = section.source, None
    if source.time is not None:
        own, complaint = time_in(source.time, part.data)
        at = at if own is None else own
    if source.acts is not None:
        act = act_in(find(part.data, source.acts))
    readings, problem = tell(layout_of(section.table, part.data), part.data, device, at)
    if source.fills_in:
        known = {each.property for each in told if not each.history}
        readings = [each for each in readings if each.property not in known]
    return numbered(readings, act, history=source.history), complaint or problem


def _entries(section: SectionPlan, inside: object) -> list[tuple[str | None, object]]:
    if section.source.by_key:
        if not isinstance(inside, dict):
            return []
        return [(as_name(spelled(key)), value) for key, value in inside.items()]
    if not isinstance(inside, list):
        return []
    return [(None, value) for value in inside]
