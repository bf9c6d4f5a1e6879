"""From what people, providers and the machinery say to rows of the batch that is being built.

Looks up in the store what a reply or a receipt is about; what it means is the core's. Messages of
devices come in by `intake`, commands by `orders`.
"""

from typing import Final

import msgspec

from telecared.bodies import ContentChange, encode_site_event, names_in
from telecared.core.addresses import canonical
from telecared.core.events import SITE, ConditionFound, NotificationReported, encode_event
from telecared.core.machinery import UNKNOWN_DEVICE, technical_key
from telecared.core.plan import Plan, content_hash, encode_plan
from telecared.core.policy import MONITORING_CENTRE
from telecared.core.replies import Candidate, Meant, refused_help, resolve_reply
from telecared.core.site import SiteEvent
from telecared.core.state import Answer
from telecared.core.vocabulary import Instant, NotificationState
from telecared.ports import InboundSms
from telecared.stepping import Homes
from telecared.store_port import InputRow, NotificationUpdate, OpenNotified, PlanWrite, Store

MAX_RECENT_SMS: Final = 1_000
"""Provider's ids of SMS that may not be on disk yet: the same one comes by webhook and polling."""

SENT_STATES: Final = (NotificationState.SENT, NotificationState.DELIVERED)


class Reported(msgspec.Struct, frozen=True):
    """What became of a notification.

    Attributes:
        event: what the core folds.
        provider_id: the provider's id, "" when it gave none; None for a receipt, which comes from
            the provider and not from the outbox.
    """

    event: NotificationReported
    provider_id: str | None = None


