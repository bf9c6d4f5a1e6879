"""Operators as administrators see them: added, edited, given a password, let out; and the log.

An administrator of some schemes has to do only with those who see no more. API tokens are
`tokens`, one's own account `account`.
"""

import base64
from collections.abc import Sequence
from typing import Final

import msgspec
from starlette.responses import Response

from telecared.accounts_port import Account, Draft, LogEntry
from telecared.adapters.entropy import salt
from telecared.core.operators import Act, Role
from telecared.core.sign_in import (
    LONGEST_NAME,
    clean_name,
    is_within,
    name_problem,
    schemes_problem,
)
from telecared.core.windows import rfc3339
from telecared.errors import Refused
from telecared.web.errors import NotThere
from telecared.web.routes import Entry
from telecared.web.tables import csv_answer, wants_csv
from telecared.web.visit import Visit
from telecared.web.wall_times import shown_on_the_wall

TEMPORARY_BYTES: Final = 10
LOG_LINES: Final = 200
"""On one page of the log."""

LOG_LINES_CSV: Final = 50_000
LONGEST_LIST: Final = 10_000

ROLES: Final = (
    (Role.OPERATOR, "Operator", "sees and takes alerts, sees homes, suspends"),
    (Role.SUPERVISOR, "Supervisor", "also edits homes, tests equipment, sees reports"),
    (Role.ADMINISTRATOR, "Administrator", "also people, tokens and the log of sign-ins"),
    (Role.INSTALLER, "Installer", "sees homes and tests equipment, no alerts"),
    (Role.AUDITOR, "Auditor", "sees everything and changes nothing"),
)
"""Role, its words, and what it may."""

LOG_WORDS: Final = {
    "sign_in": "signed in",
    "sign_in_failed": "failed to sign in",
    "sign_out": "signed out",
    "code_failed": "wrong code",
    "code_begun": "began to set up a phone",
    "code_taken": "set up a phone",
    "code_dropped": "codes no longer asked for",
    "recovery_code_used": "used a code for recovery",
    "provider_unknown": "came from the provider, unknown here",
    "unlock_failed": "failed to unlock",
    "password_failed": "wrong password before a change",
    "password_changed": "changed the password",
    "reset": "was given a new password",
    "disabled": "let in no more",
    "enabled": "let in again",
    "sessions_ended": "sessions ended",
    "token_made": "made an API token",
    "token_ended": "ended an API token",
}
"""What a line of the log is called, where its own word is not enough."""

OWN: Final = "Your own password and codes are changed under Account, by whoever knows the password."
"""Else whoever finds an administrator's desk open could make it theirs."""

EVERY: Final = "every"
SOME: Final = "some"


class Given(msgspec.Struct):
    """What a form says of an operator or a token, as typed."""

    name: str = ""
    role: str = Role.OPERATOR.value
    which: str = SOME
    schemes: tuple[str, ...] = ()
    more: str = ""
    known_as: str = ""


def temporary_password() -> str:
    """Return a password to be read to somebody, who must change it."""
    letters = base64.b32encode(salt()[:TEMPORARY_BYTES]).decode().lower()
    return "-".join(letters[at : at + 4] for at in range(0, len(letters), 4))


# --- what a form says ---------------------------------------------------------------------------


def given_by(visit: Visit) -> Given:
    """Return what a form says of an operator or a token."""
    return Given(
        name=clean_name(visit.field("name", longest=2 * LONGEST_NAME)),
        role=visit.field("role", longest=LONGEST_NAME),
        which=visit.field("which", longest=LONGEST_NAME),
        schemes=tuple(visit.several.get("schemes", ())),
        more=visit.field("more", longest=LONGEST_LIST),
        known_as=visit.field("known_as", longest=2 * LONGEST_NAME),
    )


def draft_of(
    visit: Visit, given: Given, roles: Sequence[Role] = tuple(Role)
) -> tuple[Draft | None, dict[str, str]]:
    """Return what is to be written down, or what is wrong with it."""
    problems: dict[str, str] = {}
    wrong = name_problem(given.name)
    if wrong:
        problems["name"] = wrong
    role = next((each for each in roles if each == given.role), None)
    if role is None:
        problems["role"] = "Choose a role."
    schemes: tuple[str, ...] | None = None
    if given.which != EVERY:
        typed = given.more.replace(",", " ").split()
        schemes = tuple(sorted({*given.schemes, *typed}))
        wrong = schemes_problem(schemes)
        if wrong:
            problems["which"] = wrong
    if not is_within(schemes, visit.operator.schemes):
        problems["which"] = "Choose among the schemes that you see yourself."
    if len(given.known_as) > LONGEST_NAME:
        problems["known_as"] = f"Write at most {LONGEST_NAME} characters."
    if problems or role is None:
        return None, problems
    return Draft(name=given.name, role=role, schemes=schemes, known_as=given.known_as), {}


