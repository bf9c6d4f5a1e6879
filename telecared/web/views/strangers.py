"""Devices that nobody registered: who was heard, what it may be, and the form that registers it.

The guesses are `core.proposals`; whoever registers a device looks at it first, and sends the form
of the home's devices like any other change.
"""

import threading
from typing import Final

import msgspec
from starlette.responses import Response

from telecared.config.home_spelling import Spelled, spell_home
from telecared.core.operators import Act
from telecared.core.plan import HomeRecord
from telecared.core.proposals import Proposal, adopt_line
from telecared.core.vocabulary import MINUTE, DeviceKind, Duration, Instant
from telecared.core.windows import rfc3339
from telecared.strangers import Strangers, home_of, name_of, strangers_of
from telecared.web.errors import BadForm, NotThere
from telecared.web.home_fields import MAX_ROWS, PARTS, filled, too_many
from telecared.web.routes import Entry
from telecared.web.tables import Cut, csv_answer, page_of, wants_csv
from telecared.web.views.home_edit import form_of_part
from telecared.web.visit import Visit

ON_A_PAGE: Final = 50

KEPT_FOR: Final[Duration] = MINUTE
"""So long what was heard is shown again: a large store takes seconds to look through."""

ANY_HOME: Final = "HOME"
"""Stands in a command where nobody can tell which home is meant."""


class Stranger(msgspec.Struct, frozen=True):
    """A device that nobody registered.

    Attributes:
        proposal: what it may be; None where no profile reads what it sends.
        home: the home of theirs that it seems to stand in, "" where nobody can tell.
        command: what registers it at a terminal.
    """

    topic: str
    address: str | None
    proposal: Proposal | None
    home: str
    last: Instant | None
    command: str


class Ears:
    """What was heard lately, remembered for a minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: tuple[str, dict[str, HomeRecord]] | None = None
        self._at: Instant = 0
        self._known: Strangers | None = None

    def heard(self, visit: Visit) -> Strangers | None:
        """Return the strangers of the whole site; None where no profile is at hand."""
        directory = visit.console.around().directory
        if directory is None:
            return None
        every, path = visit.sight.every_record, str(visit.console.store_path)
        with self._lock:
            is_same = self._of is not None and self._of[0] == path and self._of[1] is every
            if self._known is None or not is_same or visit.wall - self._at > KEPT_FOR:
                found = strangers_of(visit.console.store_path, directory(list(every.values())))
                self._known, self._of, self._at = found, (path, every), visit.wall
            return self._known


_ears = Ears()


def strangers(visit: Visit) -> Response:
    """List the devices that were heard and that nobody registered."""
    found = _strangers(visit)
    if wants_csv(visit):
        return csv_answer("strangers", _HEADER, (_row(one) for one in found))
    return visit.render(
        "strangers.html",
        cut=Cut(found, page_of(visit), ON_A_PAGE),
        homes=sorted(visit.sight.homes()),
        may_edit=visit.operator.may(Act.EDIT_HOMES),
    )


def register(visit: Visit) -> Response:
    """Show the form of a home's devices with one more in it, as it was guessed."""
    topic, address = visit.field("topic"), visit.field("address")
    record, part = visit.sight.record(visit.field("home")), PARTS["devices"]
    for one in _strangers(visit):
        if (one.topic, one.address or "") == (topic, address) and one.proposal is not None:
            break
    else:
        raise NotThere("This device was registered meanwhile, or is heard no more.")
    spelled = spell_home(record)
    devices = [*spelled.get(part.items, ()), _spelled(one.proposal)]
    spelled[part.items] = devices
    if too_many(part, spelled):
        raise BadForm({"": f"{record.id} has {MAX_ROWS} devices already: use a file."})
    visit.log_read("the record of a home", record.id)
    rows = filled(part, spelled)
    rows[-2] = msgspec.structs.replace(rows[-2], was="", is_open=True)
    return form_of_part(visit, record, part, rows, {})


def _spelled(guessed: Proposal) -> Spelled:
    told = {
        "id": guessed.id,
        "kind": "" if guessed.kind is DeviceKind.OTHER else guessed.kind.value,
        "profile": guessed.profile,
        "topic": guessed.topic,
        "address": guessed.address,
        "location": guessed.location,
        "model": guessed.model,
        "serial": guessed.serial,
        "invert": list(guessed.invert),
    }
    return {key: one for key, one in told.items() if one}


def _strangers(visit: Visit) -> list[Stranger]:
    """Return those that speak to whom they may see, the last heard first."""
    heard = _ears.heard(visit)
    if heard is None:
        return []
    homes, found = visit.sight.homes(), []
    known = [(one.topic, one.address, one) for one in heard.proposals]
    for topic, address, proposal in [*known, *((*each, None) for each in heard.unread)]:
        name = name_of(topic, address)
        if not visit.sight.may_see(heard.heard_by.get(name, "@site")):
            continue
        named = None if proposal is None else proposal.home
        home = home_of(topic, named, homes) or ""
        line = "" if proposal is None else adopt_line(proposal, home or ANY_HOME)
        found.append(Stranger(topic, address, proposal, home, heard.last.get(name), line))
    return sorted(found, key=lambda one: -(one.last or 0))


_HEADER: Final = ("topic", "address", "home", "kind", "profile", "tells", "last heard", "command")


def _row(one: Stranger) -> tuple[object, ...]:
    guessed = one.proposal
    return (
        one.topic,
        one.address,
        one.home,
        None if guessed is None else guessed.kind,
        None if guessed is None else guessed.profile,
        None if guessed is None else " ".join(guessed.tells),
        None if one.last is None else rfc3339(one.last),
        one.command,
    )


ENTRIES: Final = (
    Entry(
        path="/strangers",
        name="strangers",
        endpoint=strangers,
        act=Act.SEE_HOMES,
        reads="devices that nobody registered",
    ),
    Entry(
        path="/strangers/register",
        name="stranger_register",
        endpoint=register,
        act=Act.EDIT_HOMES,
        methods=("POST",),
    ),
)
