"""From what people, providers and the machinery say to rows of the batch that is being built.

Looks up in the store what a reply or a receipt is about; what it means is the core's. Messages of
devices come in by `intake`, commands by `orders`.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from telecared.bodies import ContentChange, encode_site_event, names_in
from telecared.core.addresses import canonical
from telecared.core.events import SITE, ConditionFound, NotificationReported, encode_event
from telecared.core.machinery import UNKNOWN_DEVICE, technical_key
from telecared.core.plan import Plan, content_hash, encode_plan
from telecared.core.policy import MONITORING_CENTRE, Contact
from telecared.core.pressed import ACCEPTS, DECLINES, came_to, is_carried_out, resolve_key
from telecared.core.prompts import Prompt
from telecared.core.replies import Candidate, Meant, refused_help, resolve_reply
from telecared.core.site import SiteEvent
from telecared.core.state import Answer
from telecared.core.telling import notification_id
from telecared.core.vocabulary import Instant, NotificationState, Stage
from telecared.ports import InboundSms, PressedKey
from telecared.stepping import Homes
from telecared.store_port import (
    EvidenceRow,
    InputRow,
    NotificationUpdate,
    OpenNotified,
    PlanWrite,
    Store,
)

MAX_RECENT_SMS: Final = 1_000
"""Provider's ids of SMS that may not be on disk yet: the same one comes by webhook and polling."""

MAX_RECENT_KEYS: Final = 1_000
"""Keys that are remembered with what they came to: a provider that hears nothing tells again."""

SENT_STATES: Final = (NotificationState.SENT, NotificationState.DELIVERED)


class Reported(msgspec.Struct, frozen=True):
    """What became of a notification.

    Attributes:
        event: what the core folds.
        provider_id: the provider's id, "" when it gave none; None for a receipt, which comes from
            the provider and not from the outbox.
        provider: the name of the provider, "" where none had a part in it.
        receipt_by, receipt_id: the provider whose receipt it is, and its id, for evidence.
        stages: the moments of the notification's life that this is; empty for its state alone.
        folded: False for what is evidence only, since a later attempt has replaced the one it is
            about.
    """

    event: NotificationReported
    provider_id: str | None = None
    provider: str = ""
    receipt_by: str = ""
    receipt_id: str = ""
    stages: tuple[Stage, ...] = ()
    folded: bool = True


class Pressing(msgspec.Struct):
    """A key that somebody pressed, and what it came to once it has been carried out."""

    key: PressedKey
    came_to: Prompt = Prompt.NOTHING


