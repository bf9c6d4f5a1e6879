"""What people state for a time, as the state keeps it: suspensions, and who goes to an alert.

What they hold back is `holding`, how they begin and end `suspensions`; who goes is `goers`.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from telecared.core.vocabulary import MINUTE, Duration, Instant, SuspensionKind

SAME_TRIGGER: Final[Duration] = 2 * MINUTE
"""For so long what a device tells after its first trigger belongs to its test. What it tells later
is real: the resident may fall while the installer is in the kitchen."""


class Suspension(msgspec.Struct, frozen=True, kw_only=True):
    """The resident is away, or somebody is in the home: stated by a person, always with an end.

    Attributes:
        kind: why.
        since, until: engine time; `until` may still be shortened or extended by a person.
        by: who stated it. Personal data, as is `note`.
    """

    n: int
    kind: SuspensionKind
    since: Instant
    until: Instant
    by: str
    note: str = ""


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """What is found while it lasts pages nobody; never life safety.

    Attributes:
        rule: the rule it is about, "" for every rule.
        device: the device it is about, "" for all.
        held: how many findings it has held back so far.
    """

    n: int
    since: Instant
    until: Instant
    by: str
    rule: str = ""
    device: str = ""
    note: str = ""
    held: int = 0


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has promised something about this home and nobody has done it yet.

    Attributes:
        by: who promised. Personal data, as is `what`.
        since, due_at: when it was promised, and by when it is to be done; engine time.
        alert: the number of the alert that it is about, None for none.
        missed: an alert was opened because nobody had kept it in time.
    """

    n: int
    by: str
    what: str
    since: Instant
    due_at: Instant
    alert: int | None = None
    missed: bool = False


class WalkTest(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody goes round the home and triggers each device.

    Attributes:
        by: who. Personal data.
        tested: device -> engine time at which it was first proven.
        alarmed: device -> engine time of its first alarm or press of its test button.
        ended: it is over but for the devices whose own tests are not: no other begins.
    """

    by: str
    since: Instant
    until: Instant
    tested: Mapping[str, Instant] = {}
    alarmed: Mapping[str, Instant] = {}
    ended: bool = False

    def own_ends(self, device: str) -> frozenset[Instant]:
        """Return when what a device tells belongs to its own test no more: alarms, other things."""
        firsts = (self.tested.get(device), self.alarmed.get(device))
        return frozenset(first + SAME_TRIGGER for first in firsts if first is not None)


class Going(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Somebody who has said that they go to an alert, or have it.

    Attributes:
        contact: under which id they were told, None for an operator.
        by: their name. Personal data.
        at: when they first said so.
        until: when what they said lapses, without an update.
        minutes: until they arrive, by their last word; None where they have not said.
        arrived: when they said that they are there, None while they have not.
        for_all: nobody else is needed: an operator, or somebody at the policy's staffed end.
    """

    contact: str | None
    by: str
    at: Instant
    until: Instant
    minutes: int | None = None
    arrived: Instant | None = None
    for_all: bool = False


class Handled(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What people's answers leave behind beside who goes.

    Attributes:
        wanted: how many must go since somebody asked for more help, 0 when nobody has.
        ask_at: when whoever has arrived is asked how it ended.
        asked: contacts who were asked how it ended, and may answer although they have it no more.
        handover: number of the page by which its owner was told that it was handed to them, 0
            once they have answered.
        comforted: whom the resident was told of, as `NAME` or `NAME, MINUTES`. Personal data.
        unanswered: contacts whom an operator rang in the running step, and who did not answer.
    """

    wanted: int = 0
    ask_at: Instant | None = None
    asked: tuple[str, ...] = ()
    handover: int = 0
    comforted: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
