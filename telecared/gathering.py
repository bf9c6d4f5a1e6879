"""From what a store has to the facts of a report: rows become the values that the core folds.

Only ids are carried over; names, numbers and texts stay behind. Nothing is counted here.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from telecared.adapters.sqlite import History, KeptMessage, SqliteReader
from telecared.bodies import decode_site_event
from telecared.core.alert_commands import Updated
from telecared.core.answers import AlertSeen, MessageSeen, sensed
from telecared.core.daily import TextSent
from telecared.core.effects import Record
from telecared.core.events import ConditionFound, decode_event
from telecared.core.plan import SYNTHETIC_TAG, HomeRecord, decode_home
from telecared.core.report import DeviceSeen, Facts, ProgressSeen
from telecared.core.report_parts import Period
from telecared.core.segments import segments
from telecared.core.site import SiteEvent
from telecared.core.state import decode_state
from telecared.core.tested import TESTED_BY_USERS
from telecared.core.vocabulary import DAY, Channel, Instant, NotificationState, Stage
from telecared.errors import StoreError
from telecared.reader_port import StoredRecord
from telecared.store_port import AlertRow, InputRow
from telecared.synthetic import FAILED, WITHOUT_ALERT

SITE_KINDS = ("start", "stall", "connected", "disconnected", "drained")
BEFORE_PERIOD = 31 * DAY
"""So long before a period the site's events are read: an outage that began earlier is cut there."""


class Gathered(msgspec.Struct, frozen=True):
    """What was read: the facts, the registered homes, each contact's first role, texts sent."""

    facts: Facts
    homes: dict[str, HomeRecord]
    roles: dict[tuple[str, str], str]
    texts: list[TextSent] = []


def gather(path: Path, period: Period) -> Gathered:
    """Return what a store has of a period, of one scheme where the period names one.

    Raises:
        StoreError: the store cannot be read.
    """
    history, reader = History(path), SqliteReader(path)
    loaded = reader.load()
    every = {one.home: decode_home(one.record) for one in loaded.homes if one.record is not None}
    homes = {
        home: record
        for home, record in every.items()
        if period.scheme in (None, record.scheme) and SYNTHETIC_TAG not in record.tags
    }

    def wanted(home: str) -> bool:
        if home.startswith("@"):
            return period.scheme is None or home == f"@scheme/{period.scheme}"
        # What was registered once and is not any more belongs to the whole site only.
        return home in homes or (period.scheme is None and home not in every)

    rows = [row for row in history.alerts(period.since, period.until) if wanted(row.home)]
    first = min((row.opened_at for row in rows), default=period.since)
    records = [one for one in history.records(min(first, period.since)) if wanted(one.home)]
    kept = history.messages(min(first, period.since))
    messages = [one for one in kept if wanted(one.home)]
    openings = _openings(records)
    opened_by = history.openers(sorted({one.input for one in openings.values() if one.input}))
    carried_out = {one.record.input for one in records if one.record.event == "alert.updated"}
    commands = history.inputs_of(period.since, ("command",))
    states = [one for one in loaded.homes if one.home in homes and one.state is not None]
    facts = Facts(
        alerts=[_alert(row, openings.get((row.home, row.n)), opened_by) for row in rows],
        records=[(one.home, one.record) for one in records],
        messages=[seen_of(one) for one in messages],
        site=_site(history.inputs_of(period.since - BEFORE_PERIOD, SITE_KINDS)),
        replies=[row.at for row in history.inputs_of(period.since, ("sms",))],
        progress=_progress([row for row in commands if row.id in carried_out]),
        devices=[
            seen for one in states for seen in _devices(homes[one.home], one.state or b"", period)
        ],
        synthetic=_synthetic(history, every, period),
        homes=len(homes),
    )
    return Gathered(facts, homes, roles_of(homes), _texts(messages, rows))


def _texts(messages: Sequence[KeptMessage], rows: Sequence[AlertRow]) -> list[TextSent]:
    """Return what left by SMS; an erased text cost one at least."""
    rules = {(row.home, row.n): row.rule for row in rows}
    return [
        TextSent(
            at=one.queued_at,
            rule=rules.get((one.home, one.alert), ""),
            segments=1 if one.text is None else segments(one.text),
        )
        for one in messages
        if one.channel is Channel.SMS and one.state is not NotificationState.QUEUED
    ]


def roles_of(homes: dict[str, HomeRecord]) -> dict[tuple[str, str], str]:
    """Return (home, contact) -> their first role, for those who have one."""
    return {
        (home, contact.id): contact.roles[0]
        for home, record in homes.items()
        for contact in record.contacts
        if contact.roles
    }


