"""What a responder sees on a phone: the one alert that the link in their SMS opens, and its acts.

Nobody signs in: the link is the proof, for one alert, one person, and a time. Works without
JavaScript, reloaded, and posted twice. Which alert a link opens is `linked`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from telecared.core.alert_commands import Acknowledged, Declined, Resolved, Updated
from telecared.core.events import encode_event
from telecared.core.messages import Reader
from telecared.core.plan import HomeRecord
from telecared.core.sign_in import address_group
from telecared.core.vocabulary import Cause, Detail, Instant, Outcome
from telecared.core.windows import local
from telecared.core.words import FALLBACK, WORDS
from telecared.errors import StoreError
from telecared.store_port import CommandResult, CommandRow
from telecared.web import acts
from telecared.web.cookies import address_of
from telecared.web.errors import BadForm
from telecared.web.guard import sent_from_here
from telecared.web.linked import LinkGone, Opened, opened
from telecared.web.routes import Entry, Kind

if TYPE_CHECKING:
    from telecared.web.console import Console

log = structlog.get_logger(__name__)

ANSWER_SECONDS: Final = 5.0
"""How long somebody on a phone waits for the engine; what they said is kept all the same."""

BODY_BYTES_MAX: Final = 10_000
MAX_FIELDS: Final = 10
MINUTES: Final = (5, 10, 15, 20, 30, 45, 60)

DEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "take": (),
    "decline": (),
    "on-the-way": ("minutes",),
    "arrived": (),
    "resolve": ("outcome", "cause", "note"),
}
"""What can be done by link -> the fields of the form that count."""

OUTCOMES: Final = (
    Outcome.ASSISTANCE_GIVEN,
    Outcome.FALSE_ACTIVATION,
    Outcome.EMERGENCY_SERVICES,
    Outcome.NO_CONTACT,
    Outcome.TECHNICAL_FIXED,
    Outcome.TEST,
)
"""How it may have ended, the likeliest first."""

ASKED: Final[Mapping[str, str]] = {"outcome": "link.say_how", "cause": "link.say_why"}
"""Field that is missing or cannot be used -> what is answered. Every other is a list to choose."""

RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ps", "ur", "yi"})

Mine = Acknowledged | Declined | Updated | Resolved
"""What a contact may say themselves: each names the contact."""


async def doorstep(console: "Console", request: Request) -> Response:
    """Show the alert of a link, or take what its owner says."""
    form: dict[str, str] = {}
    if request.method == "POST":
        refused = _refused(console, request)
        if refused:
            return await _shut(console, refused, 403)
        try:
            async with request.form(max_files=0, max_fields=MAX_FIELDS) as fields:
                form = {name: str(value) for name, value in fields.items()}
        except HTTPException:
            return await _shut(console, "link.unreadable", 400)
    try:
        return await run_in_threadpool(_answer, console, request, form)
    except StoreError as error:
        log.error("console.store", entry="responder", error=type(error).__name__)
        return await _shut(console, "link.down", 503)


def _refused(console: "Console", request: Request) -> str:
    """Return the name of the text that says why a form is not taken, "" where it is.

    Whoever sends it knows the token. Some browsers at a doorstep say nothing of where a form comes
    from; one that says so must say that it is ours.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
        return "link.too_long"
    told = "sec-fetch-site" in request.headers or "origin" in request.headers
    if told and not sent_from_here(console, request):
        return "link.elsewhere"
    return ""


def _answer(console: "Console", request: Request, form: Mapping[str, str]) -> Response:
    """Answer in a worker thread: it reads the store, logs, and may wait for the engine."""
    token = str(request.path_params["token"])
    whence = address_group(address_of(console, request))
    missed, used = console.missed_links, console.used_links
    if used.are_too_many(token):
        return _closed(console, "link.often", 429)
    try:
        found = opened(console, token, console.pulse().engine_now)
    except LinkGone as gone:
        return _closed(console, gone.text, 410, gone.language)
    if found is None:
        # Never for a link that opens something: whoever guesses may sit behind the same address.
        if missed.are_too_many(whence):
            return _closed(console, "link.often", 429)
        missed.count(whence)
        return _closed(console, "link.unknown", 404)
    used.count(token)
    if not form:
        return _page(console, found, Shown())
    if found.alert is None:
        return RedirectResponse(request.url.path, status_code=303)
    return _acted(console, request, found, form)


