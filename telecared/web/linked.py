"""What the link in an SMS opens: one alert, for whoever was told of it, until it expires.

Looked up afresh each time, so that nothing is shown from memory. What is done with it is
`views.responder`; how tokens are made, `core.links`.
"""

from typing import TYPE_CHECKING, Final, NamedTuple

from telecared.adapters.sqlite.console_links import LinkedMessage, linked_messages
from telecared.core.links import SECRET_KEY, TOKEN_LENGTH, notification_of
from telecared.core.messages import Reader, alarm
from telecared.core.plan import HomeRecord
from telecared.core.policy import Contact
from telecared.core.state import Alert, decode_state
from telecared.core.stated import Going
from telecared.core.vocabulary import DAY, AlertState, Channel, Detail, Duration, Instant
from telecared.errors import TelecaredError
from telecared.store_port import AlertRow

if TYPE_CHECKING:
    from telecared.web.console import Console

REMEMBERED: Final[Duration] = 7 * DAY
"""So long after it has expired a link says so; after that it is like one that never was."""


class LinkGone(TelecaredError):
    """A link that opens nothing any more.

    Attributes:
        text: the name of the text that says why.
        language: of whoever was told, "" where that is not known any more.
    """

    def __init__(self, text: str, language: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.language = language


class Opened(NamedTuple):
    """What a link opens.

    Attributes:
        message: the SMS in which it stood.
        person: whom that SMS told.
        record: of the home; None for alerts of the site, and of homes that are gone.
        row: the alert.
        alert: the same as the core holds it, while it is unresolved.
    """

    message: LinkedMessage
    person: Contact
    record: HomeRecord | None
    row: AlertRow
    alert: Alert | None

    @property
    def mine(self) -> Going | None:
        """What this person has said of going, None while they have not."""
        if self.alert is None:
            return None
        return next((one for one in self.alert.going if one.contact == self.message.to), None)

    @property
    def others(self) -> tuple[Going, ...]:
        """Who else goes."""
        if self.alert is None:
            return ()
        return tuple(one for one in self.alert.going if one.contact != self.message.to)

    @property
    def is_held_by_others(self) -> bool:
        """Whether as many go as are needed, and this person is none of them."""
        held = self.alert is not None and self.alert.state is AlertState.ACKNOWLEDGED
        return held and self.mine is None

    @property
    def detail(self) -> Detail:
        """How much may be shown of an alert that goes on; nothing of one that is over."""
        return Detail.NONE if self.alert is None else self.alert.policy.detail

    def text(self, reader: Reader) -> str:
        """Return what they are told; "" of an alert that is over.

        Without the sentences that name the reply code: here are buttons.
        """
        if self.alert is None:
            return ""
        return alarm(self.alert)(reader._replace(channel=Channel.VOICE))

    @property
    def has_access(self) -> bool:
        """Whether they stand at the door, and may know how to get in."""
        arrived = self.mine is not None and self.mine.arrived is not None
        return arrived and self.detail is not Detail.NONE and self.record is not None


def opened(console: "Console", token: str, now: Instant) -> Opened | None:
    """Return what a token opens; None where it never opened anything.

    Args:
        console: whose store is looked into.
        token: as it stands in the address.
        now: engine time.

    Raises:
        LinkGone: it did, and does not any more.
        StoreError: the store cannot be read.
    """
    registry = console.registry
    secret = registry.reader.remembered(SECRET_KEY)
    if secret is None or len(token) != TOKEN_LENGTH or not token.isascii():
        return None
    lasts = console.settings.link_expires
    sent = {one.id: one for one in linked_messages(console.store_path, now - lasts - REMEMBERED)}
    found = notification_of(bytes.fromhex(secret), token, sent)
    if found is None:
        return None
    message = sent[found]
    record = registry.records().get(message.home)
    people = [*(record.contacts if record is not None else ()), *registry.plan().people]
    person = next((one for one in people if one.id == message.to), None)
    if now - message.queued_at > lasts:
        raise LinkGone("link.expired", "" if person is None else person.language)
    row = registry.store.alert(message.home, message.alert)
    if person is None or row is None:
        raise LinkGone("link.not_told")
    stored = registry.store.states([message.home]).get(message.home)
    alert = None if stored is None else decode_state(stored).alerts.get(message.alert)
    if alert is not None and alert.state is AlertState.RESOLVED:
        alert = None
    return Opened(message, person, record, row, alert)
