"""Signing in and out, and the lock of a desk that somebody has left.

One's own password and codes are `account`; what an attempt costs, the accounts'.
"""

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from telecared.accounts_port import NotProven, SignIn, Tried
from telecared.core.operators import Act
from telecared.core.vocabulary import MINUTE, SECOND, Duration
from telecared.errors import StoreError
from telecared.web import cookies
from telecared.web.errors import BadForm
from telecared.web.guard import form_of, sent_from_here, visitor_of
from telecared.web.providing import BACK
from telecared.web.routes import Entry, Kind
from telecared.web.visit import Visit

if TYPE_CHECKING:
    from telecared.web.console import Console

SIGN_IN: Final = "/sign-in"
CODE: Final = "/sign-in/code"
PROVIDER: Final = "/sign-in/provider"

WRONG: Final = "The name or the password is wrong, or you may not sign in: try again."
WRONG_CODE: Final = "The code is wrong or was used already: wait for the next one."
NOT_IT: Final = "The password is wrong: try again."
UNKNOWN: Final = "Nobody here is known by your account there: ask an administrator to add you."
ELSEWHERE: Final = "This was sent from another site, and was not done: sign in here."
TOO_LATE: Final = "That took too long: sign in again."
BROKEN: Final = "The database of the console cannot be used now: tell whoever keeps it running."

PROVIDER_TIME: Final[Duration] = 10 * MINUTE
"""How long signing in at a provider may take."""