class Hearing:
    """Numbers the rows and folds what is said beside the devices' messages."""

    def __init__(
        self, homes: Homes, store: Store, contents: dict[str, bytes], last_input: int
    ) -> None:
        self._homes = homes
        self._store = store
        self._contents = contents
        self._next = last_input
        self._recent_sms: dict[str, None] = {}

    def number(self) -> int:
        """Return the next id in the sequence of inputs."""
        self._next += 1
        return self._next

    def row(
        self, kind: str, at: Instant, *, home: str | None = None, body: bytes | None = None
    ) -> InputRow:
        """Return a row that no device sent."""
        return InputRow(id=self.number(), kind=kind, at=at, home=home, body=body)

    def site(self, event: SiteEvent, kind: str) -> None:
        """Fold a change of the site."""
        self._homes.apply(self.row(kind, event.at, body=encode_site_event(event)))

    def report(self, reported: Reported, now: Instant) -> None:
        """Fold what became of a notification, and keep what only its table needs.

        The home is read from the notification's id: on a full disk the store may not know it yet.
        """
        event = reported.event
        named = event.notification.rpartition("/")[0]
        home = named if named in self._homes.plans else None
        kind = "result" if reported.provider_id is not None else "receipt"
        self._homes.apply(self.row(kind, now, home=home, body=encode_event(event)))
        self._homes.batch.notification_updates.append(
            NotificationUpdate(
                id=event.notification,
                at=now,
                state=self._folded(home, reported),
                provider_id=reported.provider_id or None,
                code=event.code,
            )
        )

    def _folded(self, home: str | None, reported: Reported) -> NotificationState | None:
        """Return what the table shows, as the projection of the state; None leaves it as it is.

        Of an alert that is not open any more the report itself is all there is.
        """
        event = reported.event
        number, _, k = event.notification.rpartition("/")[2].partition("-")
        if home is None or not (number.isdecimal() and k.isdecimal()):
            return event.state
        alert = self._homes.states[home].alerts.get(int(number))
        if alert is None:
            return event.state
        for told in alert.told:
            if told.k == int(k):
                return told.state
        # One of very many, forgotten for a newer one. It must not look as if it still waited.
        return None if reported.provider_id is None else NotificationState.FAILED

    async def sms(self, message: InboundSms, now: Instant) -> None:
        """Put an SMS on record and carry out what it means; the same SMS only once."""
        recent = message.provider_id in self._recent_sms
        if recent or await self._store.seen_inbound(message.provider_id):
            return
        self._recent_sms[message.provider_id] = None
        if len(self._recent_sms) > MAX_RECENT_SMS:
            del self._recent_sms[next(iter(self._recent_sms))]
        body = msgspec.json.encode(message)
        self._homes.apply(self.row("sms", now, body=body))
        told = await self._store.open_alerts_told_to(message.number)
        told += self._not_on_disk(message.number, told)
        contacts = await self._store.contacts_with(message.number)
        candidates = [
            Candidate(one.home, one.n, one.code, one.contact, self._name(one.home, one.contact))
            for one in told
        ]
        for meant in resolve_reply(message.text, message.number, candidates, contacts):
            answer = self._mean(meant, now)
            if answer is not None and not answer.done:
                self._mean(refused_help(message.number, answer.reason), now)

    def _not_on_disk(self, number: str, known: list[OpenNotified]) -> list[OpenNotified]:
        """Return open alerts that this number was told, which a full disk keeps off it."""
        on_disk = {(one.home, one.n) for one in known}
        found: dict[tuple[str, int], OpenNotified] = {}
        for home, state in self._homes.states.items():
            for alert in state.alerts.values():
                if (home, alert.n) in on_disk:
                    continue
                for told in alert.told:
                    if told.state in SENT_STATES and self._number(home, told.to) == number:
                        one = OpenNotified(home, alert.n, alert.code, told.to)
                        found.setdefault((home, alert.n), one)
        return list(found.values())

    def _number(self, home: str, contact: str) -> str | None:
        if contact == MONITORING_CENTRE:
            return self._homes.plan.centre.sms
        known = self._homes.plans[home].contacts.get(contact)
        return known.phone if known else None

    def _name(self, home: str, contact: str) -> str:
        compiled = self._homes.plans.get(home)
        if contact == MONITORING_CENTRE:
            return self._homes.plan.centre.name
        known = compiled.contacts.get(contact) if compiled else None
        return known.name if known else contact

    def _mean(self, meant: Meant, now: Instant) -> Answer | None:
        body = encode_event(meant.event)
        return self._homes.apply(self.row("command", now, home=meant.home, body=body))

    def found(self, finding: ConditionFound, now: Instant, home: str = SITE) -> None:
        """Fold a finding of the machinery about the site, or about one home."""
        self._homes.apply(self.row("finding", now, home=home, body=encode_event(finding)))

    def strangers_registered(self, now: Instant) -> None:
        """End what was found about unknown devices that are registered now."""
        wall = now + self._homes.site.offset(now)
        topics = {
            (device.topic, canonical(name))
            for record in self._homes.records()
            for device in record.devices
            if device.until is None or device.until > wall
            for name in (device.address or "", *(code for code, _, _ in device.codes))
        }
        prefix = technical_key(UNKNOWN_DEVICE, "")
        known = [
            (home, key.removeprefix(prefix))
            for home, state in self._homes.states.items()
            if home.startswith("@")
            for key, finding in state.findings.items()
            if finding.alert is not None and key.startswith(prefix)
        ]
        for home, subject in known:
            if any((topic, canonical(name)) in topics for topic, name in names_in(subject)):
                over = ConditionFound(
                    input=0, at=0, name=UNKNOWN_DEVICE, subject=subject, over=True,
                    detail="it is registered now",
                )  # fmt: skip
                self.found(over, now, home)

    def use_plan(self, plan: Plan, now: Instant) -> None:
        """Put a plan in force for every home, and keep it whole."""
        content = encode_plan(plan)
        name = content_hash(content)
        self._contents[name] = content
        self._homes.batch.plans.append(PlanWrite(name, content))
        body = msgspec.json.encode(ContentChange(name))
        self._homes.apply(self.row("plan", now, body=body))
        del self._contents[name]


def came_from_outside(what: Reported | InboundSms | ConditionFound | Plan) -> bool:
    """Whether somebody would tell it again: they must not hear that it is kept before it is."""
    return isinstance(what, InboundSms) or (isinstance(what, Reported) and what.provider_id is None)