def seen_of(message: KeptMessage) -> MessageSeen:
    """Return a message without number and text.

    Its delivery was known with the first evidence of it, else when its state was last told.
    """
    told = [one.at for one in message.moments if one.stage is Stage.DELIVERED]
    delivered = message.changed_at if message.state is NotificationState.DELIVERED else None
    return MessageSeen(
        id=message.id,
        home=message.home,
        alert=message.alert,
        to=message.to,
        channel=message.channel,
        priority=message.priority,
        queued_at=message.queued_at,
        state=message.state,
        withdrawn=message.withdrawn and message.state is NotificationState.QUEUED,
        stages=tuple((one.stage, one.at) for one in message.moments),
        delivered_at=told[0] if told else delivered,
    )


def _openings(records: Sequence[StoredRecord]) -> dict[tuple[str, int], Record]:
    return {
        (one.home, one.record.alert): one.record
        for one in records
        if one.record.event == "alert.opened" and one.record.alert is not None
    }


def _alert(row: AlertRow, opening: Record | None, inputs: dict[int, InputRow]) -> AlertSeen:
    """Return an alert as the core sees it; what no message opened was sensed when it was due."""
    by = None if opening is None else inputs.get(opening.input)
    device, sensed_at = None, row.opened_at
    if by is not None and by.kind == "message":
        device = by.device
        sensed_at = sensed(by.at, [one.at for one in by.readings])
    return AlertSeen(
        home=row.home,
        n=row.n,
        rule=row.rule,
        priority=row.priority,
        state=row.state,
        opened_at=row.opened_at,
        sensed_at=sensed_at,
        device=device,
        watch=row.watch,
        resolved_at=row.resolved_at,
        by_person=row.resolved_by is not None or row.outcome is not None,
        outcome=row.outcome,
        cause=row.cause,
        late=0 if opening is None else opening.late,
        step=row.step,
    )


def _site(inputs: Sequence[InputRow]) -> list[SiteEvent]:
    found = []
    for row in inputs:
        if row.body:
            found.append(msgspec.structs.replace(decode_site_event(row.body), at=row.at))
    return found


def _progress(commands: Sequence[InputRow]) -> list[ProgressSeen]:
    found = []
    for row in commands:
        try:
            event = decode_event(row.body or b"", input=row.id, at=row.at)
        except msgspec.DecodeError:
            continue  # set aside when it came
        if isinstance(event, Updated) and row.home is not None:
            found.append(
                ProgressSeen(home=row.home, alert=event.alert, at=row.at, progress=event.progress)
            )
    return found


def _devices(record: HomeRecord, blob: bytes, period: Period) -> list[DeviceSeen]:
    """Return the devices of a home that somebody there should test and that stand there."""
    try:
        state = decode_state(blob)
    except ValueError as error:
        raise StoreError(str(error)) from None
    found = []
    for device in record.devices:
        known = state.known.get(device.id)
        if known is None or device.kind not in TESTED_BY_USERS or not _stands(device.until, period):
            continue
        found.append(
            DeviceSeen(
                home=record.id,
                device=device.id,
                known_at=max(known, device.since or 0),
                tested_at=state.tested.get(device.id),
            )
        )
    return found


def _stands(until: Instant | None, period: Period) -> bool:
    return until is None or until > period.until


def _synthetic(
    history: History, every: dict[str, HomeRecord], period: Period
) -> list[tuple[Instant, bool]]:
    """Return when the synthetic resident pressed, and whether a message about it was delivered.

    Where it is not registered any more, its presses stay untold.
    """
    ours = {home for home, record in every.items() if SYNTHETIC_TAG in record.tags}
    if not ours:
        return []
    told: dict[tuple[str, int], bool] = {}
    for message in history.messages(period.since):
        if message.home in ours and message.alert:
            key = (message.home, message.alert)
            told[key] = told.get(key, False) or message.state is NotificationState.DELIVERED
    pressed = [
        (row.opened_at, told.get((row.home, row.n), False))
        for row in history.alerts(period.since, period.until)
        if row.home in ours and row.opened_at >= period.since
    ]
    # A press that got lost before it was an alert is on record as the finding of that round.
    return pressed + [
        (row.at, False)
        for row in history.inputs_of(period.since, ("finding",))
        if _is_lost_press(row)
    ]


def _is_lost_press(row: InputRow) -> bool:
    try:
        found = decode_event(row.body or b"", input=row.id, at=row.at)
    except msgspec.DecodeError:
        return False  # set aside when it came
    return (
        isinstance(found, ConditionFound)
        and found.name == FAILED
        and not found.over
        and found.detail in WITHOUT_ALERT
    )
