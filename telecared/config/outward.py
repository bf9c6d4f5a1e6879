"""What a deployment tells the outside of itself: alert topics, a heartbeat, a synthetic resident.

The keys, and what makes them fit to the rest of the file. Sending is the adapters'.
"""

from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from telecared.config.channels import safe_url
from telecared.config.fields import Body, Phone, PositiveDuration
from telecared.config.secrets import SecretRef
from telecared.core.vocabulary import MINUTE, SECOND

MAX_TOPIC: Final = 200
SHORTEST_BEAT: Final = 10 * SECOND
SHORTEST_ROUND: Final = 5 * MINUTE
"""A synthetic alarm costs an SMS and a line in every list; more often tells nothing more."""


def _topic(value: str) -> str:
    levels = value.split("/")
    if len(value) > MAX_TOPIC or set(value) & set("+#\x00") or not all(levels):
        raise ValueError("not a topic to write to; write levels between slashes, without + and #")
    return value


TopicName = Annotated[str, AfterValidator(_topic)]


def _where(value: object) -> object:
    return safe_url(value) if isinstance(value, str) else value


class AlertTopicsBody(Body):
    """Retained alert topics at the broker, for lamps and screens.

    Attributes:
        prefix: below it stands a topic for each alert and each home.
        discovery: the prefix under which Home Assistant looks for new entities.
    """

    prefix: TopicName = "telecared/alerts"
    discovery: TopicName | None = None


class HeartbeatBody(Body):
    """What tells a watcher elsewhere that we live.

    Attributes:
        url: is asked for at each beat, with /fail behind it while we are degraded. Who knows it
            can pretend to be us, so that it may be a secret: {env: NAME}.
        topic: takes a retained message at each beat.
    """

    url: Annotated[SecretRef | str, BeforeValidator(_where)] | None = None
    every: PositiveDuration = Field(default=MINUTE, ge=SHORTEST_BEAT)
    topic: TopicName | None = None

    @model_validator(mode="after")
    def _goes_somewhere(self) -> "HeartbeatBody":
        if self.url is None and self.topic is None:
            raise ValueError("a heartbeat goes somewhere; add url: or topic:")
        return self


class SyntheticPage(Body):
    """Where a failure is told when the engine itself does not turn: an address, posted to."""

    url: Annotated[SecretRef | str, BeforeValidator(_where)]


class SyntheticBody(Body):
    """A resident who presses a pendant at intervals, to see that the whole way works.

    Attributes:
        number: of a phone that belongs to nobody, to which the provider gives receipts.
        within: how long the way from the pendant to the receipt may take.
        page: told directly when the round failed, whatever state the engine is in.
    """

    every: PositiveDuration = Field(default=15 * MINUTE, ge=SHORTEST_ROUND)
    number: Phone
    within: PositiveDuration = 90 * SECOND
    page: SyntheticPage | None = None

    @model_validator(mode="after")
    def _a_round_ends_before_the_next(self) -> "SyntheticBody":
        if self.within >= self.every:
            raise ValueError("within must be shorter than every; write within: 90s")
        return self


ALERT_LEVELS: Final = (1, 3)
"""Levels below the prefix of alert topics: `available`, and what stands below scheme and home."""

ENTITY: Final = "{0}/binary_sensor/+/config"
"""Where Home Assistant is told of a home, below the prefix of discovery."""


def overlapping(
    prefix: str, filters: Iterable[str], levels: tuple[int, ...] = ALERT_LEVELS
) -> str | None:
    """Return the topic filter by which we would hear our own topics below a prefix, or None.

    Args:
        prefix: of our topics; `+` stands for any level.
        filters: by which we listen.
        levels: how many levels below the prefix our topics stand; (0,) for the prefix itself.
    """
    ours = prefix.split("/")
    depths = [len(ours) + level for level in levels]
    for each in filters:
        parts = each.split("/")
        open_ended = parts[-1] == "#"
        named = parts[:-1] if open_ended else parts
        fits = all(
            own in ("+", level) or level == "+" for level, own in zip(named, ours, strict=False)
        )
        deep = len(named) <= depths[-1] if open_ended else len(named) in depths
        if fits and deep:
            return each
    return None