def _acted(
    console: "Console", request: Request, found: Opened, form: Mapping[str, str]
) -> Response:
    deed = form.get("deed", "")
    if deed not in DEEDS:
        return _page(console, found, Shown(400, "link.choose"))
    typed = {name: form.get(name, "") for name in DEEDS[deed]}
    try:
        command = acts.read(
            deed,
            home=found.message.home,
            alert=found.message.alert,
            by=found.person.name,
            fields={"contact": found.message.to, **typed},
        )
    except BadForm as bad:
        problem = next((ASKED[name] for name in bad.problems if name in ASKED), "link.choose")
        return _page(console, found, Shown(400, problem, typed=typed))
    if not isinstance(command.what, Mine):
        raise TypeError(deed)  # every deed above is somebody's own word
    what = msgspec.structs.replace(command.what, contact=found.message.to)
    result = _give(console, found, command.kind, encode_event(what))
    if result.state == "done":
        return RedirectResponse(request.url.path, status_code=303)
    after = opened(console, str(request.path_params["token"]), console.pulse().engine_now) or found
    if result.state == "refused":
        return _page(console, after, Shown(409, "link.not_done", result.reason, typed))
    return _page(console, after, Shown(202, "link.kept"))


def _give(console: "Console", found: Opened, kind: str, body: bytes) -> CommandResult:
    """Make what somebody says durable, and wait for the engine."""
    command = console.desk.add(
        CommandRow(
            id=0,
            kind=kind,
            by=found.person.name,
            via="link",
            given_at=console.wall(),
            home=found.message.home,
            body=body,
        )
    )
    answer = console.desk.wait(command, ANSWER_SECONDS)
    return answer or CommandResult(command, "accepted", "", 0)


# --- pages --------------------------------------------------------------------------------------


class Shown(NamedTuple):
    """What stands above the page of a link.

    Attributes:
        problem: the name of a text, "" for none.
        reason: the engine's own sentence, in English.
        typed: what had been typed when it was refused.
    """

    status: int = 200
    problem: str = ""
    reason: str = ""
    typed: Mapping[str, str] = {}


class Moment:
    """Shows instants as the clock in the home does."""

    def __init__(self, console: "Console", found: Opened, now: Instant) -> None:
        plan = console.registry.plan()
        zone = plan.site_timezone if found.record is None else found.record.timezone
        self._zone = ZoneInfo(zone)
        self._offset = console.registry.site().offset(now)
        self._today = local(now, self._zone, self._offset).date()

    def __call__(self, at: Instant) -> str:
        """Return `14:05`, of another day `28/02 14:05`: numbers are read in every language."""
        then = local(at, self._zone, self._offset)
        return then.strftime("%H:%M" if then.date() == self._today else "%d/%m %H:%M")


def _reader(console: "Console", language: str) -> Reader:
    """Return who reads a page; `language` is "" for the site's."""
    plan = console.registry.plan()
    return Reader(language or plan.language, own=plan.words)


def _spoken(reader: Reader) -> dict[str, object]:
    """Return what every page of a link is given of its language."""
    base = reader.language.partition("-")[0]
    known = base in WORDS or base in reader.own or reader.language in reader.own
    language = reader.language if known else FALLBACK
    direction = "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"
    return {"text": reader.text, "language": language, "direction": direction}


def _page(console: "Console", found: Opened, shown: Shown) -> Response:
    """Return the page of a link; that it is read is on record before it leaves."""
    pulse = console.pulse()
    home = found.message.home
    record = found.record
    read = "the alert, by link"
    if found.has_access:
        read = "the alert and how to get in, by link"
    # By their id: this log outlives the home, whose people are erased with it.
    reader_id = f"contact {found.message.to}"
    console.desk.log_read(by=reader_id, what=read, home=home, at=pulse.engine_now)
    reader = _reader(console, found.person.language)
    page = console.pages.render_open(
        "responder/alert.html",
        **_spoken(reader),
        found=found,
        told=found.text(reader),
        shown=shown,
        pulse=pulse,
        clock=Moment(console, found, pulse.engine_now),
        minutes=MINUTES,
        outcomes=OUTCOMES,
        causes=tuple(Cause),
        where=record if found.detail is not Detail.NONE else None,
        resident=record if found.detail is Detail.FULL else None,
        access=_way_in(record) if record is not None and found.has_access else None,
        centre=console.registry.plan().centre,
    )
    return HTMLResponse(page, status_code=shown.status)


def _way_in(record: HomeRecord) -> dict[str, str]:
    """Return how to get in: first where the key is, then its code."""
    return dict(sorted(record.access.items(), key=lambda one: one[0] != "key_safe"))


def _closed(console: "Console", why: str, status: int, language: str = "") -> Response:
    """Return a page that shows nothing of anybody; `why` is the name of a text."""
    try:
        reader = _reader(console, language)
    except StoreError:
        reader = Reader(FALLBACK)
    page = console.pages.render_open("responder/closed.html", **_spoken(reader), why=why)
    return HTMLResponse(page, status_code=status)


async def _shut(console: "Console", why: str, status: int) -> Response:
    """Return such a page from the event loop, which must not read the store."""
    return await run_in_threadpool(_closed, console, why, status)


ENTRIES: tuple[Entry, ...] = (
    Entry(
        path="/r/{token}",
        name="responder",
        endpoint=doorstep,
        methods=("GET", "POST"),
        kind=Kind.OPEN,
    ),
)
