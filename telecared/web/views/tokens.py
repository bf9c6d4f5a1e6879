"""API tokens as administrators see them: made, shown once, ended.

What a token may do is its role's; the API itself is another view.
"""

from typing import Final

from starlette.responses import Response

from telecared.accounts_port import ApiToken
from telecared.core.operators import Act
from telecared.core.sign_in import LONGEST_TOKEN_LIFE, TOKEN_LIFE, TOKEN_ROLES, is_within
from telecared.core.vocabulary import DAY
from telecared.errors import Refused
from telecared.web.errors import NotThere
from telecared.web.routes import Entry
from telecared.web.views.people import EVERY, ROLES, SOME, Given, draft_of, given_by, scheme_choices
from telecared.web.visit import Visit
from telecared.web.wall_times import shown_on_the_wall

_DAYS_MAX: Final = LONGEST_TOKEN_LIFE // DAY
_DAYS: Final = TOKEN_LIFE // DAY


def _theirs(visit: Visit) -> list[ApiToken]:
    """Return the tokens with which whoever asks has to do."""
    mine = visit.operator.schemes
    return [each for each in visit.console.accounts.tokens() if is_within(each.schemes, mine)]


def tokens(visit: Visit) -> Response:
    """List API tokens, or make one, which is shown this once."""
    if visit.request.method == "GET":
        every = visit.operator.schemes is None
        return _page(visit, Given(which=EVERY if every else SOME), str(_DAYS), {})
    given = given_by(visit)
    typed = visit.field("days", longest=10)
    draft, problems = draft_of(visit, given, TOKEN_ROLES)
    days = int(typed) if typed.isascii() and typed.isdecimal() else 0
    if not 1 <= days <= _DAYS_MAX:
        problems["days"] = f"Write a number of days, from 1 to {_DAYS_MAX}."
    if draft is None or problems:
        return _page(visit, given, typed, problems)
    try:
        _, token = visit.console.accounts.add_token(
            draft, lasts=days * DAY, by=visit.operator.id, now=visit.wall
        )
    except Refused as error:
        return _page(visit, given, typed, {"name": str(error)})
    return visit.render("people/token.html", name=draft.name, token=token)


def _page(visit: Visit, given: Given, days: str, problems: dict[str, str]) -> Response:
    return visit.render(
        "people/tokens.html",
        when=shown_on_the_wall(visit),
        status=400 if problems else 200,
        tokens=_theirs(visit),
        wall=visit.wall,
        given=given,
        days=days,
        problems=problems,
        roles=[each for each in ROLES if each[0] in TOKEN_ROLES],
        **scheme_choices(visit),
    )


def end(visit: Visit) -> Response:
    """End a token."""
    number = int(visit.path["token"])
    if number not in {each.id for each in _theirs(visit)}:
        raise NotThere("There is no such token.")
    try:
        visit.console.accounts.revoke_token(number, by=visit.operator.id, now=visit.wall)
    except Refused as error:
        return visit.redirect("/people/tokens", said=str(error))
    return visit.redirect("/people/tokens", said="The token is ended.")


ENTRIES: tuple[Entry, ...] = (
    Entry(
        path="/people/tokens",
        name="tokens",
        endpoint=tokens,
        act=Act.MANAGE_PEOPLE,
        methods=("GET", "POST"),
    ),
    Entry(
        path="/people/tokens/{token:int}/end",
        name="tokens_end",
        endpoint=end,
        act=Act.MANAGE_PEOPLE,
        methods=("POST",),
    ),
)