def wait_words(wait: Duration) -> str:
    """Return what to say to somebody who has to wait."""
    seconds = -(-wait // SECOND)
    return f"That was wrong too often: wait {seconds} seconds, then try again."


# --- signing in ---------------------------------------------------------------------------------


async def sign_in(console: "Console", request: Request) -> Response:
    """Show the form, or try a name and a password."""
    if request.method == "GET":
        after = cookies.own_path(request.query_params.get("next", "/"))
        try:
            visitor = await visitor_of(console, request, acts=False)
            known = await run_in_threadpool(console.accounts.operators)
        except StoreError:
            return _form(console, after, BROKEN, status=503)
        if visitor is not None:
            return RedirectResponse(after, status_code=303)
        return _form(console, after, is_new=not known)
    try:
        form = await form_of(request)
    except BadForm as error:
        return _form(console, "/", str(error), status=400)
    after = cookies.own_path(form.get("next", "/"))
    if not sent_from_here(console, request):
        return _form(console, after, ELSEWHERE, status=403)
    name = form.get("name", "").strip()

    def tried() -> SignIn:
        return console.accounts.sign_in(
            name,
            form.get("password", ""),
            address=cookies.address_of(console, request),
            browser=cookies.read(console, request, cookies.BROWSER),
            now=console.wall(),
        )

    try:
        came = await run_in_threadpool(tried)
    except StoreError:
        return _form(console, after, BROKEN, status=503, name=name)
    match came.tried:
        case Tried.DONE:
            return _signed_in(console, came, after)
        case Tried.CODE:
            answer = RedirectResponse(f"{CODE}?next={quote(after)}", status_code=303)
            cookies.begin_half(console, answer, came.token)
            return answer
        case Tried.WAIT:
            return _form(console, after, wait_words(came.wait), status=429, name=name)
        case Tried.WRONG:
            return _form(console, after, WRONG, status=400, name=name)


def _form(
    console: "Console",
    after: str,
    problem: str = "",
    *,
    status: int = 200,
    name: str = "",
    is_new: bool = False,
) -> Response:
    page = console.pages.render_open(
        "sign_in/sign_in.html",
        problems={"name": problem} if problem else {},
        name=name,
        after=after,
        is_new=is_new,
        provider="" if console.provider is None else console.provider.label,
    )
    return HTMLResponse(page, status_code=status)


def _signed_in(console: "Console", came: SignIn, after: str) -> Response:
    answer = RedirectResponse(after, status_code=303)
    cookies.begin_session(console, answer, came.token, came.browser, came.lasts)
    return answer


async def sign_in_code(console: "Console", request: Request) -> Response:
    """Show the form for the second step, or try a code."""
    half = cookies.read(console, request, cookies.HALF)
    if request.method == "GET":
        after = cookies.own_path(request.query_params.get("next", "/"))
        return _code_form(console, after) if half else RedirectResponse(SIGN_IN, status_code=303)
    try:
        form = await form_of(request)
    except BadForm as error:
        return _code_form(console, "/", str(error), status=400)
    after = cookies.own_path(form.get("next", "/"))
    if not sent_from_here(console, request):
        return _form(console, after, ELSEWHERE, status=403)

    def tried() -> SignIn:
        return console.accounts.confirm(
            half,
            form.get("code", ""),
            address=cookies.address_of(console, request),
            browser=cookies.read(console, request, cookies.BROWSER),
            now=console.wall(),
        )

    try:
        came = await run_in_threadpool(tried)
    except StoreError:
        return _code_form(console, after, BROKEN, status=503)
    match came.tried:
        case Tried.DONE:
            return _signed_in(console, came, after)
        case Tried.CODE:
            return _code_form(console, after, WRONG_CODE, status=400)
        case Tried.WAIT:
            return _code_form(console, after, wait_words(came.wait), status=429)
        case Tried.WRONG:
            return _form(console, after, TOO_LATE, status=400)


def _code_form(console: "Console", after: str, problem: str = "", *, status: int = 200) -> Response:
    page = console.pages.render_open(
        "sign_in/code.html", problems={"code": problem} if problem else {}, after=after
    )
    return HTMLResponse(page, status_code=status)


# --- through a provider -------------------------------------------------------------------------


async def provider(console: "Console", _: Request) -> Response:
    """Send the browser to the identity provider."""
    there = console.provider
    if there is None:
        return RedirectResponse(SIGN_IN, status_code=303)
    try:
        address, kept = await run_in_threadpool(there.begin, console.wall())
    except NotProven as error:
        return _form(console, "/", str(error), status=503)
    answer = RedirectResponse(address, status_code=303)
    cookies.write(console, answer, cookies.PROVIDER, kept, PROVIDER_TIME)
    return answer


async def provider_back(console: "Console", request: Request) -> Response:
    """Take back whom the identity provider has proven to be there."""
    there = console.provider
    if there is None:
        return RedirectResponse(SIGN_IN, status_code=303)
    kept = cookies.read(console, request, cookies.PROVIDER)
    asked = request.query_params

    def tried() -> SignIn:
        now = console.wall()
        known_as = there.finish(
            kept, state=asked.get("state", ""), code=asked.get("code", ""), now=now
        )
        address = cookies.address_of(console, request)
        return console.accounts.sign_in_known(known_as, address=address, now=now)

    try:
        came = await run_in_threadpool(tried)
    except NotProven as error:
        return _form(console, "/", str(error), status=400)
    except StoreError:
        return _form(console, "/", BROKEN, status=503)
    if came.tried is not Tried.DONE:
        return _form(console, "/", UNKNOWN, status=403)
    return _signed_in(console, came, "/")


# --- leaving ------------------------------------------------------------------------------------


def sign_out(visit: Visit) -> Response:
    """End the session."""
    visit.console.accounts.sign_out(_token(visit), visit.wall)
    answer = visit.redirect(SIGN_IN)
    cookies.drop(visit.console, answer, visit.console.session_cookie)
    return answer


def awake(visit: Visit) -> Response:
    """Somebody moves a hand at the desk: the guard has put off the lock already."""
    del visit
    return Response(status_code=204)


def lock(visit: Visit) -> Response:
    """Lock the session (POST), or show that it is locked."""
    if visit.request.method == "GET":
        after = cookies.own_path(visit.query.get("next", "/"))
        if visit.visitor is not None and not visit.visitor.locked:
            return visit.redirect(after)
        return _locked(visit, after)
    visit.console.accounts.lock(_token(visit), visit.wall)
    came_from = urlsplit(visit.request.headers.get("referer", "")).path or "/"
    return visit.redirect(f"/lock?next={quote(cookies.own_path(came_from))}")


def unlock(visit: Visit) -> Response:
    """Try the password of whoever locked the session."""
    after = cookies.own_path(visit.form.get("next", "/"))
    came = visit.console.accounts.unlock(
        _token(visit),
        visit.form.get("password", ""),
        address=cookies.address_of(visit.console, visit.request),
        now=visit.wall,
    )
    if came.tried is Tried.DONE:
        return visit.redirect(after)
    if came.tried is Tried.WAIT:
        return _locked(visit, after, wait_words(came.wait), status=429)
    return _locked(visit, after, NOT_IT, status=400)


def _locked(visit: Visit, after: str, problem: str = "", *, status: int = 200) -> Response:
    account = visit.console.accounts.operator(visit.operator.id)
    provider = visit.console.provider
    return visit.render(
        "sign_in/lock.html",
        status=status,
        nav=[],
        problems={"password": problem} if problem else {},
        after=after,
        has_password=account is not None and account.has_password,
        provider="" if provider is None else provider.label,
    )


def _token(visit: Visit) -> str:
    return visit.request.cookies.get(visit.console.session_cookie, "")


ENTRIES: tuple[Entry, ...] = (
    Entry(path=SIGN_IN, name="sign_in", endpoint=sign_in, methods=("GET", "POST"), kind=Kind.OPEN),
    Entry(
        path=CODE,
        name="sign_in_code",
        endpoint=sign_in_code,
        methods=("GET", "POST"),
        kind=Kind.OPEN,
    ),
    Entry(path=PROVIDER, name="sign_in_provider", endpoint=provider, kind=Kind.OPEN),
    Entry(path=BACK, name="sign_in_provider_back", endpoint=provider_back, kind=Kind.OPEN),
    Entry(
        path="/sign-out",
        name="sign_out",
        endpoint=sign_out,
        methods=("POST",),
        act=Act.OWN_ACCOUNT,
        locked=True,
    ),
    Entry(path="/awake", name="awake", endpoint=awake, methods=("POST",), act=Act.OWN_ACCOUNT),
    Entry(
        path="/lock",
        name="lock",
        endpoint=lock,
        methods=("GET", "POST"),
        act=Act.OWN_ACCOUNT,
        locked=True,
    ),
    Entry(
        path="/unlock",
        name="unlock",
        endpoint=unlock,
        methods=("POST",),
        act=Act.OWN_ACCOUNT,
        locked=True,
    ),
)
