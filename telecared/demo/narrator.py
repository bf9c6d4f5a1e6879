"""Tells in plain sentences what the daemon decided: batches in, lines out.

It only looks on: it sees what is committed and knows people's names from the street. How a line is
printed is `screen`.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from telecared.core.links import PLACEHOLDER
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.vocabulary import MINUTE, AlertState, Channel, Instant, Priority
from telecared.core.windows import local
from telecared.ports import InboundSms
from telecared.sim.street import CENTRE_NAME, CENTRE_NUMBER, ZONE, Household
from telecared.store_port import AlertRow, Batch, InputRow, RecordRow


class Tone(StrEnum):
    """How much a line matters to somebody who watches."""

    DANGER = "danger"
    CARE = "care"
    FAULT = "fault"
    GOOD = "good"
    BAD = "bad"
    MESSAGE = "message"
    QUIET = "quiet"


class Line(msgspec.Struct, frozen=True):
    """One sentence, with the street's time as HH:MM."""

    clock: str
    tone: Tone
    text: str


_OPENED: Final[Mapping[str, str]] = {
    "pendant-pressed": "{whose} pendant was pressed",
    "fall": "{who} has fallen, says the fall detector",
    "smoke": "Smoke in {whose} kitchen",
    "no-movement": "Nobody has moved at {whose} for an hour and a half",
    "front-door-at-night": "{whose} front door has been open for five minutes in the dark",
    "alarm-unit-silent": "{whose} alarm unit has said nothing for 45 minutes",
    "mains-lost": "{whose} alarm unit has had no mains for ten minutes",
    "battery-low": "The battery of {whose} smoke detector is low",
}
"""Rule -> what a neighbour would say."""

_ESCALATED: Final[Mapping[str, str]] = {
    "nobody has acknowledged it in time": "No answer yet for {about}: the next are told",
    "nobody of the step before can be reached or can go": (
        "Nobody told so far can go to {about}: the next are told"
    ),
}
"""The daemon's reason -> what a neighbour would say."""

_TONES: Final[Mapping[Priority, Tone]] = {
    Priority.LIFE_SAFETY: Tone.DANGER,
    Priority.URGENT: Tone.CARE,
    Priority.ROUTINE: Tone.FAULT,
    Priority.TECHNICAL: Tone.FAULT,
}

_CODES: Final[Mapping[str, str]] = {
    "30003": "the phone is off",
    "30008": "the network could not deliver it",
}
"""The provider's error codes that the street's phones give."""

_CODE_WORDS: Final = "provider's code "

_BY: Final[Mapping[str, str]] = {Channel.SMS: "SMS", Channel.VOICE: "Call", Channel.EMAIL: "E-mail"}