def scheme_choices(visit: Visit) -> dict[str, object]:
    """Return what a form needs to ask for schemes."""
    return {
        "scheme_pairs": [(scheme, scheme) for scheme in visit.sight.schemes()],
        "may_give_every": visit.operator.schemes is None,
    }


# --- operators ----------------------------------------------------------------------------------


def _theirs(visit: Visit) -> list[Account]:
    """Return the operators with whom whoever asks has to do."""
    mine = visit.operator.schemes
    return [each for each in visit.console.accounts.operators() if is_within(each.schemes, mine)]


def _account(visit: Visit) -> Account:
    """Return the operator that the path names. Raises NotThere."""
    found = visit.console.accounts.operator(int(visit.path["operator"]))
    if found is None or not is_within(found.schemes, visit.operator.schemes):
        raise NotThere("There is no such operator.")
    return found


def people(visit: Visit) -> Response:
    """List operators."""
    several = _theirs(visit)
    if wants_csv(visit):
        head = ("id", "name", "role", "schemes", "second_step", "disabled", "signed_in_at")
        rows = [
            (
                each.id,
                each.name,
                each.role.value,
                "every" if each.schemes is None else " ".join(each.schemes),
                "code" if each.has_code else "",
                "yes" if each.disabled_at is not None else "",
                _stamp(each.signed_in_at),
            )
            for each in several
        ]
        return csv_answer("people", head, rows)
    return visit.render("people/people.html", accounts=several, when=shown_on_the_wall(visit))


def _stamp(at: int | None) -> str:
    return "" if at is None else rfc3339(at)


def add(visit: Visit) -> Response:
    """Show the form for a new operator, or add one; their password is shown this once."""
    if visit.request.method == "GET":
        return _form(visit, Given(which=SOME if visit.operator.schemes else EVERY), {})
    given = given_by(visit)
    draft, problems = draft_of(visit, given)
    if draft is None:
        return _form(visit, given, problems)
    password = None if "no_password" in visit.form else temporary_password()
    try:
        visit.console.accounts.add(
            draft, password, must_change=True, by=visit.operator.id, now=visit.wall
        )
    except Refused as error:
        return _form(visit, given, {"name": str(error)})
    if password is None:
        return visit.redirect("/people", said="The operator is added.")
    return visit.render("people/given.html", who=draft.name, password=password, is_new=True)


def edit(visit: Visit) -> Response:
    """Show an operator, or write down something else about them."""
    account = _account(visit)
    if visit.request.method == "GET":
        return _edit_form(visit, account, _as_given(account), {})
    given = given_by(visit)
    draft, problems = draft_of(visit, given)
    if draft is not None:
        try:
            visit.console.accounts.change(account.id, draft, by=visit.operator.id, now=visit.wall)
        except Refused as error:
            problems = {"name": str(error)}
        else:
            return visit.redirect(f"/people/{account.id}", said="It is written down.")
    return _edit_form(visit, account, given, problems)


def _as_given(account: Account) -> Given:
    return Given(
        name=account.name,
        role=account.role.value,
        which=EVERY if account.schemes is None else SOME,
        schemes=account.schemes or (),
        known_as=account.known_as,
    )


def _form(visit: Visit, given: Given, problems: dict[str, str]) -> Response:
    return visit.render(
        "people/add.html",
        status=400 if problems else 200,
        given=given,
        problems=problems,
        roles=ROLES,
        provider=visit.console.provider is not None,
        **scheme_choices(visit),
    )


def _edit_form(visit: Visit, account: Account, given: Given, problems: dict[str, str]) -> Response:
    unknown = set(given.schemes) - set(visit.sight.schemes())
    return visit.render(
        "people/edit.html",
        when=shown_on_the_wall(visit),
        status=400 if problems else 200,
        account=account,
        given=given,
        unknown=" ".join(sorted(unknown)),
        problems=problems,
        roles=ROLES,
        provider=visit.console.provider is not None,
        sessions=visit.console.accounts.sessions(visit.wall, operator=account.id),
        **scheme_choices(visit),
    )


