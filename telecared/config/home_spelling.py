"""A home's record written back as people write it, by the keys of the homes' file.

Reading what `spell_home` writes gives the same record, but for the home's own values of rules,
which `values` and the rules' own words tell.
"""

from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from telecared.config.durations import format_windows
from telecared.config.home_bodies import NATIVE
from telecared.core.plan import DEFAULT_EXITS, Consent, Device, HomeRecord
from telecared.core.policy import Contact
from telecared.core.vocabulary import Instant
from telecared.core.windows import local

Spelled = dict[str, Any]
"""Mappings, lists, words and numbers, as YAML has them."""

RESIDENT_LANGUAGE: Final = "en"
"""What holds where none is written."""


def spell_home(record: HomeRecord) -> Spelled:
    """Return a home in the words of the homes' file; what is as by default is left out."""
    # No door at all is something else than the usual ones: an empty list is written.
    exits = {} if record.exits == DEFAULT_EXITS else {"exits": list(record.exits)}
    return exits | _given(
        id=record.id,
        scheme=record.scheme,
        address=record.address,
        timezone=record.timezone,
        tags=list(record.tags),
        resident=_given(
            name=record.resident_name,
            phone=record.resident_phone,
            language=""
            if record.resident_language == RESIDENT_LANGUAGE
            else record.resident_language,
            born=record.resident_born,
            notes=record.resident_notes,
            tell=None if record.resident_tell is None else record.resident_tell.value,
        ),
        access=dict(record.access),
        devices=[_device(device, record) for device in record.devices],
        contacts=[_contact(contact) for contact in record.contacts],
        policy=record.policy,
        consent=[_consent(consent) for consent in record.consent],
    )


def _device(device: Device, record: HomeRecord) -> Spelled:
    own = f"telecare/{record.scheme}/{record.id}/{device.id}"
    zone = ZoneInfo(record.timezone)
    codes: dict[str, dict[str, str]] = {}
    for code, name, word in device.codes:
        codes.setdefault(code, {})[name] = word
    return _given(
        id=device.id,
        kind=device.kind.value,
        profile=device.profile,
        topic="" if device.profile == NATIVE and device.topic == own else device.topic,
        location=device.location,
        address=device.address,
        invert=list(device.invert),
        model=device.model,
        serial=device.serial,
        codes=codes,
        installed=_day(device.since, zone),
        removed=_day(device.until, zone),
    )


def _contact(contact: Contact) -> Spelled:
    return _given(
        id=contact.id,
        name=contact.name,
        phone=contact.phone,
        email=contact.email,
        language=contact.language,
        by=[channel.value for channel in contact.by],
        roles=list(contact.roles),
        reachable=format_windows(contact.reachable),
    )


def _consent(consent: Consent) -> Spelled:
    return _given(
        what=consent.what,
        given_by=consent.given_by,
        given_on=consent.given_on,
        until=consent.until,
        document=consent.document,
    )


def _day(at: Instant | None, zone: ZoneInfo) -> str | None:
    day: date | None = None if at is None else local(at, zone).date()
    return None if day is None else day.isoformat()


def _given(**values: object) -> Spelled:
    """Return what is given: what is empty is not written."""
    return {key: value for key, value in values.items() if value not in (None, "", [], {}, ())}