Said = Reported | InboundSms | Pressing | ConditionFound | Plan
"""What people, providers and the machinery say."""


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
        self._recent_keys: dict[tuple[str, str], Prompt] = {}

    async def hear(self, said: Said, now: Instant) -> None:
        """Put on record what somebody said, and carry out what it means."""
        match said:
            case Reported():
                self.report(said, now)
            case InboundSms():
                await self.sms(said, now)
            case Pressing():
                await self.key(said, now)
            case ConditionFound():
                self.found(said, now)
            case Plan():
                self.use_plan(said, now)

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
        self._homes.batch.evidence.extend(evidence_of(reported, now))
        if not reported.folded:
            return
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
                provider=reported.provider or None,
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
        state = self._homes.states[home]
        alert = state.alerts.get(int(number))
        if int(number) >= state.next_alert or (alert is not None and int(k) > alert.notified):
            # Of a life whose decisions a full disk has swallowed: what is told under this id
            # once more is another message.
            return None
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
        contacts += self._people_with(message.number, told)
        candidates = [
            Candidate(one.home, one.n, one.code, one.contact, self._name(one.home, one.contact))
            for one in told
        ]
        language = self._language(candidates, contacts)
        for meant in resolve_reply(
            message.text, message.number, candidates, contacts, language=language
        ):
            self._keep_reply(message, told, meant, now)
            answer = self._mean(meant, now)
            if answer is not None and not answer.done:
                self._mean(refused_help(message.number, answer, language), now)

    def _language(
        self, candidates: Sequence[Candidate], contacts: Sequence[tuple[str, str]]
    ) -> str:
        """Return the language of whoever replies: by what they were told, else as they are known.

        "" is the site's own, for those who say no other and for strangers.
        """
        people = {one.id: one for one in self._homes.plan.people}
        for home, contact in [*((one.home, one.contact) for one in candidates), *contacts]:
            known = self._person(home, contact) or people.get(contact)
            if known is not None:
                return known.language
        return ""

    def _people_with(self, number: str, told: list[OpenNotified]) -> list[tuple[str, str]]:
        """Return (home, person) of those who work for many homes, wherever they were told."""
        people = {one.id for one in self._homes.plan.people if one.phone == number}
        found = [(one.home, one.contact) for one in told if one.contact in people]
        return found or [(SITE, one) for one in sorted(people)]

    def _keep_reply(
        self, message: InboundSms, told: list[OpenNotified], meant: Meant, now: Instant
    ) -> None:
        """Keep a reply as a moment in the life of the newest page that it answers."""
        alert = getattr(meant.event, "alert", None)
        about = [one for one in told if (one.home, one.n) == (meant.home, alert)] or told
        if len(about) != 1:
            return
        state = self._homes.states.get(about[0].home)
        known = state.alerts.get(about[0].n) if state is not None else None
        pages = [
            one
            for one in (known.told if known is not None else ())
            if one.pages and self._number(about[0].home, one.to) == message.number
        ]
        if pages:
            self._homes.batch.evidence.append(
                EvidenceRow(
                    notification=notification_id(about[0].home, about[0].n, pages[-1].k),
                    at=now,
                    stage=Stage.REPLIED,
                    provider_id=message.provider_id,
                )
            )

    async def key(self, pressing: Pressing, now: Instant) -> None:
        """Put a key on record and carry out what it means; the same key of one call only once."""
        pressed = pressing.key
        seen = (pressed.provider_id, pressed.key)
        if pressed.key not in (ACCEPTS, DECLINES):
            return
        if seen not in self._recent_keys:
            self._recent_keys[seen] = await self._pressed(pressed, now)
            if len(self._recent_keys) > MAX_RECENT_KEYS:
                del self._recent_keys[next(iter(self._recent_keys))]
        pressing.came_to = self._recent_keys[seen]

    async def _pressed(self, pressed: PressedKey, now: Instant) -> Prompt:
        home, _, named = pressed.notification.rpartition("/")
        number, _, k = named.partition("-")
        if home not in self._homes.plans or not (number.isdecimal() and k.isdecimal()):
            return Prompt.OVER
        self._homes.apply(self.row("key", now, home=home, body=msgspec.json.encode(pressed)))
        self._homes.batch.evidence.append(
            EvidenceRow(
                notification=pressed.notification,
                at=now,
                stage=Stage.KEY_PRESSED,
                provider_id=pressed.provider_id,
                code=pressed.key,
            )
        )
        alert = self._homes.states[home].alerts.get(int(number))
        if alert is None:
            return Prompt.OVER
        to = next((told.to for told in alert.told if told.k == int(k)), None)
        if to is None:  # one of very many, forgotten for a newer one
            to = await self._store.recipient_of(pressed.notification) or MONITORING_CENTRE
        event = resolve_key(pressed.key, alert, to, self._name(home, to))
        if event is None or is_carried_out(pressed.key, alert, to):
            return came_to(pressed.key, done=True)
        answer = self._mean(Meant(home, event), now)
        return came_to(pressed.key, done=answer is None or answer.done)

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
        known = self._person(home, contact)
        return known.phone if known else None

    def _name(self, home: str, contact: str) -> str:
        if contact == MONITORING_CENTRE:
            return self._homes.plan.centre.name
        known = self._person(home, contact)
        return known.name if known else contact

    def _person(self, home: str, contact: str) -> Contact | None:
        compiled = self._homes.plans.get(home)
        if compiled is None:
            return None
        return compiled.contacts.get(contact) or compiled.people.get(contact)

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


def evidence_of(reported: Reported, now: Instant) -> list[EvidenceRow]:
    """Return a report as moments of the notification's life, as it came."""
    event = reported.event
    return [
        EvidenceRow(
            notification=event.notification,
            at=now,
            stage=stage,
            provider=reported.provider or reported.receipt_by,
            provider_id=reported.provider_id or reported.receipt_id,
            code=event.code,
        )
        for stage in reported.stages or (Stage(event.state),)
    ]


def came_from_outside(what: Said) -> bool:
    """Whether somebody would tell it again: they must not hear that it is kept before it is."""
    if isinstance(what, Reported):
        return what.provider_id is None
    return isinstance(what, InboundSms | Pressing)
