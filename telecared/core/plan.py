"""What people configured, as values: rules, policies, homes. The form that is stored and hashed.

These structs are what `config` makes of YAML and what the store keeps whole, by hash, so that a
decision can be repeated years later. Turning a rule into a function is `compile`, not here.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from telecared.core.vocabulary import (
    HOUR,
    MINUTE,
    SECOND,
    Channel,
    DeviceKind,
    Duration,
    Mode,
    Priority,
    Value,
)

MONITORING_CENTRE: Final = "monitoring_centre"
"""The target of a step, and the recipient's id, that stands for the staffed end of a policy."""

DEFAULT_LEASE: Final[Duration] = 30 * MINUTE
DEFAULT_RECEIPT: Final[Duration] = 60 * SECOND
DEFAULT_WAIT: Final[Duration] = 3 * MINUTE
DEFAULT_CENTRE_REPEAT: Final[Duration] = 3 * MINUTE
DEFAULT_OCCUPIED_AT_MOST: Final[Duration] = 14 * HOUR


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A daily span of local time: `22:00-06:00` crosses midnight and belongs to its first day.

    Attributes:
        start: minutes after local midnight, 0 to 1439.
        end: minutes after local midnight; equal to `start` means the whole day round.
        days: weekdays on which the span opens, Monday is 0.
    """

    start: int
    end: int
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)


# --- conditions -------------------------------------------------------------------------------
# One struct per kind of condition. A new kind is a struct here, a module in `conditions/` and a
# line in each of the two tables that name them (`Condition` below, `conditions.KINDS`).


class ReadingIs(msgspec.Struct, frozen=True, kw_only=True, tag="reading"):
    """A reading arrives: an edge of a level, or any message of a momentary property.

    `at` names device ids, else locations, else kinds; empty means every device of the home.
    """

    property: str
    values: tuple[Value, ...]
    at: tuple[str, ...] = ()
    between: tuple[Window, ...] = ()


class HeldFor(msgspec.Struct, frozen=True, kw_only=True, tag="held"):
    """A level has kept one of `values` for `duration`; only time inside `between` counts."""

    property: str
    values: tuple[Value, ...]
    duration: Duration
    at: tuple[str, ...] = ()
    between: tuple[Window, ...] = ()


class InactiveFor(msgspec.Struct, frozen=True, kw_only=True, tag="inactive"):
    """No sign of life in the home for `duration`.

    `of` names the properties that count as life. The count pauses while a bed or chair is
    occupied, for at most `occupied_at_most` a stretch, and restarts when `between` opens.
    """

    duration: Duration
    of: tuple[str, ...]
    at: tuple[str, ...] = ()
    between: tuple[Window, ...] = ()
    occupied_at_most: Duration = DEFAULT_OCCUPIED_AT_MOST


class Silent(msgspec.Struct, frozen=True, kw_only=True, tag="silent"):
    """A device that matches `at` has sent nothing at all for `duration`, each device by itself."""

    at: tuple[str, ...]
    duration: Duration


Condition = ReadingIs | HeldFor | InactiveFor | Silent


class Downtime(msgspec.Struct, frozen=True, kw_only=True):
    """What an outage (ours, or of the link to the broker) means to a running duration.

    Attributes:
        kind: `count` the clock ran on; `pause` the outage does not count; `grace` the clock ran
            on, but nothing fires before the outage's end plus `grace`.
    """

    kind: str = "count"
    grace: Duration = 0


class Clear(msgspec.Struct, frozen=True, kw_only=True):
    """What ends a finding.

    Attributes:
        kind: `auto` when its condition no longer holds, `person` only by a person, `reading`
            when `condition` is met.
    """

    kind: str = "auto"
    condition: ReadingIs | None = None


class AppliesTo(msgspec.Struct, frozen=True, kw_only=True):
    """Which homes a rule is for: every home that matches one name of each list that is given."""

    tags: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One alert rule.

    Attributes:
        name: unique in the plan.
        when: the condition.
        say: the text template; fields are those of `messages.FIELDS`.
        cooldown: after a resolve, findings are noted but open nothing for this long.
        policy: the escalation policy's name, or None for the home's.
        source: `file:line` where it was written, for explanations.
    """

    name: str
    when: Condition
    priority: Priority = Priority.URGENT
    mode: Mode = Mode.PAGE
    say: str | None = None
    applies_to: AppliesTo = AppliesTo()
    cooldown: Duration = 0
    clear: Clear = Clear()
    downtime: Downtime = Downtime()
    policy: str | None = None
    source: str = ""


