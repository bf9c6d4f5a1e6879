"""One's own account: password, code from a phone, sessions elsewhere.

What administrators do to others is `people`.
"""

from typing import Final

import segno
from markupsafe import Markup
from starlette.responses import Response

from telecared.accounts_port import Account, SignIn, Tried
from telecared.adapters.console_db import provisioning_address
from telecared.core.operators import Act
from telecared.core.sign_in import SHORTEST_PASSWORD, password_problem
from telecared.web import cookies
from telecared.web.errors import NotThere
from telecared.web.routes import Entry, Page
from telecared.web.views.sign_in import NOT_IT, wait_words
from telecared.web.visit import Visit
from telecared.web.wall_times import shown_on_the_wall

WRONG_CODE: Final = "The code is wrong: write the six digits that the phone shows now."
NOT_TWICE: Final = "The new passwords are not the same: write it twice."
SAME: Final = "This is the password you have: write a new one."

QR_BORDER: Final = 4
"""Cells of white around it, without which many phones do not find it."""


def account(visit: Visit) -> Response:
    """Show one's own account."""
    return _shown(visit)


def _shown(visit: Visit, problems: dict[str, str] | None = None, status: int = 200) -> Response:
    mine = _mine(visit)
    sessions = visit.console.accounts.sessions(visit.wall, operator=mine.id)
    return visit.render(
        "sign_in/account.html",
        when=shown_on_the_wall(visit),
        status=status,
        account=mine,
        sessions=sessions,
        this=_session(visit),
        problems=problems or {},
        pending=bool(visit.console.accounts.pending_code(mine.id)),
    )


def _mine(visit: Visit) -> Account:
    mine = visit.console.accounts.operator(visit.operator.id)
    if mine is None:
        raise NotThere
    return mine


def _session(visit: Visit) -> int:
    if visit.visitor is None:
        raise NotThere
    return visit.visitor.session


def _problem(came: SignIn) -> str:
    """Return what to say of an attempt that failed, "" for one that did not."""
    if came.tried is Tried.WAIT:
        return wait_words(came.wait)
    return "" if came.tried is Tried.DONE else NOT_IT


def _proven(visit: Visit) -> str:
    """Return what is wrong with the password of a form, "" where it is theirs."""
    return _problem(
        visit.console.accounts.prove(
            _session(visit),
            visit.form.get("password", ""),
            address=cookies.address_of(visit.console, visit.request),
            now=visit.wall,
        )
    )


# --- the password -------------------------------------------------------------------------------


def password(visit: Visit) -> Response:
    """Show the form for a new password, or take it."""
    if visit.request.method == "GET":
        return _password_form(visit, cookies.own_path(visit.query.get("next", "/account")), {})
    after = cookies.own_path(visit.form.get("next", "/account"))
    new = visit.form.get("new", "")
    problems = _password_problems(visit, new)
    if not problems:
        came = visit.console.accounts.change_password(
            _session(visit),
            visit.form.get("password", ""),
            new,
            address=cookies.address_of(visit.console, visit.request),
            now=visit.wall,
        )
        wrong = _problem(came)
        if not wrong:
            return visit.redirect(after, said="Your password is changed; other sessions ended.")
        problems = {"password": wrong}
    return _password_form(visit, after, problems)


def _password_problems(visit: Visit, new: str) -> dict[str, str]:
    problem = password_problem(new, visit.operator.name)
    if problem is not None:
        return {"new": problem}
    if new == visit.form.get("password", ""):
        return {"new": SAME}
    if new != visit.form.get("again", ""):
        return {"again": NOT_TWICE}
    return {}


def _password_form(visit: Visit, after: str, problems: dict[str, str]) -> Response:
    return visit.render(
        "sign_in/password.html",
        status=400 if problems else 200,
        after=after,
        problems=problems,
        shortest=SHORTEST_PASSWORD,
        must=visit.visitor is not None and visit.visitor.must_change_password,
    )


# --- codes from a phone -------------------------------------------------------------------------


def begin_code(visit: Visit) -> Response:
    """Make a new secret for a phone."""
    wrong = _proven(visit)
    if wrong:
        return _shown(visit, {"password": wrong}, 400)
    visit.console.accounts.begin_code(visit.operator.id, visit.wall)
    return visit.redirect("/account/code")


def code(visit: Visit) -> Response:
    """Show the secret that waits for its first code, or take that code."""
    secret = visit.console.accounts.pending_code(visit.operator.id)
    if not secret:
        return visit.redirect("/account")
    if visit.request.method == "GET":
        return _code_form(visit, secret)
    recovery = visit.console.accounts.take_code(
        visit.operator.id, visit.form.get("code", ""), visit.wall
    )
    if not recovery:
        return _code_form(visit, secret, WRONG_CODE)
    return visit.render("sign_in/recovery.html", codes=recovery)


def _code_form(visit: Visit, secret: str, problem: str = "") -> Response:
    issuer = visit.console.settings.title
    address = provisioning_address(secret, visit.operator.name, issuer)
    return visit.render(
        "sign_in/phone.html",
        status=400 if problem else 200,
        problems={"code": problem} if problem else {},
        qr=qr_of(address),
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
    )


def qr_of(text: str) -> Markup:
    """Return a text as a picture for a phone's camera: SVG without styles, black on white."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(
        border=QR_BORDER,
        dark="#000",
        light="#fff",
        svgclass="tc-qr",
        lineclass=None,
        omitsize=True,
    )
    # Drawn by the library from modules: nothing of the text stands in it.
    return Markup(drawn)  # noqa: S704 - see above


def drop_code(visit: Visit) -> Response:
    """Do without codes from now on."""
    wrong = _proven(visit)
    if wrong:
        return _shown(visit, {"password": wrong}, 400)
    visit.console.accounts.drop_code(visit.operator.id, by=visit.operator.id, now=visit.wall)
    return visit.redirect("/account", said="No code is asked for any more.")


# --- sessions -----------------------------------------------------------------------------------


def end_others(visit: Visit) -> Response:
    """End one's sessions elsewhere."""
    me = visit.operator.id
    ended = visit.console.accounts.revoke(me, but=_session(visit), by=me, now=visit.wall)
    return visit.redirect("/account", said=f"Sessions that ended: {ended}.")


def _entry(path: str, name: str, endpoint: Page, *methods: str, locked: bool = False) -> Entry:
    return Entry(
        path=path,
        name=name,
        endpoint=endpoint,
        act=Act.OWN_ACCOUNT,
        methods=methods or ("GET",),
        locked=locked,
    )


ENTRIES: tuple[Entry, ...] = (
    _entry("/account", "account", account),
    _entry("/password", "password", password, "GET", "POST", locked=True),
    _entry("/account/code", "account_code", code, "GET", "POST"),
    _entry("/account/code/begin", "account_code_begin", begin_code, "POST"),
    _entry("/account/code/drop", "account_code_drop", drop_code, "POST"),
    _entry("/account/sessions/end", "account_sessions_end", end_others, "POST"),
)
