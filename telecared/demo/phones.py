"""The phones of the street as a page beside the queue: read what they get, answer with a press.

Served by the demo only. The phones themselves are `sim.phones`; what their people do by themselves
is their behaviour, until somebody holds one.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import TimeoutError as TookTooLong
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar

import msgspec
from starlette.responses import Response

from telecared.core.operators import Act
from telecared.core.vocabulary import SECOND, Duration
from telecared.sim.behaviour import Behaviour, reply_code
from telecared.sim.phone_calls import ANSWER, HANG_UP, PhoneCall
from telecared.sim.phone_network import PhoneMessage
from telecared.sim.phones import FakeTwilio
from telecared.sim.street import CENTRE_NAME, CENTRE_NUMBER, Household, behaviours
from telecared.web.errors import BadForm, NotThere
from telecared.web.routes import Entry
from telecared.web.visit import Visit

PATH: Final = "/demo/phones"
MOST_SHOWN: Final = 6
"""Messages of one phone that are shown."""

LOOP_SECONDS: Final = 5.0
"""How long a press on the page may take until it is done."""

LONGEST_REPLY: Final = 160
KEYS: Final = tuple("1234")

_LINK: Final = re.compile(r"(https?://\S+/r/[A-Za-z0-9_-]+)")

_Made = TypeVar("_Made")


class Shown(msgspec.Struct, frozen=True):
    """One message as the page shows it: its text in front of a link, the link, the rest."""

    inbound: bool
    before: str
    link: str
    after: str
    status: str
    ago: Duration


class Ringing(msgspec.Struct, frozen=True):
    """A call that goes on."""

    sid: str
    status: str
    heard: str


class Handset(msgspec.Struct, frozen=True, kw_only=True):
    """One phone.

    Attributes:
        whose: the name of its owner; `about`, the addresses of whose alerts they hear.
        held: whoever looks at the page holds it, so that nobody else answers.
        code: what its newest message asks to send back, "" for nothing.
        messages: newest first.
    """

    number: str
    whose: str
    about: str
    held: bool
    code: str
    messages: tuple[Shown, ...]
    call: Ringing | None

    @property
    def is_quiet(self) -> bool:
        """Whether it has not rung yet and nobody holds it."""
        return not (self.held or self.messages or self.call)


class _Values(NamedTuple):
    """What both templates are given."""

    handsets: list[Handset]
    quiet: list[Handset]
    keys: tuple[str, ...] = KEYS


class Phones:
    """What the page shows and does. Made on the event loop; pages come from worker threads.

    Args:
        twilio: the provider behind which the phones are.
        street: whose phones.
        held: the numbers of phones that are held from the beginning.
        press: has the pendant of a home pressed.
    """

    def __init__(
        self,
        twilio: FakeTwilio,
        street: Sequence[Household],
        *,
        held: Sequence[str],
        press: Callable[[str], Awaitable[None]],
    ) -> None:
        self._twilio = twilio
        self._street = street
        self._press = press
        self._loop = asyncio.get_running_loop()
        self._own = behaviours(street)
        self._owners: dict[str, tuple[str, list[str]]] = {
            CENTRE_NUMBER: (CENTRE_NAME, ["every home"])
        }
        for household in street:
            for person in household.contacts:
                owner = self._owners.setdefault(person.number, (person.name, []))
                owner[1].append(household.address)
        self._held: set[str] = set()
        for number in held:
            self._hold(number, mine=True)

    def entries(self) -> tuple[Entry, ...]:
        """Return what the console serves besides its own pages."""

        def entry(
            path: str, name: str, endpoint: Callable[[Visit], Response], *methods: str
        ) -> Entry:
            return Entry(
                path=f"{PATH}{path}",
                name=name,
                endpoint=endpoint,
                act=Act.OWN_ACCOUNT,
                methods=methods,
            )

        return (
            entry("", "demo_phones", self.page, "GET"),
            entry("/list", "demo_phones_list", self.part, "GET"),
            entry("/press", "demo_press", self.press, "POST"),
            entry("/reply", "demo_reply", self.reply, "POST"),
            entry("/call", "demo_call", self.call, "POST"),
            entry("/hold", "demo_hold", self.hold, "POST"),
        )

    # --- pages ----------------------------------------------------------------------------------

    def page(self, visit: Visit) -> Response:
        """Show the pendants and the phones."""
        return visit.render("demo/phones.html", street=self._street, **self._values()._asdict())

    def part(self, visit: Visit) -> Response:
        """Show the phones alone, for a page that stands there."""
        return visit.render("demo/handsets.html", **self._values()._asdict())

    def press(self, visit: Visit) -> Response:
        """Press a pendant."""
        home = visit.field("home")
        known = next((one for one in self._street if one.home == home), None)
        if known is None:
            raise NotThere(f"There is no home {home} on the street.")
        self._on_loop(self._press(home))
        return visit.redirect(
            PATH, said=f"{known.name} at {known.address} has pressed the pendant."
        )

    def reply(self, visit: Visit) -> Response:
        """Have the owner of a phone write to us."""
        number = self._number(visit)
        text = visit.field("text", longest=LONGEST_REPLY)
        if not text:
            raise BadForm({"text": "Write what the phone answers, such as YES 1234."})

        async def write() -> None:
            self._twilio.reply(number, text)

        self._on_loop(write())
        return visit.redirect(PATH, said=f"{self._owners[number][0]} has answered: {text}")

    def call(self, visit: Visit) -> Response:
        """Pick up, press a key, hang up."""
        sid, deed = visit.field("sid"), visit.field("deed")
        if deed not in (ANSWER, HANG_UP, *KEYS):
            raise BadForm({"deed": "Answer, hang up, or press a key."})

        async def touch() -> bool:
            return self._twilio.calls.touch(sid, deed)

        goes_on = self._on_loop(touch())
        return visit.redirect(PATH, said="" if goes_on else "That call is over.")

    def hold(self, visit: Visit) -> Response:
        """Take a phone out of its owner's hand, or give it back."""
        number, mine = self._number(visit), visit.field("mine") == "1"

        async def change() -> None:
            self._hold(number, mine=mine)

        self._on_loop(change())
        whose = self._owners[number][0]
        words = f"You hold the phone of {whose}." if mine else f"{whose} answers without you again."
        return visit.redirect(PATH, said=words)

    # --- what they show -------------------------------------------------------------------------

    def _values(self) -> "_Values":
        async def look() -> list[Handset]:
            return self._handsets()

        handsets = self._on_loop(look())
        return _Values(
            handsets=[one for one in handsets if not one.is_quiet],
            quiet=[one for one in handsets if one.is_quiet],
        )

    def _handsets(self) -> list[Handset]:
        """Return every phone, the one that rang last first."""
        now = datetime.now(UTC)  # noqa: TID251 - the false provider's own clock
        by_number: dict[str, list[PhoneMessage]] = {number: [] for number in self._owners}
        for message in self._twilio.messages:
            by_number.get(message.sender if message.inbound else message.to, []).append(message)
        calls = {one.to: one for one in self._twilio.calls.all}
        newest = {number: several[-1].created for number, several in by_number.items() if several}
        order = sorted(
            self._owners,
            key=lambda number: (number in newest, newest.get(number, now), number in self._held),
            reverse=True,
        )
        return [
            self._handset(number, by_number[number][-MOST_SHOWN:], calls.get(number), now)
            for number in order
        ]

    def _handset(
        self,
        number: str,
        messages: Sequence[PhoneMessage],
        call: PhoneCall | None,
        now: datetime,
    ) -> Handset:
        whose, homes = self._owners[number]
        told = [one for one in messages if not one.inbound]
        goes_on = call is not None and call.status in ("ringing", "in-progress")
        return Handset(
            number=number,
            whose=whose,
            about=", ".join(homes),
            held=number in self._held,
            code=(reply_code(told[-1].body) or "") if told else "",
            messages=tuple(_shown(one, now) for one in reversed(messages)),
            call=(
                Ringing(call.sid, call.status, call.heard[-1] if call.heard else "")
                if call is not None and goes_on
                else None
            ),
        )

    # --- what they do ---------------------------------------------------------------------------

    def _number(self, visit: Visit) -> str:
        number = visit.field("number")
        if number not in self._owners:
            raise NotThere("There is no such phone on the street.")
        return number

    def _hold(self, number: str, *, mine: bool) -> None:
        if mine:
            self._held.add(number)
            self._twilio.calls.by_hand.add(number)
            self._twilio.set_behaviour(number, Behaviour())
        else:
            self._held.discard(number)
            self._twilio.calls.by_hand.discard(number)
            self._twilio.set_behaviour(number, self._own[number])

    def _on_loop(self, doing: Awaitable[_Made]) -> _Made:
        """Have something done on the event loop, where the phones live. Raises BadForm."""

        async def done() -> _Made:
            return await doing

        future = asyncio.run_coroutine_threadsafe(done(), self._loop)
        try:
            return future.result(LOOP_SECONDS)
        except TookTooLong:
            future.cancel()
            raise BadForm({"": "This took too long: is the demo about to end?"}) from None


def _shown(message: PhoneMessage, now: datetime) -> Shown:
    found = _LINK.search(message.body)
    if found is None:
        before, link, rest = message.body, "", ""
    else:
        before, link, rest = message.body[: found.start()], found[1], message.body[found.end() :]
    ago = int((now - message.created).total_seconds() * SECOND)
    return Shown(message.inbound, before, link, rest, message.status, ago)