# --- people and policies ----------------------------------------------------------------------


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of an escalation policy.

    Attributes:
        notify: roles in the singular (`carer`), contact ids, or `monitoring_centre`.
        by: channels, all used at once.
        wait: how long before the next step; for the last step, before it is repeated.
    """

    notify: tuple[str, ...]
    by: tuple[Channel, ...] = (Channel.SMS,)
    wait: Duration = DEFAULT_WAIT


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """An escalation policy; it always ends at the monitoring centre, and the end repeats.

    Attributes:
        lease: how long an acknowledgement holds without an update.
        receipt: for life safety and urgent, no receipt within this counts as failed.
    """

    name: str
    steps: tuple[Step, ...]
    lease: Duration = DEFAULT_LEASE
    receipt: Duration = DEFAULT_RECEIPT


class Centre(msgspec.Struct, frozen=True, kw_only=True):
    """The monitoring centre: the staffed place at which every policy ends.

    Without a number its queue (`telecared alerts`, the console) is the centre, and a repeat is a
    line in the record instead of a message.
    """

    name: str = "Monitoring centre"
    sms: str | None = None
    repeat: Duration = DEFAULT_CENTRE_REPEAT


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may be told about a home. Personal data, except the id and the roles."""

    id: str
    name: str
    phone: str
    roles: tuple[str, ...] = ()
    reachable: tuple[Window, ...] = ()


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device in a home.

    Attributes:
        topic: where it speaks.
        address: how the message names it when several devices share the topic.
        invert: properties whose two words are swapped for this device.
    """

    id: str
    kind: DeviceKind
    profile: str
    topic: str
    location: str | None = None
    address: str | None = None
    invert: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What an `at` may call it: its id, its location, its kind."""
        return (self.id, self.location or "", self.kind.value)


class HomeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Everything people registered about one home. Personal data; kept apart from the chain.

    Attributes:
        rule_values: rule name -> the home's own values, each key resolved to its path in the
            rule (`when.duration`, `mode`, ...).
        access: key-safe place and code; shown only through a logged reveal.
    """

    id: str
    scheme: str
    timezone: str
    address: str = ""
    tags: tuple[str, ...] = ()
    resident_name: str = ""
    resident_phone: str | None = None
    resident_language: str = "en"
    resident_born: str | None = None
    resident_notes: str = ""
    access: Mapping[str, str] = {}
    devices: tuple[Device, ...] = ()
    contacts: tuple[Contact, ...] = ()
    policy: str | None = None
    rule_values: Mapping[str, Mapping[str, object]] = {}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Rules, policies and site settings, as stored whole and identified by `plan_hash`.

    Homes are not in it: each home's record is an input of its own, so that adding a contact does
    not store every rule again.

    Attributes:
        default_policy: for homes that name none.
        site_policy: for alerts that belong to no home.
        channels: the channels for which a sender is configured.
    """

    rules: tuple[Rule, ...] = ()
    policies: tuple[Policy, ...] = ()
    centre: Centre = Centre()
    default_policy: str = "family-then-centre"
    site_policy: str = "technical"
    site_timezone: str = "UTC"
    channels: tuple[Channel, ...] = (Channel.SMS,)


def encode_plan(plan: Plan) -> bytes:
    """Return the one canonical form of a plan: the same plan gives the same bytes."""
    return msgspec.json.encode(plan, order="deterministic")


def decode_plan(data: bytes) -> Plan:
    """Return the plan that `encode_plan` wrote."""
    return msgspec.json.decode(data, type=Plan)


def encode_home(record: HomeRecord) -> bytes:
    """Return the one canonical form of a home's record."""
    return msgspec.json.encode(record, order="deterministic")


def decode_home(data: bytes) -> HomeRecord:
    """Return the record that `encode_home` wrote."""
    return msgspec.json.decode(data, type=HomeRecord)


def content_hash(data: bytes) -> str:
    """Return the hex SHA-256 by which a plan or a home's record is named."""
    return hashlib.sha256(data).hexdigest()
