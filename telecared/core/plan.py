"""What people configured, as values: rules, policies, homes. The form that is stored and hashed.

These structs are what `config` makes of YAML and what the store keeps whole, by hash, so that a
decision can be repeated years later. Turning a rule into a function is `compile`, not here.
"""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from telecared.core.policy import AppliesTo, Centre, Chooser, Contact, Policy, Storm, System
from telecared.core.rota import Rota
from telecared.core.vocabulary import (
    HOUR,
    Channel,
    DeviceKind,
    Duration,
    Instant,
    Mode,
    Priority,
)
from telecared.core.when import Condition, ReadingIs, Window

DEFAULT_OUT_AT_MOST: Final[Duration] = 8 * HOUR
DEFAULT_EXITS: Final = ("front-door", "back-door", "main-door", "entrance")


class Absence(StrEnum):
    """Why a rule may be held back (`unless`): what is known about who is in the home.

    `away` is a suspension (away, hospital, holiday) or evidence: a front door, then silence.
    """

    AWAY = "away"
    VISITOR = "visitor"
    MAINTENANCE = "maintenance"


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


class Confirm(msgspec.Struct, frozen=True, kw_only=True):
    """A second sensor is asked: what it tells, or does not tell, raises the alert's priority.

    Attributes:
        none_of: raised when none of these acts happens within `within` of the opening.
        any_of: raised as soon as one of these acts happens within `within` of the opening.
        priority: what it is raised to; never lower than the rule's own.
    """

    within: Duration
    priority: Priority = Priority.LIFE_SAFETY
    none_of: tuple[ReadingIs, ...] = ()
    any_of: tuple[ReadingIs, ...] = ()


BY_DAY: Final = (Window(start=9 * 60, end=17 * 60),)
"""Hours in which an old fault is told: it is as old by then, and wakes no family at two."""


class Ageing(msgspec.Struct, frozen=True, kw_only=True):
    """How a fault that nobody mends is told again, whoever holds it.

    Attributes:
        every: how often, counted from when it opened.
        priority: what it has at least from the first time on.
        of: `life_safety` for devices on which a life depends, alarm units among them; `all`.
        between: local hours in which it is told; what is due outside waits for the next opening.
    """

    every: Duration
    priority: Priority = Priority.URGENT
    of: str = "life_safety"
    between: tuple[Window, ...] = BY_DAY


class Values(msgspec.Struct, frozen=True, kw_only=True):
    """Values of a rule for some homes: those of a tag or a scheme.

    Attributes:
        values: path in the rule -> value in builtin types, as in `HomeRecord.rule_values`.
        source: `file:line` where they were written.
    """

    applies_to: AppliesTo
    values: Mapping[str, object]
    source: str = ""


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question that whoever answers an alert is to ask, and the answers on offer.

    Attributes:
        answers: empty where the answer is written freely.
    """

    question: str
    answers: tuple[str, ...] = ()


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One alert rule.

    Attributes:
        name: unique in the plan.
        when: the condition.
        say: the text template; fields are those of `messages.FIELDS`.
        says: language -> the text template in it, where `say` is in the site's.
        held_by: rules whose open alert in the home holds this one back; never life safety.
        unless: what holds it back; never for life safety.
        cooldown: after a resolve, findings are noted but open nothing for this long.
        split_after: a repeat this long after the last one is an alert of its own; 0 for never.
        max_per_day: alerts that it opens on one local day at most, 0 for any number; routine only.
        cancel_within: the resident may cancel for this long; before it nobody is told, except of
            life safety, which never waits.
        ages: how it is told again while nobody mends it; technical rules only.
        policy: the escalation policy's name, or None for the home's.
        ask: what whoever answers its alerts is to ask, in order; it decides nothing.
        values: its values for tags and schemes, in the order in which they are applied.
        source: `file:line` where it was written, for explanations.
    """

    name: str
    when: Condition
    priority: Priority = Priority.URGENT
    mode: Mode = Mode.PAGE
    say: str | None = None
    says: Mapping[str, str] = {}
    held_by: tuple[str, ...] = ()
    applies_to: AppliesTo = AppliesTo()
    unless: tuple[Absence, ...] = ()
    cooldown: Duration = 0
    split_after: Duration = 0
    max_per_day: int = 0
    cancel_within: Duration = 0
    confirm: Confirm | None = None
    ages: Ageing | None = None
    clear: Clear = Clear()
    downtime: Downtime = Downtime()
    policy: str | None = None
    ask: tuple[Ask, ...] = ()
    values: tuple[Values, ...] = ()
    source: str = ""


