"""What `rota show --json` prints: one object for each rota.

Values only; what stands in them is worked out in `rota`.
"""

import msgspec

from telecared.cli.lines import Time


class ShiftLine(msgspec.Struct, frozen=True):
    """A stretch in which one person is on duty; `person` is null where nobody is."""

    since: Time
    until: Time
    person: str | None


class HandoverLine(msgspec.Struct, frozen=True):
    """An instant at which somebody else comes; null is nobody."""

    at: Time
    leaves: str | None
    comes: str | None


class GapLine(msgspec.Struct, frozen=True):
    """A stretch in which nobody is on duty."""

    since: Time
    until: Time


class OverrideLine(msgspec.Struct, frozen=True):
    """Who stands in; `number` ends it and is null for one of the file, as is `by`."""

    number: int | None
    since: Time
    until: Time
    person: str | None
    by: str | None


class RotaLine(msgspec.Struct, frozen=True):
    """A rota at `at` and in the days after it.

    `on_duty` is the id of a person, `name` the name; both are null where nobody is on duty. `gaps`
    are those of the shifts. Overrides that are over by then are left out.
    """

    rota: str
    timezone: str
    staffed: bool
    at: Time
    on_duty: str | None
    name: str | None
    handovers: list[HandoverLine]
    shifts: list[ShiftLine]
    gaps: list[GapLine]
    overrides: list[OverrideLine]
