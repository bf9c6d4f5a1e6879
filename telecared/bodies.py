"""What stands in the bodies of inputs that are no event of one home, and what a stranger's says.

Stored forms only. The events of homes have theirs in `core.events`.
"""

from shlex import quote
from typing import Final

import msgspec

from telecared.core.events import ConditionFound
from telecared.core.readings import is_life_safety, is_live_alarm
from telecared.core.site import SiteEvent
from telecared.core.vocabulary import DeviceKind, Instant
from telecared.store_port import InputRow

_site_events: Final[msgspec.json.Decoder[SiteEvent]] = msgspec.json.Decoder(SiteEvent)


class ContentChange(msgspec.Struct, frozen=True):
    """Body of a `plan` or `home` input: the hash of what holds from now on; None for deleted."""

    hash: str | None


class Partly(msgspec.Struct, frozen=True):
    """Body of an `advance` input: whether more homes were due than were looked at in one turn.

    Attributes:
        whole: until then every home had been looked at.
        limit: how many of the others were, the most dangerous first; None for all.
    """

    whole: Instant = 0
    limit: int | None = None


def encode_site_event(event: SiteEvent) -> bytes:
    """Return the body of an input that tells a change of the site."""
    return msgspec.json.encode(event)


def decode_site_event(body: bytes) -> SiteEvent:
    """Return what `encode_site_event` wrote."""
    return _site_events.decode(body)


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Body of a message of a device that nobody registered: what it was taken for.

    Attributes:
        profile: the profile that reads it best.
        kind: of device, as its name says.
        home: the registered home that its topic names, or that its neighbours belong to.
        topic: its own topic, which may lie above that of the message.
        address: what names it among others on its topic.
        quiet: it is on record only: its receiver hears the whole neighbourhood, and it told no
            alarm.
        elsewhere: home and device as which it is registered in another place.
    """

    profile: str | None = None
    kind: DeviceKind | None = None
    home: str | None = None
    topic: str = ""
    address: str | None = None
    quiet: bool = False
    elsewhere: tuple[str, str] | None = None


_evidence: Final[msgspec.json.Decoder[Evidence]] = msgspec.json.Decoder(Evidence)


def encode_evidence(evidence: Evidence) -> bytes:
    """Return the body of a stranger's message."""
    return msgspec.json.encode(evidence)


def evidence_of(row: InputRow) -> Evidence:
    """Return what a stranger's message was taken for; nothing where that is not on record."""
    try:
        return _evidence.decode(row.body) if row.body else Evidence()
    except msgspec.DecodeError:
        return Evidence()


def stranger(row: InputRow) -> ConditionFound | None:
    """Return what a device that nobody registered means: a fault, or an alarm (promise P7).

    None for one that is on record only. A registered one that speaks in another home is a finding
    of its own home; here only its alarm is told.
    """
    evidence = evidence_of(row)
    alarm = any(is_live_alarm(one, retained=row.retained) for one in row.readings)
    if not alarm and (evidence.quiet or evidence.elsewhere is not None):
        return None
    name, subject = "unknown-device-alarm" if alarm else "unknown-device", row.device or ""
    if evidence.elsewhere is not None:
        # One alert, however many receivers of a street hear it, and nobody reads that it is
        # registered nowhere.
        home, device = evidence.elsewhere
        heard_in = f", heard in {evidence.home}" if evidence.home else ""
        name, subject = "wrong-home-alarm", f"{device} of {home}{heard_in}"
    return ConditionFound(
        input=row.id,
        at=row.at,
        name=name,
        subject=subject,
        detail=_evidence_text(row, evidence),
    )


def _evidence_text(row: InputRow, evidence: Evidence) -> str:
    """Say what is known of a stranger, and how it is registered; no values, which may be private.

    An alarm's word is none: it is what everybody is told.
    """
    told = list(
        dict.fromkeys(
            f"{each.property} {each.value}" if is_life_safety(each) else each.property
            for each in row.readings
        )
    )
    parts = [f"it told {', '.join(told)}" if told else "it told nothing that is understood"]
    if evidence.profile is not None:
        parts.append(f"it speaks like {evidence.profile}")
    if evidence.kind is not None:
        parts.append(f"its name is that of a {evidence.kind.value}")
    if evidence.elsewhere is not None:
        parts.append(f"it is registered as {evidence.elsewhere[1]} of {evidence.elsewhere[0]}")
        return ", ".join(parts)
    if not evidence.topic:
        return ", ".join(parts)
    words = ["telecared adopt", quote(evidence.home or "HOME"), quote(evidence.topic)]
    if evidence.address is not None:
        words += ["--address", quote(evidence.address)]
    return f"{', '.join(parts)}; {' '.join(words)} --by NAME"


def names_in(subject: str) -> list[tuple[str, str]]:
    """Return the topics and addresses of which a stranger's name may be made; either has blanks."""
    words = subject.split(" ")
    return [(" ".join(words[:end]), " ".join(words[end:])) for end in range(len(words), 0, -1)]


def apart(stranger: str, topic: str) -> tuple[str, str | None]:
    """Return the topic and the address of which a stranger's name is made.

    Its own topic is that of the message or one above it; addresses and topics may hold blanks.
    """
    own = topic
    while own:
        if stranger == own:
            return own, None
        if stranger.startswith(f"{own} "):
            return own, stranger[len(own) + 1 :]
        own = own.rpartition("/")[0]
    return stranger, None
