"""What a scenario file says, as values: what happens, how phones behave, what is expected.

Made by `scenarios` from YAML, played by `sim.scenarios`. Every moment is an instant already, and
each part knows where in its file it stands.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec

from telecared.config.load import LoadedPlan
from telecared.core.events import StoredEvent
from telecared.core.plan import HomeRecord
from telecared.core.readings import Reading
from telecared.core.vocabulary import Duration, Instant


class Place(NamedTuple):
    """Where something stands: shown as `file:line:col`."""

    file: str
    line: int
    col: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.col}"


# --- what happens -------------------------------------------------------------------------------


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A device sends a message.

    Attributes:
        readings: what it tells, with the device's own time where it has one.
        retained: the broker had kept it from before.
        seq: the device's own counter.
    """

    device: str
    readings: tuple[Reading, ...]
    retained: bool = False
    seq: int | None = None


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """A person gives a command.

    Attributes:
        event: what is done; where it is about an alert, its number is still 0.
        about: the alert that is meant, by rule, number or `{home}/{n}`; "" for none.
    """

    event: StoredEvent
    about: str = ""


class Trouble(StrEnum):
    """What fails around the rules."""

    LINK_LOST = "link_lost"
    LINK_BACK = "link_back"
    STOPPED = "stopped"
    STARTED = "started"


class PhoneChanged(msgspec.Struct, frozen=True):
    """A phone behaves otherwise from now on; `behaviour` as it is written."""

    contact: str
    behaviour: object


class Happening(NamedTuple):
    """One thing that happens in a scenario; `again` when it only repeats an earlier one."""

    at: Instant
    place: Place
    what: Told | Ordered | PhoneChanged | Trouble
    again: bool = False


# --- what is expected ---------------------------------------------------------------------------


class Expectation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that must happen, or that nothing happens, within a span of time.

    Attributes:
        place: in the file.
        first, last: the span, to the second, both included.
        shown: how the span and what is expected were written, for people.
        what: likewise.
        event: of a line of the record; "" where nothing may happen.
        rule: the line's rule, or None for any.
        to: the recipient, or who acknowledged, by contact id or name; None for any.
        channel: by which it is told, for messages.
        says: stands in the text; `{code}` is the alert's code. None for any text.
        because: stands in the reason. None for any.
        priority: the line's, or None for any.
    """

    place: Place
    first: Instant
    last: Instant
    shown: str
    what: str
    event: str = ""
    rule: str | None = None
    to: str | None = None
    channel: str | None = None
    says: str | None = None
    because: str | None = None
    priority: str | None = None

    @property
    def length(self) -> Duration:
        """How long the span is."""
        return self.last - self.first


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario.

    Attributes:
        name: what it shows, in words.
        home: where it plays.
        start, until: its first and last instant.
        happenings: in order of time.
        phones: contact id -> behaviour as it is written; usual phones for everybody else.
        expect: in the order of the file.
        ignore: rules and priorities whose alerts and messages need not be expected.
    """

    place: Place
    name: str
    home: HomeRecord
    start: Instant
    until: Instant
    happenings: tuple[Happening, ...]
    phones: Mapping[str, object]
    expect: tuple[Expectation, ...]
    ignore: frozenset[str]


class ScenarioFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of scenarios, and the rules that they are played under."""

    name: str
    loaded: LoadedPlan
    scenarios: tuple[Scenario, ...]
