"""What stands in the bodies of inputs that are no event of one home, and what a stranger's says.

Stored forms only. The events of homes have theirs in `core.events`.
"""

from typing import Final

import msgspec

from telecared.core.events import ConditionFound
from telecared.core.readings import is_life_safety
from telecared.core.site import SiteEvent
from telecared.store_port import InputRow

_site_events: Final[msgspec.json.Decoder[SiteEvent]] = msgspec.json.Decoder(SiteEvent)


class ContentChange(msgspec.Struct, frozen=True):
    """Body of a `plan` or `home` input: the hash of what holds from now on; None for deleted."""

    hash: str | None


def encode_site_event(event: SiteEvent) -> bytes:
    """Return the body of an input that tells a change of the site."""
    return msgspec.json.encode(event)


def decode_site_event(body: bytes) -> SiteEvent:
    """Return what `encode_site_event` wrote."""
    return _site_events.decode(body)


def stranger(row: InputRow) -> ConditionFound:
    """Return what a device that nobody registered means: a fault, or an alarm (promise P7)."""
    alarm = any(map(is_life_safety, row.readings))
    told = ", ".join(f"{reading.property}: {reading.value}" for reading in row.readings)
    return ConditionFound(
        input=row.id,
        at=row.at,
        name="unknown-device-alarm" if alarm else "unknown-device",
        subject=row.device or "",
        detail=f"it told {told}" if told else "it told nothing that is understood",
    )