# --- people and policies ----------------------------------------------------------------------


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """A device in a home.

    Attributes:
        topic: where it speaks.
        address: how the message names it when several devices share the topic.
        invert: properties whose two words are swapped for this device.
        model, serial: the maker's name for it, and what names it in the whole world.
        codes: a code that a radio receiver hears -> property and word (`DeviceBinding.codes`).
        since, until: it stands in this home from, and before; None for always.
    """

    id: str
    kind: DeviceKind
    profile: str
    topic: str
    location: str | None = None
    address: str | None = None
    invert: tuple[str, ...] = ()
    model: str | None = None
    serial: str | None = None
    codes: tuple[tuple[str, str, str], ...] = ()
    since: Instant | None = None
    until: Instant | None = None

    def is_there(self, at: Instant) -> bool:
        """Whether it stands in the home at an instant: installed, and not yet removed."""
        return (self.since is None or self.since <= at) and (self.until is None or at < self.until)


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """A document by which somebody agreed to what watches in the home. Personal data.

    Attributes:
        what: what it was given for, in the words of the document.
        given_by: whose name stands under it: the resident, or who decides for them.
        given_on: the day of it, and `until` the last on which it holds, as `YYYY-MM-DD`; None for
            as long as it is not withdrawn.
        document: where it is kept: a file number, an address. Never the document itself.
    """

    what: str
    given_by: str
    given_on: str
    until: str | None = None
    document: str = ""


SYNTHETIC_HOME: Final = "telecared-synthetic"
"""The home of the synthetic resident, who tests the whole way: no rule holds there but its own."""

SYNTHETIC_TAG: Final = "synthetic"
"""Marks that home, so that reports leave it out."""


class HomeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Everything people registered about one home. Personal data; kept apart from the chain.

    Attributes:
        rule_values: rule name -> the home's own values, each key resolved to its path in the
            rule (`when.duration`, `mode`, ...).
        access: key-safe place and code; shown only through a logged reveal.
        exits: ids or locations of the doors through which people leave the home.
        resident_tell: how the resident hears that help is coming; None for not at all.
        consent: to what watches in the home.
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
    exits: tuple[str, ...] = DEFAULT_EXITS
    resident_tell: Channel | None = None
    consent: tuple[Consent, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Rules, policies and site settings, as stored whole and identified by `plan_hash`.

    Homes are not in it: each home's record is an input of its own, so that adding a contact does
    not store every rule again.

    Attributes:
        default_policy: for homes that name none.
        site_policy: for alerts that belong to no home.
        channels: the channels for which a sender is configured.
        holidays: scheme -> its public holidays as `YYYY-MM-DD`; "" for schemes without their own.
        choosers: names that stand for different policies.
        people: who works for many homes: on rotas, as supervisors. Personal data.
        rotas: who of them is on duty when.
        systems: other programs that are told.
        language: of texts to people who have none of their own.
        words: language -> name of a text of ours -> what is said instead.
        storm: when silent alarm units are one incident.
        link_url: of the console, as people reach it from outside; "" for texts without a link.
    """

    rules: tuple[Rule, ...] = ()
    policies: tuple[Policy, ...] = ()
    centre: Centre = Centre()
    default_policy: str = "family-then-centre"
    site_policy: str = "technical"
    site_timezone: str = "UTC"
    channels: tuple[Channel, ...] = (Channel.SMS,)
    holidays: Mapping[str, tuple[str, ...]] = {}
    choosers: tuple[Chooser, ...] = ()
    people: tuple[Contact, ...] = ()
    rotas: tuple[Rota, ...] = ()
    systems: tuple[System, ...] = ()
    language: str = "en"
    words: Mapping[str, Mapping[str, str]] = {}
    storm: Storm = Storm()
    link_url: str = ""

    @property
    def policy_names(self) -> frozenset[str]:
        """What rules and homes may name as their policy: policies, and what stands for several."""
        policies = frozenset(policy.name for policy in self.policies)
        return policies.union(chooser.name for chooser in self.choosers)


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
