"""Escalation policies as they are written in YAML; they become `policy.Policy`.

Rotas are `rotas`, names that stand for several policies `choosers`. Which roles and contacts a home
has is checked in `check`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, ValidationError

from telecared.config.durations import format_duration
from telecared.config.fields import (
    Between,
    Body,
    DurationField,
    PositiveDuration,
    Words,
)
from telecared.config.findings import Finding, warning
from telecared.config.positions import Document, Path, describe, sentence
from telecared.core import policy
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.vocabulary import HOUR, Channel, Detail, Duration

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

FOR_PROGRAMS: Final = frozenset({Channel.WEBHOOK, Channel.PUSH})
"""Channels by which no person is told: they are never enough."""

MAX_STEPS: Final = 20
"""Steps of one policy: after that many people somebody must have been found."""

MAX_REPEATS: Final = 20
"""How often one step is told before the next begins."""

LONGEST_APART: Final[Duration] = HOUR
"""How long after one person of a step the next is told."""

MAX_NEEDED: Final = 10
"""How many people may have to take one alert."""

_ADD: Final = "add sms, voice or email"


def role(word: str) -> str:
    """Return a role in the singular; what is no role (a contact's id) stays as it is."""
    return ROLES.get(word, word)


def _channels(value: object) -> tuple[Channel, ...]:
    items = value if isinstance(value, list) else [value]
    known = {channel.value: channel for channel in Channel}
    channels = [known.get(item) for item in items if isinstance(item, str)]
    if not items or len(channels) != len(items) or None in channels:
        raise ValueError(
            "must be a list of sms, voice, email, webhook and push; write by: [sms, voice]"
        )
    return tuple(dict.fromkeys(channel for channel in channels if channel is not None))


def _apart(value: Duration) -> Duration:
    if value > LONGEST_APART:
        most = format_duration(LONGEST_APART)
        raise ValueError(f"at most {most} from one person to the next; write a step for each")
    return value


class StepBody(Body):
    """One step: who, by which channels, and how long until the next."""

    notify: Words
    by: Annotated[tuple[Channel, ...], PlainValidator(_channels)] = (Channel.SMS,)
    wait: PositiveDuration = policy.DEFAULT_WAIT
    apart: Annotated[DurationField, AfterValidator(_apart)] = 0
    repeat: int = Field(default=1, ge=1, le=MAX_REPEATS, strict=True)


class AcknowledgeBody(Body):
    """How long an acknowledgement holds, and how many people it takes."""

    lease: PositiveDuration = policy.DEFAULT_LEASE
    needed: int = Field(default=1, ge=1, le=MAX_NEEDED, strict=True)


class PolicyBody(Body):
    """The keys of a policy."""

    steps: Annotated[list[StepBody], BeforeValidator(Between(1, MAX_STEPS))]
    acknowledge: AcknowledgeBody = AcknowledgeBody()
    receipt: PositiveDuration = policy.DEFAULT_RECEIPT
    group: DurationField = 0
    detail: Literal["full", "place", "none"] = "full"
    replaces: bool = Field(default=False, strict=True)


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
    """Read one policy; `rotas` are the names of rotas, which are never taken for roles."""
    try:
        body = PolicyBody.model_validate(raw)
    except ValidationError as error:
        return PolicyReading(None, describe(document, error, path, model=PolicyBody), [])
    steps = []
    warnings: list[Finding] = []
    for index, written in enumerate(body.steps):
        targets = (target if target in rotas else role(target) for target in written.notify)
        steps.append(
            policy.Step(
                notify=tuple(dict.fromkeys(targets)),
                by=written.by,
                wait=written.wait,
                apart=written.apart,
                repeat=written.repeat,
            )
        )
        if index < len(body.steps) - 1 and FOR_PROGRAMS.issuperset(written.by):
            message = f"{_tell(written.by)} programs, and no person; {_ADD}"
            where = (*path, "steps", index, "by")
            warnings.append(warning(document, where, "channel-for-programs", message))
    problems = list(_problems_of_end(document, path, steps, rotas))
    if problems:
        return PolicyReading(None, problems, [])
    end = (*path, "steps", len(steps) - 1, "repeat")
    if steps[-1].repeat > 1:
        message = "the last step is told again until somebody acknowledges; remove repeat"
        warnings.append(warning(document, end, "repeat-at-the-end", message))
    made = policy.Policy(
        name=name,
        steps=tuple(steps),
        lease=body.acknowledge.lease,
        receipt=body.receipt,
        needed=body.acknowledge.needed,
        group=body.group,
        detail=Detail(body.detail),
    )
    return PolicyReading(PolicySource(made, document, path, body.replaces), [], warnings)


def _problems_of_end(
    document: Document, path: Path, steps: Sequence[policy.Step], rotas: frozenset[str]
) -> Iterator[str]:
    """Yield what is wrong with the end of a policy, at which somebody must always hear.

    That a rota at the end has no hole is `rotacheck`.
    """
    last, end = steps[-1], (*path, "steps", len(steps) - 1)
    if not {MONITORING_CENTRE, *rotas} & set(last.notify):
        message = (
            "a policy ends at the monitoring centre, or at a rota without a hole, so that nobody"
            " is forgotten; add a last step: {notify: monitoring_centre}"
        )
        yield sentence(document, end, message)
    if FOR_PROGRAMS.issuperset(last.by):
        message = f"{_tell(last.by)} programs, and a policy ends at people; {_ADD}"
        yield sentence(document, (*end, "by"), message)


def _tell(channels: Sequence[Channel]) -> str:
    names = " and ".join(channel.value for channel in channels)
    return f"{names} {'tells' if len(channels) == 1 else 'tell'}"


def names_of(raw: Any) -> frozenset[str]:  # noqa: ANN401 - whatever stands in the file
    """Return the names that a mapping of a file defines; none when it is no mapping."""
    return (
        frozenset(key for key in raw if isinstance(key, str))
        if isinstance(raw, dict)
        else frozenset()
    )
