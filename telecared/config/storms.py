"""`storm:` of a deployment: when silent alarm units of a scheme are one incident.

The key and its limits. What an incident is and when it is over is the core's `incidents`.
"""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from telecared.config.fields import Body, PositiveDuration
from telecared.core.policy import Storm
from telecared.core.vocabulary import HOUR, MINUTE, Duration

FEWEST_UNITS: Final = 2
"""One home that is silent is no storm."""

MOST_UNITS: Final = 10_000
SHORTEST_WITHIN: Final = MINUTE
LONGEST_WITHIN: Final = HOUR
"""Homes that are slow to come back are told so long after the others at the latest."""

_USUAL: Final = Storm()


def _within(value: Duration) -> Duration:
    if not SHORTEST_WITHIN <= value <= LONGEST_WITHIN:
        raise ValueError("must be 1m to 1h; write within: 10m")
    return value


class StormBody(Body):
    """When many silent alarm units of a scheme are told as one incident.

    Attributes:
        units: at least so many,
        share: and at least this part of the scheme's units, in per cent,
        within: fall silent within this.
    """

    units: int = Field(default=_USUAL.units, ge=FEWEST_UNITS, le=MOST_UNITS, strict=True)
    share: int = Field(default=_USUAL.share, ge=0, le=100, strict=True)
    within: Annotated[PositiveDuration, AfterValidator(_within)] = _USUAL.within

    @property
    def storm(self) -> Storm:
        """As the plan holds it."""
        return Storm(units=self.units, share=self.share, within=self.within)
