"""Documents of consent of a home: whether they cover what watches there, and whether they ran out.

A document stands elsewhere; here is what is known of it. What people are told is `config`.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from telecared.core.plan import Consent, Device, HomeRecord
from telecared.core.vocabulary import DeviceKind, Instant

NEED_CONSENT: Final = (DeviceKind.TRACKER, DeviceKind.OCCUPANCY_DETECTOR)
"""Kinds that tell where somebody is, at each moment: agreed to by themselves, or decided in their
best interests and written down (Mental Capacity Act, UK GDPR)."""


def watching(record: HomeRecord, at: Instant | None = None) -> list[Device]:
    """Return the devices of a home for which a document of consent is needed.

    Args:
        record: the home.
        at: only those that stand there at this instant; None for all.
    """
    return [
        one
        for one in record.devices
        if one.kind in NEED_CONSENT and (at is None or one.is_there(at))
    ]


def has_ended(consent: Consent, day: str) -> bool:
    """Whether a document holds no more on a local day (`YYYY-MM-DD`); its last day counts."""
    return consent.until is not None and consent.until < day


def in_force(consents: Iterable[Consent], day: str) -> Iterator[Consent]:
    """Yield the documents that hold on a local day."""
    return (one for one in consents if not has_ended(one, day))
