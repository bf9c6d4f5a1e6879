"""Nobody who works for one scheme sees or touches another: asked of every route there is.

The route table says what there is; a route whose parameters this file does not know fails, so that
none can be forgotten.
"""

import re
from collections.abc import Iterator
from typing import Final

import httpx
import pytest

from telecared.accounts_port import Draft
from telecared.core.operators import MAY, Role
from telecared.core.vocabulary import DAY
from telecared.web.entries import all_entries
from telecared.web.routes import Entry, Kind
from tests.web.centre import PASSWORD, Centre
from tests.web.town import NORTH, SOUTH, homes_yaml

MINE: Final = "larch-12"
THEIRS: Final = ("oak-1", f"@scheme/{SOUTH}", "@site", "nobody-9")
"""A home of another scheme, another scheme itself, the site, and a home that is not there."""

FILLED: Final = {
    "n:int": "1",
    "act": "take",
    "what": "begin",
    "part": "record",
    "rule": "not-up",
    "trial": "1",
    "operator:int": "1",
    "token:int": "1",
}
"""What stands in a path beside the home and the scheme."""

FOREIGN: Final = re.compile(
    r"oak-\d|Oak Street|southside|Mbeki|Ivor Price|Nia Price|Quill|900[23]0[567]", re.IGNORECASE
)
"""Whatever names a home of the other scheme, its people, or whoever works for it."""

_VARIANTS: Final = ("", "?as=csv", "?all=1&q=mrs", f"?scheme={SOUTH}")
"""What a list may be asked for."""

_PARAMETER: Final = re.compile(r"\{(\w+(?::\w+)?)\}")

ENTRIES: Final = tuple(entry for entry in all_entries() if entry.kind is not Kind.OPEN)
PAGES: Final = tuple(entry for entry in ENTRIES if entry.kind is Kind.PAGE)


def path_of(entry: Entry, home: str, scheme: str) -> str:
    """The path of a route, about a home or a scheme."""
    known = {**FILLED, "home:path": home, "scheme": scheme}
    names = _PARAMETER.findall(entry.path)
    assert set(names) <= set(known), f"{entry.name}: say above what stands for {names}"
    return _PARAMETER.sub(lambda found: known[found[1]], entry.path)


def is_about(entry: Entry) -> bool:
    """Whether a route is about one home or one scheme."""
    return "{home" in entry.path or "{scheme" in entry.path


class Northside:
    """People of every role who work for one scheme, with a session and a token each."""

    def __init__(self, centre: Centre) -> None:
        self.sessions: dict[Role, httpx.Client] = {}
        self.secrets: dict[Role, str] = {}
        for role in Role:
            draft = Draft(name=f"Only {role}", role=role, schemes=(NORTH,))
            centre.accounts.add(draft, PASSWORD, must_change=False, by=None, now=centre.now())
            cookie = centre.cookie(f"Only {role}")
            self.sessions[role] = httpx.Client(
                base_url=centre.url,
                cookies={"tc-session": cookie},
                headers={"Sec-Fetch-Site": "same-origin"},
                timeout=20,
            )
            visitor = centre.accounts.visitor(cookie, centre.now(), acts=True)
            assert visitor is not None
            self.secrets[role] = visitor.csrf

    def ask(self, role: Role, entry: Entry, path: str, method: str) -> httpx.Response:
        """Make one request as one of them."""
        client = self.sessions[role]
        if method == "GET":
            return client.get(path)
        return client.request(method, path, data={"csrf": self.secrets[role]})

    def close(self) -> None:
        """Let go of the connections."""
        for client in self.sessions.values():
            client.close()


@pytest.fixture(scope="module")
def north(centre: Centre) -> Iterator[Northside]:
    """People of one scheme."""
    made = Northside(centre)
    yield made
    made.close()


def test_the_words_that_give_another_scheme_away_are_those_of_its_homes() -> None:
    """What the other tests look for is there to be found."""
    blocks = homes_yaml().split("  - id: ")[1:]
    for block in blocks:
        told = "\n".join(line for line in block.splitlines() if "person:" not in line)
        assert bool(FOREIGN.search(told)) == (f"scheme: {SOUTH}" in block), block[:80]


@pytest.mark.parametrize(
    "entry", [entry for entry in PAGES if is_about(entry)], ids=lambda entry: entry.name
)
def test_what_is_about_another_scheme_does_not_exist(north: Northside, entry: Entry) -> None:
    """The answer is that of a home that nobody registered, for every role and method."""
    for role in Role:
        # One role asks for everything that there might be; of the others one home tells enough.
        every = role is Role.ADMINISTRATOR and "{home" in entry.path
        homes = THEIRS if every else THEIRS[:1]
        may = entry.act in MAY[role]
        for method in entry.methods:
            told = set()
            for home in homes:
                path = path_of(entry, home, SOUTH)
                answer = north.ask(role, entry, path, method)
                assert answer.status_code == (404 if may else 403), (role, path)
                told.add(answer.text.replace(home, "").replace(SOUTH, ""))
            assert not any(FOREIGN.search(text) for text in told), (role, entry.name)
            assert len(told) == 1, (role, entry.name, "the answers differ")


@pytest.mark.parametrize(
    "entry",
    [entry for entry in PAGES if "GET" in entry.methods],
    ids=lambda entry: entry.name,
)
def test_no_page_of_ones_own_names_anything_of_another_scheme(
    north: Northside, entry: Entry
) -> None:
    """Lists, files and a home's own pages, as every role sees them; never an error of ours."""
    lists = not is_about(entry)
    for role in (role for role in Role if entry.act in MAY[role]) if lists else (Role.SUPERVISOR,):
        for more in _VARIANTS if lists else ("",):
            answer = north.ask(role, entry, path_of(entry, MINE, NORTH) + more, "GET")
            assert answer.status_code < 500, (role, entry.name, more)
            text = answer.text.replace(f"?scheme={SOUTH}", "").replace(f"scheme={SOUTH}", "")
            text = text.replace(f"There is no scheme {SOUTH}", "")
            found = FOREIGN.search(text)
            assert found is None, (role, entry.name, more, text[found.start() - 80 : found.end()])


def test_the_api_knows_nothing_of_another_scheme(centre: Centre, north: Northside) -> None:
    """The same, by token."""
    draft = Draft(name="northside's own system", role=Role.SUPERVISOR, schemes=(NORTH,))
    _, secret = centre.accounts.add_token(draft, lasts=DAY, by=None, now=centre.now())
    entries = [entry for entry in ENTRIES if entry.kind is Kind.API]
    assert entries
    with httpx.Client(
        base_url=centre.url, headers={"Authorization": f"Bearer {secret}"}, timeout=20
    ) as client:
        for entry in entries:
            for method in entry.methods:
                if is_about(entry):
                    for home in THEIRS:
                        answer = client.request(method, path_of(entry, home, SOUTH))
                        assert answer.status_code == 404, (entry.name, home, answer.text[:200])
                elif method == "GET":
                    answer = client.get(path_of(entry, MINE, NORTH))
                    assert answer.status_code == 200, (entry.name, answer.text[:200])
                    assert FOREIGN.search(answer.text) is None, entry.name
