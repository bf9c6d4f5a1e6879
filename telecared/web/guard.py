"""Whoever comes is asked who they are and what they may before any endpoint runs.

Session or token, role, scheme, proof that a form is ours, and the log of what is read. Endpoints
then answer in a worker thread. How a password is checked is the accounts'.
"""

import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import quote, urlsplit

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from telecared.accounts_port import Visitor
from telecared.core.operators import Operator
from telecared.errors import StoreError
from telecared.web.errors import BadForm, Denied, NotThere
from telecared.web.pages import SAID_COOKIE
from telecared.web.routes import UNSAFE, Entry, Kind, Open, Page, Stream
from telecared.web.sight import Sight
from telecared.web.visit import Upload, Visit

if TYPE_CHECKING:
    from telecared.web.console import Console

log = structlog.get_logger(__name__)

SESSION_COOKIE: Final = "tc-session"
SECURE_SESSION_COOKIE: Final = "__Host-tc-session"
CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf"

REFRESH_HEADER: Final = "x-refresh"
"""A page sends it with what it loads by itself, without anybody having asked."""

BODY_BYTES_MAX: Final = 4 * 1024 * 1024
"""A form or a file of homes; more is refused before it is read."""

OPEN_BYTES_MAX: Final = 16 * 1024
"""A form of somebody who has not signed in: many at once must not fill the memory."""

MAX_FIELDS: Final = 1_000
"""A home with as many devices as one form holds has some eight hundred."""

LARGEST: Final = 2**63 - 1
"""No number in an address is larger: no database keeps such a one."""

BEARER: Final = "bearer "
"""However it is written."""


def guarded(console: "Console", entry: Entry) -> Callable[[Request], Awaitable[Response]]:
    """Return what serves an entry."""

    async def serve(request: Request) -> Response:
        if request.method == "HEAD":
            # Asks what a page would answer: never an act, which a page does by any other method.
            request = Request({**request.scope, "method": "GET"}, request.receive)
        if entry.kind is Kind.OPEN:
            return await cast("Open", entry.endpoint)(console, request)
        try:
            return await _serve(console, entry, request)
        except NotThere as error:
            return _told(console, entry, 404, str(error))
        except Denied as error:
            return _told(console, entry, 403, str(error))
        except BadForm as error:
            return _told(console, entry, 400, str(error), error.problems)
        except StoreError as error:
            log.error("console.store", entry=entry.name, error=type(error).__name__)
            return _told(console, entry, 503, "The database cannot be used now.")

    return serve


async def _serve(console: "Console", entry: Entry, request: Request) -> Response:
    if entry.kind is Kind.API:
        operator = await _bearer(console, request)
        if operator is None:
            refused = {"error": "Send a token: Authorization: Bearer …", "problems": {}}
            return JSONResponse(refused, 401, {"WWW-Authenticate": "Bearer"})
        visit = await _visit(console, entry, request, operator, None)
    else:
        visitor = await visitor_of(console, request, acts=_is_act(entry, request))
        if visitor is None:
            return _to_sign_in(entry, request)
        if not entry.locked and (visitor.locked or visitor.must_change_password):
            return _to_lock(visitor, request)
        visit = await _visit(console, entry, request, visitor.operator, visitor)
    if entry.kind is Kind.STREAM:
        return await cast("Stream", entry.endpoint)(visit, request)
    answer = await run_in_threadpool(_answer, visit, cast("Page", entry.endpoint))
    if request.cookies.get(SAID_COOKIE) and not visit.said_kept:
        answer.delete_cookie(SAID_COOKIE)
    return answer


def _answer(visit: Visit, page: Page) -> Response:
    """Answer in a worker thread; what is read is on record before the answer leaves."""
    answer = page(visit)
    # A form that is shown again, with what is wrong in it, shows the record as well.
    if visit.entry.reads and not 300 <= answer.status_code < 400:
        visit.log_read(visit.entry.reads, visit.home)
    return answer


async def _visit(
    console: "Console",
    entry: Entry,
    request: Request,
    operator: Operator,
    visitor: Visitor | None,
) -> Visit:
    """Return the visit of somebody who may make it. Raises Denied, NotThere, BadForm."""
    if not operator.may(entry.act):
        raise Denied
    form: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    body = b""
    if request.method in UNSAFE:
        await _within_limit(request)
        if entry.kind is Kind.API:
            body = await request.body()
        else:
            form, files = await _form(request)
            _is_ours(console, request, visitor, form)

    def made() -> Visit:
        if any(isinstance(one, int) and one > LARGEST for one in request.path_params.values()):
            raise NotThere
        sight = Sight(console.registry, operator)
        home, scheme = request.path_params.get("home"), request.path_params.get("scheme")
        if home is not None and not sight.may_see(home):
            raise NotThere(f"There is no home {home}.")
        if scheme is not None and not operator.sees_scheme(scheme):
            raise NotThere(f"There is no scheme {scheme}.")
        return Visit(
            console, request, entry, operator, visitor=visitor, form=form, files=files, body=body
        )

    return await run_in_threadpool(made)


