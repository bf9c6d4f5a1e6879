"""The second sensor that a rule asks (`confirm`), in one home: which acts answer, and how.

Compiled once, never changes the state. What its answers do to an alert is `resident`.
"""

from collections.abc import Sequence
from typing import Final

from telecared.core.conditions.base import Change, View, matching
from telecared.core.conditions.traces import Acts
from telecared.core.plan import Confirm, Device
from telecared.core.vocabulary import Duration, Priority, may_tell
from telecared.core.when import ReadingIs
from telecared.core.windows import duration_text

_SECOND: Final = " or "


class SecondSensor:
    """Which acts confirm an alert, and which silence does.

    Attributes:
        within: how long it is asked from the opening of an alert.
        priority: what a confirmed alert is raised to.
        silence_confirms: whether hearing nothing confirms.
        reads: the (device, property) pairs that may answer.
    """

    def __init__(self, confirm: Confirm, devices: Sequence[Device]) -> None:
        self.within: Duration = confirm.within
        self.priority: Priority = confirm.priority
        self.silence_confirms = bool(confirm.none_of)
        self._confirms = [Acts(pattern, devices, keep=0) for pattern in confirm.any_of]
        self._refutes = [Acts(pattern, devices, keep=0) for pattern in confirm.none_of]
        acts = (*self._confirms, *self._refutes)
        self.reads = frozenset[tuple[str, str]]().union(*(one.reads for one in acts))

    def confirms(self, view: View, change: Change) -> bool:
        """Whether a change of a fact is an act that confirms."""
        return any(_is_one(acts, view, change) for acts in self._confirms)

    def refutes(self, view: View, change: Change) -> bool:
        """Whether a change of a fact is an act that would have confirmed by its absence."""
        return any(_is_one(acts, view, change) for acts in self._refutes)

    @property
    def silence(self) -> str:
        """Say in a few words that none of the acts was heard in time."""
        acts = self._refutes or self._confirms
        told = _SECOND.join(_text(one.pattern) for one in acts)
        return f"no {told} within {duration_text(self.within)}"


def _is_one(acts: Acts, view: View, change: Change) -> bool:
    return (change.device.id, change.property) in acts.reads and acts.is_act(view, change)


def _text(pattern: ReadingIs) -> str:
    words = _SECOND.join(str(value) for value in pattern.values)
    where = f" at {_SECOND.join(pattern.at)}" if pattern.at else ""
    return f"{pattern.property}: {words}{where}"


def compile_confirm(confirm: Confirm | None, devices: Sequence[Device]) -> SecondSensor | None:
    """Return the second sensor of a rule; None where the home has no device that could answer.

    Silence says nothing where nobody can speak: it would raise every alert.
    """
    if confirm is None:
        return None
    patterns = (*confirm.none_of, *confirm.any_of)
    asked = ((device, one.property) for one in patterns for device in matching(devices, one.at))
    if not any(may_tell(device.kind, name) for device, name in asked):
        return None
    return SecondSensor(confirm, devices)