def reset(visit: Visit) -> Response:
    """Give a new password, shown this once; codes and sessions are gone."""
    account = _account(visit)
    if account.id == visit.operator.id:
        return _edit_form(visit, account, _as_given(account), {"": OWN})
    password = temporary_password()
    visit.console.accounts.reset(account.id, password, by=visit.operator.id, now=visit.wall)
    return visit.render("people/given.html", who=account.name, password=password, is_new=False)


def disable(visit: Visit) -> Response:
    """Let an operator in no more."""
    account = _account(visit)
    try:
        visit.console.accounts.disable(account.id, by=visit.operator.id, now=visit.wall)
    except Refused as error:
        return _edit_form(visit, account, _as_given(account), {"": str(error)})
    return visit.redirect(f"/people/{account.id}", said="They are let in no more.")


def enable(visit: Visit) -> Response:
    """Let an operator in again."""
    account = _account(visit)
    visit.console.accounts.enable(account.id, by=visit.operator.id, now=visit.wall)
    return visit.redirect(f"/people/{account.id}", said="They may sign in again.")


def end_sessions(visit: Visit) -> Response:
    """End every session of an operator."""
    account = _account(visit)
    ended = visit.console.accounts.revoke(account.id, by=visit.operator.id, now=visit.wall)
    return visit.redirect(f"/people/{account.id}", said=f"Sessions that ended: {ended}.")


def drop_code(visit: Visit) -> Response:
    """Ask an operator for no code any more, whose phone is lost."""
    account = _account(visit)
    if account.id == visit.operator.id:
        return _edit_form(visit, account, _as_given(account), {"": OWN})
    visit.console.accounts.drop_code(account.id, by=visit.operator.id, now=visit.wall)
    return visit.redirect(f"/people/{account.id}", said="They are asked for no code.")


# --- the log ------------------------------------------------------------------------------------


def log(visit: Visit) -> Response:
    """Show what was done about signing in."""
    names = {each.id: each.name for each in _theirs(visit)}
    as_csv = wants_csv(visit)
    asked = visit.query.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None
    entries = visit.console.accounts.log(
        limit=LOG_LINES_CSV if as_csv else LOG_LINES, before=before
    )
    shown = [each for each in entries if _concerns(visit, each, names)]
    if as_csv:
        head = ("id", "at", "what", "operator", "by", "address", "detail")
        rows = [
            (
                each.id,
                _stamp(each.at),
                each.kind,
                names.get(each.operator or 0, ""),
                names.get(each.by or 0, ""),
                each.address,
                each.detail,
            )
            for each in shown
        ]
        return csv_answer("sign-ins", head, rows)
    older = entries[-1].id if len(entries) == LOG_LINES else None
    return visit.render(
        "people/log.html",
        when=shown_on_the_wall(visit),
        entries=shown,
        names=names,
        older=older,
        words=LOG_WORDS,
        may_manage=visit.operator.may(Act.MANAGE_PEOPLE),
    )


def _concerns(visit: Visit, entry: LogEntry, names: dict[int, str]) -> bool:
    """Whether a line is for the eyes of whoever asks."""
    return visit.operator.schemes is None or (entry.operator or entry.by or 0) in names


_ONE: Final = "/people/{operator:int}"
_PEOPLE: Final = Act.MANAGE_PEOPLE

ENTRIES: tuple[Entry, ...] = (
    Entry(path="/people", name="people", endpoint=people, act=_PEOPLE, reads="the operators"),
    Entry(
        path="/people/add", name="people_add", endpoint=add, act=_PEOPLE, methods=("GET", "POST")
    ),
    Entry(
        path=_ONE,
        name="people_edit",
        endpoint=edit,
        act=_PEOPLE,
        methods=("GET", "POST"),
        reads="an operator",
    ),
    *(
        Entry(
            path=f"{_ONE}/{path}",
            name=f"people_{path}",
            endpoint=endpoint,
            act=_PEOPLE,
            methods=("POST",),
        )
        for path, endpoint in (
            ("reset", reset),
            ("disable", disable),
            ("enable", enable),
            ("sessions", end_sessions),
            ("code", drop_code),
        )
    ),
    Entry(
        path="/people/log",
        name="people_log",
        endpoint=log,
        act=Act.SEE_AUDIT,
        reads="the log of sign-ins",
    ),
)