def _is_act(entry: Entry, request: Request) -> bool:
    """Whether a person asks: what a page loads by itself does not put off the idle lock."""
    if entry.kind is not Kind.PAGE or REFRESH_HEADER in request.headers:
        return False
    # A page that loads itself again (without scripts) is a navigation that no hand began.
    is_moved = request.headers.get("sec-fetch-mode") == "navigate"
    by_hand = request.headers.get("sec-fetch-user") == "?1"
    return request.method in UNSAFE or by_hand or not is_moved


async def visitor_of(console: "Console", request: Request, *, acts: bool) -> Visitor | None:
    """Return whose session a request carries, or None."""
    token = request.cookies.get(console.session_cookie)
    if not token:
        return None
    return await run_in_threadpool(console.accounts.visitor, token, console.wall(), acts=acts)


async def _bearer(console: "Console", request: Request) -> Operator | None:
    header = request.headers.get("authorization", "")
    if not header.lower().startswith(BEARER):
        return None
    token = header[len(BEARER) :].strip()
    return await run_in_threadpool(console.accounts.bearer, token, console.wall())


# --- forms ------------------------------------------------------------------------------------


async def form_of(request: Request) -> dict[str, str]:
    """Return the last value of each field, for pages of kind `open`. Raises BadForm."""
    await _within_limit(request, OPEN_BYTES_MAX)
    form, _ = await _form(request)
    return {name: values[-1] for name, values in form.items() if values}


async def _within_limit(request: Request, most: int = BODY_BYTES_MAX) -> None:
    """Read the body as far as it may go. Raises BadForm."""
    too_long = BadForm({"": f"This is more than {most // 1024:,} kB."})
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > most:
        raise too_long
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise too_long
        parts.append(part)
    request._body = b"".join(parts)  # noqa: SLF001 - where starlette itself keeps what was read


async def _form(request: Request) -> tuple[dict[str, list[str]], dict[str, Upload]]:
    """Return the fields and the files of a form. Raises BadForm."""
    form: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    try:
        async with request.form(
            max_files=1, max_fields=MAX_FIELDS, max_part_size=BODY_BYTES_MAX
        ) as fields:
            for name, value in fields.multi_items():
                if isinstance(value, UploadFile):
                    files[name] = Upload(value.filename or "", await value.read())
                else:
                    form.setdefault(name, []).append(value)
        # Nor may it name a charset in which it says what no text says.
        "".join(word for name, values in form.items() for word in (name, *values)).encode()
    except (HTTPException, UnicodeError, LookupError):
        raise BadForm({"": "This form could not be read: send it again."}) from None
    return form, files


def _is_ours(
    console: "Console",
    request: Request,
    visitor: Visitor | None,
    form: Mapping[str, Sequence[str]],
) -> None:
    """Raise Denied unless a form was sent from a page of ours, in this session."""
    if not sent_from_here(console, request):
        raise Denied("This was sent from another site, and was not done.")
    token = request.headers.get(CSRF_HEADER) or next(iter(form.get(CSRF_FIELD, ())), "")
    if visitor is None or not hmac.compare_digest(token.encode(), visitor.csrf.encode()):
        raise Denied("This page is from an older session: go back, load it again, and repeat.")


def sent_from_here(console: "Console", request: Request) -> bool:
    """Whether the browser says that a request comes from a page of ours."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin")
    if origin is None:
        return False
    try:
        host = urlsplit(origin).netloc
    except ValueError:
        return False
    ours = {request.headers.get("host", "")}
    if console.settings.public_url is not None:
        ours.add(urlsplit(console.settings.public_url).netloc)
    return bool(host) and host in ours


# --- answers of the guard's own ---------------------------------------------------------------


def _to_sign_in(entry: Entry, request: Request) -> Response:
    if entry.kind is Kind.STREAM or request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    back = request.url.path if request.method == "GET" else "/"
    return RedirectResponse(f"/sign-in?next={quote(back)}", status_code=303)


def _to_lock(visitor: Visitor, request: Request) -> Response:
    where = "/password" if visitor.must_change_password else "/lock"
    if request.headers.get("hx-request"):
        return Response(status_code=204, headers={"HX-Redirect": where})
    back = request.url.path if request.method == "GET" else "/"
    return RedirectResponse(f"{where}?next={quote(back)}", status_code=303)


def _told(
    console: "Console",
    entry: Entry,
    status: int,
    what: str,
    problems: Mapping[str, str] | None = None,
) -> Response:
    if entry.kind is Kind.API:
        return JSONResponse({"error": what, "problems": dict(problems or {})}, status)
    page = console.pages.render_open(
        "error.html", status=status, what=what, problems=dict(problems or {})
    )
    return HTMLResponse(page, status_code=status)
