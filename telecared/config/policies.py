"""Escalation policies and rotas as they are written in YAML; policies become `policy.Policy`.

Rotas are held to their shape and kept in the file: nobody is paged through one in this version.
Which roles and contacts a home has is checked in `check`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BeforeValidator, Field, PlainValidator, ValidationError

from telecared.config.durations import parse_window
from telecared.config.fields import (
    Between,
    Body,
    Identifier,
    PositiveDuration,
    Text,
    TimeZone,
    Words,
)
from telecared.config.findings import Finding, warning
from telecared.config.positions import Document, Path, describe, sentence
from telecared.core import policy, when
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.vocabulary import Channel

ROLES: Final[Mapping[str, str]] = {
    "carers": "carer",
    "key_holders": "key_holder",
    "key-holder": "key_holder",
    "key-holders": "key_holder",
    "responders": "responder",
    "neighbours": "neighbour",
    "wardens": "warden",
    "supervisors": "supervisor",
}
"""Other spellings of a role -> the role, in the singular."""

KNOWN_ROLES: Final = frozenset(ROLES.values())

SENT_CHANNELS: Final = (Channel.SMS,)
"""The channels by which this version sends."""

MAX_STEPS: Final = 20
"""Steps of one policy: after that many people somebody must have been found."""

MAX_LAYERS: Final = 20
"""Layers of one rota."""


def role(word: str) -> str:
    """Return a role in the singular; what is no role (a contact's id) stays as it is."""
    return ROLES.get(word, word)


def _channels(value: object) -> tuple[Channel, ...]:
    items = value if isinstance(value, list) else [value]
    known = {channel.value: channel for channel in Channel}
    channels = [known.get(item) for item in items if isinstance(item, str)]
    if not items or len(channels) != len(items) or None in channels:
        raise ValueError("must be a list of sms, voice and email; write by: [sms]")
    return tuple(dict.fromkeys(channel for channel in channels if channel is not None))


class StepBody(Body):
    """One step: who, by which channels, and how long until the next."""

    notify: Words
    by: Annotated[tuple[Channel, ...], PlainValidator(_channels)] = (Channel.SMS,)
    wait: PositiveDuration = policy.DEFAULT_WAIT


class AcknowledgeBody(Body):
    """How long an acknowledgement holds."""

    lease: PositiveDuration = policy.DEFAULT_LEASE


class PolicyBody(Body):
    """The keys of a policy."""

    steps: Annotated[list[StepBody], BeforeValidator(Between(1, MAX_STEPS))]
    acknowledge: AcknowledgeBody = AcknowledgeBody()
    receipt: PositiveDuration = policy.DEFAULT_RECEIPT
    replaces: bool = Field(default=False, strict=True)


class LayerBody(Body):
    """One layer of a rota."""

    people: Words
    turn: Text = "weekly"
    handover: Text | None = None
    hours: Annotated[when.Window, PlainValidator(parse_window)] = when.Window(start=0, end=0)


class OverrideBody(Body):
    """One exception of a rota."""

    from_: Text = Field(alias="from")
    to: Text
    person: Identifier


class RotaBody(Body):
    """The keys of a rota."""

    timezone: TimeZone | None = None
    layers: Annotated[list[LayerBody], BeforeValidator(Between(1, MAX_LAYERS))]
    overrides: tuple[OverrideBody, ...] = ()


class PolicySource(NamedTuple):
    """A policy and where it was written."""

    policy: policy.Policy
    document: Document
    path: Path
    replaces: bool


class PolicyReading(NamedTuple):
    """What came of reading one policy."""

    source: PolicySource | None
    problems: list[str]
    warnings: list[Finding]


def read_policy(
    document: Document, path: Path, name: str, raw: object, rotas: frozenset[str]
) -> PolicyReading:
    """Read one policy; `rotas` are the names of rotas, which cannot be notified yet."""
    try:
        body = PolicyBody.model_validate(raw)
    except ValidationError as error:
        return PolicyReading(None, describe(document, error, path, model=PolicyBody), [])
    steps = []
    problems: list[str] = []
    warnings: list[Finding] = []
    for index, written in enumerate(body.steps):
        place = (*path, "steps", index)
        for target in written.notify:
            if target in rotas:
                message = (
                    f'"{target}" is a rota, which notifies nobody in this version;'
                    " write a role, a contact or monitoring_centre"
                )
                problems.append(sentence(document, (*place, "notify"), message))
        warnings += _unsent(document, (*place, "by"), written)
        notify = tuple(dict.fromkeys(role(target) for target in written.notify))
        steps.append(policy.Step(notify=notify, by=written.by, wait=written.wait))
    if MONITORING_CENTRE not in steps[-1].notify:
        message = (
            "a policy ends at the monitoring centre, so that nobody is forgotten;"
            " add a last step: {notify: monitoring_centre}"
        )
        problems.append(sentence(document, (*path, "steps", len(steps) - 1), message))
    if problems:
        return PolicyReading(None, problems, [])
    made = policy.Policy(
        name=name, steps=tuple(steps), lease=body.acknowledge.lease, receipt=body.receipt
    )
    return PolicyReading(PolicySource(made, document, path, body.replaces), [], warnings)


def read_rota(document: Document, path: Path, raw: object) -> list[str]:
    """Return what is wrong with the shape of a rota."""
    try:
        RotaBody.model_validate(raw)
    except ValidationError as error:
        return describe(document, error, path, model=RotaBody)
    return []


def _unsent(document: Document, path: Path, step: StepBody) -> list[Finding]:
    missing = [channel.value for channel in step.by if channel not in SENT_CHANNELS]
    if not missing:
        return []
    message = f"{' and '.join(missing)} not available in this version: only sms is sent"
    if len(missing) == len(step.by):
        message += ", so that this step tells nobody; add sms"
    return [warning(document, path, "channel-not-available", message)]


def names_of(raw: Any) -> frozenset[str]:  # noqa: ANN401 - whatever stands in the file
    """Return the names that a mapping of a file defines; none when it is no mapping."""
    return (
        frozenset(key for key in raw if isinstance(key, str))
        if isinstance(raw, dict)
        else frozenset()
    )