class Narrator:
    """Keeps what it needs to tell a story, and tells it batch by batch.

    Attributes:
        heard: messages of devices so far.
    """

    def __init__(self, street: Sequence[Household]) -> None:
        self._zone = ZoneInfo(ZONE)
        self._residents = {one.home: one.name for one in street}
        self._names = {
            (one.home, person.id): person.name for one in street for person in one.contacts
        }
        self._numbers = {person.number: person.name for one in street for person in one.contacts}
        self._numbers[CENTRE_NUMBER] = CENTRE_NAME
        self._alerts: dict[str, AlertRow] = {}
        self.heard = 0

    def told(self, batch: Batch) -> list[Line]:
        """Return what is worth telling of a batch, in the order in which it happened."""
        for alert in batch.alerts:
            self._alerts[alert.alert] = alert
        lines = [line for row in batch.inputs for line in self._input(row)]
        for row in batch.records:
            lines.extend(self._record(row))
        return lines

    def waking(self, at: Instant) -> Line:
        """Return the first line, before anything has happened."""
        return Line(self._clock(at), Tone.QUIET, "The street wakes up.")

    def standing(self, at: Instant) -> Line:
        """Return one line on how everything stands now."""
        alerts = [alert for alert in self._alerts.values() if not alert.watch]
        held = sum(alert.state is AlertState.ACKNOWLEDGED for alert in alerts)
        open_ = sum(alert.state is AlertState.OPEN for alert in alerts)
        counts = (
            (open_, "without anybody yet"),
            (held, "in somebody's hands"),
            (len(alerts) - held - open_, "over"),
        )
        stand = ", ".join(f"{count} {how}" for count, how in counts if count)
        text = (
            f"{self.heard:,} messages from {len(self._residents)} homes so far; "
            f"{f'alerts: {stand}' if stand else 'no alert yet'}."
        )
        return Line(self._clock(at), Tone.QUIET, text)

    def _clock(self, at: Instant) -> str:
        return local(at, self._zone).strftime("%H:%M")

    def _input(self, row: InputRow) -> Iterator[Line]:
        if row.kind == "message":
            self.heard += 1
        elif row.kind == "sms" and row.body is not None:
            message = msgspec.json.decode(row.body, type=InboundSms)
            who = self._numbers.get(message.number, "Somebody")
            yield Line(self._clock(row.at), Tone.MESSAGE, f"{who} replies: {message.text}")

    def _record(self, row: RecordRow) -> Iterator[Line]:
        record = row.record
        at = self._clock(record.at)
        to = self._person(row.home, record.to)
        about = self._about(row.home)
        match record.event:
            case "alert.opened":
                tone = _TONES[record.priority or Priority.TECHNICAL]
                yield Line(at, tone, self._opening(row))
            case "alert.repeated":
                yield Line(at, Tone.CARE, f"It happened again: {about}.")
            case "notification.queued" if to is not None:
                what = _BY.get(record.channel or Channel.SMS, "Message")
                yield Line(at, Tone.MESSAGE, f"{what} to {to}: {_without_link(record.text or '')}")
            case "notification.undelivered" | "notification.failed":
                why = record.reason.removeprefix(_CODE_WORDS)
                because = _CODES.get(why, why)
                ending = f": {because}" if because else ""
                what = _BY.get(record.channel or Channel.SMS, "Message")
                failed = "was not answered" if record.channel is Channel.VOICE else "did not arrive"
                yield Line(at, Tone.BAD, f"{what} to {to} {failed}{ending}.")
            case "alert.escalated":
                yield Line(at, Tone.CARE, _escalation(record.reason, about))
            case "alert.lapsed" | "alert.updated" | "alert.planned" | "alert.aged":
                yield Line(at, Tone.CARE, f"{about}: {record.reason}.")
            case "alert.acknowledged":
                yield Line(at, Tone.GOOD, self._taken(row, about))
            case "alert.resolved":
                yield Line(at, Tone.GOOD, self._over(row, about))

    def _opening(self, row: RecordRow) -> str:
        sentence = _OPENED.get(row.record.rule or "")
        name = self._residents.get(row.home)
        if sentence is None or name is None:
            return f"{row.record.rule} ({row.home})."
        whose = f"{name}'s"
        return f"{sentence.format(who=name, whose=whose)} ({row.home})."

    def _about(self, home: str) -> str:
        name = self._residents.get(home)
        return f"{name} ({home})" if name else home

    def _person(self, home: str, to: str | None) -> str | None:
        if to == MONITORING_CENTRE:
            return CENTRE_NAME
        if to == "sender":
            return "whoever wrote"
        return None if to is None else self._names.get((home, to), to)

    def _alert(self, row: RecordRow) -> AlertRow | None:
        return self._alerts.get(f"{row.home}/{row.record.alert}")

    def _taken(self, row: RecordRow, about: str) -> str:
        alert = self._alert(row)
        owner = alert.owner if alert is not None and alert.owner else "Somebody"
        if owner == CENTRE_NAME:
            return f"{CENTRE_NAME} has taken it: {about}."
        return f"{owner} is going to {about}."

    def _over(self, row: RecordRow, about: str) -> str:
        alert = self._alert(row)
        if alert is None or alert.resolved_by is None or alert.outcome is None:
            return f"{about}: over by itself, {row.record.reason.removeprefix('recovered: ')}."
        minutes = (row.record.at - alert.opened_at) // MINUTE
        outcome = alert.outcome.value.replace("_", " ")
        return f"{alert.resolved_by} closes {about} after {minutes} min: {outcome}."


def _without_link(text: str) -> str:
    """Return a text without the link that is put in on the way out: here it opens nothing."""
    return text.rpartition(" ")[0] + " (and a link)" if text.endswith(PLACEHOLDER) else text


def _escalation(reason: str, about: str) -> str:
    """Return who is told next, and why, in a neighbour's words."""
    step, _, why = reason.partition(": ")
    sentence = _ESCALATED.get(why)
    return (
        f"{about}: {reason}." if sentence is None else f"{sentence.format(about=about)} ({step})."
    )
