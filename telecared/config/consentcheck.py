"""What is doubtful about a home's documents of consent: none where one is needed, or one ran out.

Pure: a home's record and a day in, doubts out. What needs consent is `core.consents`.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from telecared.config.lint import Doubt
from telecared.core.consents import has_ended, in_force, watching
from telecared.core.plan import HomeRecord
from telecared.core.vocabulary import Instant
from telecared.core.windows import local


def doubts_of_consent(record: HomeRecord, at: Instant | None) -> Iterator[Doubt]:
    """Yield what is doubtful about a home's documents of consent.

    Args:
        record: the home.
        at: the instant on whose local day they must hold; None when no day is known, and nothing
            is said of documents that may have run out.
    """
    devices = watching(record, at)
    day = None if at is None else local(at, ZoneInfo(record.timezone)).date().isoformat()
    for index, consent in enumerate(record.consent):
        if day is not None and has_ended(consent, day):
            message = (
                f"this consent ran out on {consent.until}; have it renewed and write the new day,"
                " or remove what it was given for"
            )
            yield Doubt(("consent", index, "until"), "consent-ended", message)
    holds = record.consent if day is None else tuple(in_force(record.consent, day))
    if devices and not record.consent:
        names = ", ".join(f"{one.id} ({one.kind.value})" for one in devices)
        message = (
            f"{names} tells where the resident is, and no document of consent stands here; add"
            " consent: [{what: ..., given_by: ..., given_on: ...}]"
        )
        yield Doubt(("devices",), "no-consent", message)
    elif devices and not holds:
        names = ", ".join(one.id for one in devices)
        message = f"no document of consent for {names} holds any more; have one renewed"
        yield Doubt(("consent",), "no-consent", message)
