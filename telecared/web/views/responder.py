"""What a responder sees on a phone: the one alert that the link in their SMS opens, and its acts.

Nobody signs in: the link is the proof, for one alert, one person, and a time. Works without
JavaScript, reloaded, and posted twice. Which alert a link opens is `linked`.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import msgspec
import structlog
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from telecared.core.alert_commands import Acknowledged, Declined, Resolved, Updated
from telecared.core.events import encode_event
from telecared.core.sign_in import address_group
from telecared.core.vocabulary import Cause, Detail, Instant, Outcome
from telecared.core.windows import local
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

TOO_OFTEN: Final = "That was too often: wait a minute, and open it again."

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

OUTCOMES: Final = {
    Outcome.ASSISTANCE_GIVEN: "I helped",
    Outcome.FALSE_ACTIVATION: "It was a false alarm",
    Outcome.EMERGENCY_SERVICES: "The emergency services have taken over",
    Outcome.NO_CONTACT: "Nobody was there",
    Outcome.TECHNICAL_FIXED: "A fault, and it is mended",
    Outcome.TEST: "It was a test",
}

Mine = Acknowledged | Declined | Updated | Resolved
"""What a contact may say themselves: each names the contact."""


async def doorstep(console: "Console", request: Request) -> Response:
    """Show the alert of a link, or take what its owner says."""
    form: dict[str, str] = {}
    if request.method == "POST":
        refused = _refused(console, request)
        if refused:
            return _closed(console, refused, 403)
        try:
            async with request.form(max_files=0, max_fields=MAX_FIELDS) as fields:
                form = {name: str(value) for name, value in fields.items()}
        except HTTPException:
            return _closed(console, "This form could not be read: open the link again.", 400)
    try:
        return await run_in_threadpool(_answer, console, request, form)
    except StoreError as error:
        log.error("console.store", entry="responder", error=type(error).__name__)
        return _closed(console, "This page cannot be shown now: answer the message itself.", 503)


def _refused(console: "Console", request: Request) -> str:
    """Return why a form is not taken, "" where it is.

    Whoever sends it knows the token. Some browsers at a doorstep say nothing of where a form comes
    from; one that says so must say that it is ours.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > BODY_BYTES_MAX:
        return "This form is too long: write less."
    told = "sec-fetch-site" in request.headers or "origin" in request.headers
    if told and not sent_from_here(console, request):
        return "This was sent from another site, and was not done."
    return ""


def _answer(console: "Console", request: Request, form: Mapping[str, str]) -> Response:
    """Answer in a worker thread: it reads the store, logs, and may wait for the engine."""
    token = str(request.path_params["token"])
    whence = address_group(address_of(console, request))
    missed, used = console.missed_links, console.used_links
    if used.are_too_many(token):
        return _closed(console, TOO_OFTEN, 429)
    try:
        found = opened(console, token, console.pulse().engine_now)
    except LinkGone as gone:
        return _closed(console, str(gone), 410)
    if found is None:
        # Never for a link that opens something: whoever guesses may sit behind the same address.
        if missed.are_too_many(whence):
            return _closed(console, TOO_OFTEN, 429)
        missed.count(whence)
        return _closed(console, "This link opens nothing: is it copied whole?", 404)
    used.count(token)
    if not form:
        return _page(console, found)
    if found.alert is None:
        return RedirectResponse(request.url.path, status_code=303)
    return _acted(console, request, found, form)


def _acted(
    console: "Console", request: Request, found: Opened, form: Mapping[str, str]
) -> Response:
    deed = form.get("deed", "")
    if deed not in DEEDS:
        return _page(console, found, status=400, problem="Choose one of the buttons.")
    try:
        command = acts.read(
            deed,
            home=found.message.home,
            alert=found.message.alert,
            by=found.person.name,
            fields={
                "contact": found.message.to,
                **{name: form.get(name, "") for name in DEEDS[deed]},
            },
        )
    except BadForm as bad:
        return _page(console, found, status=400, problem=" ".join(bad.problems.values()))
    if not isinstance(command.what, Mine):
        raise TypeError(deed)  # every deed above is somebody's own word
    what = msgspec.structs.replace(command.what, contact=found.message.to)
    result = _give(console, found, command.kind, encode_event(what))
    if result.state == "done":
        return RedirectResponse(request.url.path, status_code=303)
    after = opened(console, str(request.path_params["token"]), console.pulse().engine_now) or found
    if result.state == "refused":
        problem = f"It was not done: {result.reason}."
        return _page(console, after, status=409, problem=problem)
    problem = "It is kept, and the system has not answered yet. Open the link again in a moment."
    return _page(console, after, status=202, problem=problem)


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


class Moment:
    """Shows instants as the clock in the home does."""

    def __init__(self, console: "Console", found: Opened, now: Instant) -> None:
        plan = console.registry.plan()
        zone = plan.site_timezone if found.record is None else found.record.timezone
        self._zone = ZoneInfo(zone)
        self._offset = console.registry.site().offset(now)

    def __call__(self, at: Instant) -> str:
        """Return `Mon 14:05`."""
        return local(at, self._zone, self._offset).strftime("%a %H:%M")


def _page(console: "Console", found: Opened, *, status: int = 200, problem: str = "") -> Response:
    """Return the page of a link; that it is read is on record before it leaves."""
    pulse = console.pulse()
    home = found.message.home
    record = found.record
    shown = "the alert, by link"
    if found.has_access:
        shown = "the alert and how to get in, by link"
    console.desk.log_read(by=found.person.name, what=shown, home=home, at=pulse.engine_now)
    page = console.pages.render_open(
        "responder/alert.html",
        found=found,
        problem=problem,
        pulse=pulse,
        clock=Moment(console, found, pulse.engine_now),
        minutes=MINUTES,
        outcomes=OUTCOMES,
        causes=tuple(Cause),
        where=record if found.detail is not Detail.NONE else None,
        resident=record if found.detail is Detail.FULL else None,
        access=dict(record.access) if record is not None and found.has_access else None,
        centre=console.registry.plan().centre,
    )
    return HTMLResponse(page, status_code=status)


def _closed(console: "Console", why: str, status: int) -> Response:
    """Return a page that shows nothing of anybody."""
    return HTMLResponse(
        console.pages.render_open("responder/closed.html", why=why), status_code=status
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        path="/r/{token}",
        name="responder",
        endpoint=doorstep,
        methods=("GET", "POST"),
        kind=Kind.OPEN,
    ),
)
