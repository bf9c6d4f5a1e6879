"""What `devices` and `walk-test` print with `--json`: one object a device.

Plain structs, from which `telecared schema --output` is made. What they mean is the core's.
"""

import msgspec

from telecared.cli.lines import Time
from telecared.core.vocabulary import DeviceKind


class DeviceLine(msgspec.Struct, frozen=True):
    """How one device stands.

    `heard_at` is null for a device that never spoke; `battery` is a word or per cent, `radio` too.
    `missed` counts messages that the gaps of its counter show missing. `may_be_silent_s` is how
    many seconds its supervision rule lets it be silent, null without such a rule. `test_by` is
    when its user should test it, null for kinds that nobody tests by hand.
    """

    home: str
    device: str
    kind: DeviceKind
    location: str | None
    profile: str
    model: str | None
    heard_at: Time | None
    battery: str | float | None
    link: str | None
    radio: str | float | None
    mains: str | None
    tamper: str | None
    missed: int
    may_be_silent_s: float | None
    silent_too_long: bool
    tested_at: Time | None
    test_by: Time | None
    test_overdue: bool
    alerts: list[str]


class WalkTestLine(msgspec.Struct, frozen=True):
    """What became of one device in a walk test; `tested_at` is null when it was not triggered."""

    home: str
    device: str
    kind: DeviceKind
    location: str | None
    tested_at: Time | None
