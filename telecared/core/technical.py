"""What the machinery itself may find, and what people are told about it.

A closed table: name, priority, how long it may end by itself first, the text. Findings are opened
by `step` like any rule's; who notices them is the engine.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from telecared.core.events import ConditionFound
from telecared.core.site import ClockStepped, LinkDown, LinkUp, SiteEvent, SiteFacts, Started
from telecared.core.vocabulary import MINUTE, Duration, Priority
from telecared.core.windows import duration_text, rfc3339

CLOCK_STEP_TOLD: Final[Duration] = MINUTE
"""Steps of the wall clock from this size on are told to people; smaller ones are on record."""


class TechnicalFinding(NamedTuple):
    """One kind of finding of the machinery.

    Attributes:
        say: the template; `{detail}` is not a field here, the detail follows the text.
        after: given this long to end by itself before an alert is opened.
        ends: whether the machinery also notices the end.
        once: it is found once, however long it lasts.
        about_people: it is told as the home's own alerts are, not as a fault.
    """

    say: str
    priority: Priority = Priority.TECHNICAL
    after: Duration = 0
    ends: bool = False
    once: bool = False
    about_people: bool = False

    @property
    def lasts(self) -> bool:
        """Whether it is told after a silence although nothing finds it a second time."""
        return self.ends or self.once


FINDINGS: Final[Mapping[str, TechnicalFinding]] = {
    "broker-lost": TechnicalFinding(
        "telecared has no link to the MQTT broker: alarms do not arrive. Reply {code}.",
        Priority.URGENT,
        after=MINUTE,
        ends=True,
    ),
    "session-lost": TechnicalFinding(
        "The MQTT broker had forgotten our session: messages may be lost. Reply {code}."
    ),
    "clock-behind": TechnicalFinding(
        "The clock of this machine stands behind its own record. Reply {code}."
    ),
    "clock-stepped": TechnicalFinding("The clock of this machine was changed. Reply {code}."),
    "disk-full": TechnicalFinding(
        "The disk is full: alerts go out, nothing new is kept. Free some space. Reply {code}.",
        Priority.URGENT,
        ends=True,
    ),
    "sms-failing": TechnicalFinding(
        "The SMS provider does not take messages. Reply {code}.",
        Priority.URGENT,
        after=MINUTE,
        ends=True,
    ),
    "channel-failing": TechnicalFinding(
        "No provider takes messages by {device.id}. Reply {code}.",
        Priority.URGENT,
        after=MINUTE,
        ends=True,
    ),
    "provider-failing": TechnicalFinding(
        "{device.id} does not take our messages. Reply {code}.",
        after=MINUTE,
        ends=True,
    ),
    "provider-unproven": TechnicalFinding(
        "{device.id} takes our messages and tells nothing of them: they may be lost. Reply {code}.",
        Priority.URGENT,
        ends=True,
    ),
    "provider-unheard": TechnicalFinding(
        "{device.id} cannot be asked for replies and receipts. Reply {code}.",
        after=MINUTE,
        ends=True,
    ),
    "synthetic-failed": TechnicalFinding(
        "The self-test failed: an alarm of a resident may not reach people. Reply {code}.",
        Priority.URGENT,
        ends=True,
    ),
    "reload-refused": TechnicalFinding(
        "A changed configuration was refused; the old one stays in force. Reply {code}.",
        ends=True,
    ),
    "console-down": TechnicalFinding(
        "The console cannot be served; alerts go out by message all the same. Reply {code}.",
        after=MINUTE,
        ends=True,
    ),
    "backup-failed": TechnicalFinding(
        "The nightly backup failed or did not verify. Reply {code}.", ends=True
    ),
    "unknown-device": TechnicalFinding(
        "A device that nobody registered is speaking: {device.id}. Reply {code}."
    ),
    "unknown-device-alarm": TechnicalFinding(
        "ALARM from a device that nobody registered: {device.id}. Reply {code}.",
        Priority.LIFE_SAFETY,
    ),
    "unknown-devices": TechnicalFinding(
        "Many more devices that nobody registered are speaking; `telecared adopt` lists them. "
        "Reply {code}.",
        ends=True,
    ),
    "wrong-home": TechnicalFinding(
        "A device of {home.address} speaks in another home: {device.id}. Reply {code}."
    ),
    "wrong-home-alarm": TechnicalFinding(
        "ALARM from a device that speaks in another home than its own: {device.id}. Reply {code}.",
        Priority.LIFE_SAFETY,
    ),
    "not-decoded": TechnicalFinding(
        "A device of {home.address} sends what cannot be read: {device.id}. Reply {code}."
    ),
    "qos-zero": TechnicalFinding(
        "A life-safety device of {home.address} sends without delivery guarantee (QoS 0): "
        "{device.id}. Reply {code}."
    ),
    "quarantined": TechnicalFinding(
        "telecared could not work out a message, command or deadline of {home.address}; it was "
        "set aside. Reply {code}.",
        once=True,
    ),
    "quarantined-alarm": TechnicalFinding(
        "ALARM at {home.address} ({device.id}). Its rules failed: treat as real. Reply {code}.",
        Priority.LIFE_SAFETY,
    ),
    "runaway-device": TechnicalFinding(
        "{device.id} at {home.address} repeats itself without end: stuck or broken? It is told "
        "every two minutes only. Reply {code}."
    ),
    "incident": TechnicalFinding(
        "Many homes are silent at once (incident {device.id}). Reply {code}.", Priority.URGENT
    ),
    "outage-list": TechnicalFinding(
        "Homes may have called for help unheard (list {device.id}): `telecared outages`. "
        "Reply {code}.",
        ends=True,
    ),
    "contact-unreachable": TechnicalFinding(
        "A contact of {home.address} takes no messages from us any more: {device.id}. "
        "Reply {code}.",
        ends=True,
    ),
    "activity-while-away": TechnicalFinding(
        "Somebody is moving at {home.address}, where nobody should be ({device.id}). "
        "Reply {code} if you are going.",
        Priority.URGENT,
        about_people=True,
    ),
    "rota-gap": TechnicalFinding(
        "Within a week nobody is on duty on the rota {device.id}; `telecared rota show` says when. "
        "Reply {code}.",
        ends=True,
    ),
    "rota-gap-soon": TechnicalFinding(
        "Within a day nobody is on duty on the rota {device.id}; `telecared rota override` names "
        "somebody. Reply {code}.",
        Priority.URGENT,
        ends=True,
    ),
    "promise-not-kept": TechnicalFinding(
        "What was promised to {resident.name} ({home.address}) was not done in time: {device.id}, "
        "`telecared promises` lists it. Reply {code}.",
        ends=True,
    ),
    "suspension-ran-out": TechnicalFinding(
        "A suspension of {home.address} ran out and nobody had ended it: please ask whether "
        "{resident.name} is back. Reply {code}.",
        ends=True,
    ),
}
"""Every finding of the machinery. `{device.id}` is the finding's subject."""


def site_findings(before: SiteFacts, event: SiteEvent, *, input: int) -> list[ConditionFound]:
    """Return what a change of the site means for people: begun and ended findings of `@site`."""

    def finding(name: str, detail: str, *, over: bool = False) -> ConditionFound:
        return ConditionFound(input=input, at=event.at, name=name, detail=detail, over=over)

    match event:
        case Started(offset=offset) if offset <= -CLOCK_STEP_TOLD:
            detail = f"it stands {duration_text(-offset)} behind: how long we were down is unknown"
            return [finding("clock-behind", detail)]
        case LinkDown(reason=reason):
            return [finding("broker-lost", reason)]
        case LinkUp(resumed=resumed):
            found = [finding("broker-lost", "the link is back", over=True)]
            if before.connected_at and not resumed:
                since = before.down_since or before.connected_at
                detail = f"messages since {rfc3339(since)} may be lost"
                found.append(finding("session-lost", detail))
            return found
        case ClockStepped(offset=offset):
            step = abs(offset - before.offset(event.at))
            if step >= CLOCK_STEP_TOLD:
                return [finding("clock-stepped", f"by {duration_text(step)}")]
    return []
