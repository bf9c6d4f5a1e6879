"""What somebody who means harm tries against the console: each of it comes to nothing."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.responses import Response

from telecared.core.operators import Act
from telecared.web.api_acts import _fields
from telecared.web.console import build_app
from telecared.web.errors import BadForm
from telecared.web.guard import OPEN_BYTES_MAX
from telecared.web.headers import strict
from telecared.web.routes import Entry
from telecared.web.visit import Visit
from tests.adapters.console_db_parts import PASSWORD
from tests.web.people_parts import BASE, IDS, Site, enter, opened, send

OLIVE = "Olive Operator"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A console behind TLS with one operator of each role."""
    with opened(tmp_path) as made:
        yield made


def _fails(visit: Visit) -> Response:
    raise RuntimeError(visit.entry.name)


def test_a_page_that_fails_is_as_strict_as_any_other(site: Site) -> None:
    """It is kept by nobody, framed by nobody, and runs nothing."""
    fails = Entry(path="/fails", name="fails", endpoint=_fails, act=Act.OWN_ACCOUNT)
    site.console.entries = (*site.console.entries, fails)
    session = dict(site.signed_in(OLIVE).cookies)
    there = httpx.ASGITransport(app=build_app(site.console), raise_app_exceptions=False)

    async def asked() -> httpx.Response:
        async with httpx.AsyncClient(transport=there, base_url=BASE, cookies=session) as client:
            return await client.get("/fails")

    answer = site._runner.run(asked())

    assert answer.status_code == 500
    wanted = strict(secure=True)
    assert {name: answer.headers.get(name) for name in wanted} == wanted


def test_a_question_about_a_page_is_no_act(site: Site) -> None:
    """HEAD carries no proof that it comes from a page of ours: it changes nothing."""
    client = site.signed_in(OLIVE)

    for path in ("/lock", "/sign-in", "/account"):
        client.request("HEAD", path)

    assert client.get("/account").status_code == 200, "not locked"


@pytest.mark.parametrize(
    ("told", "counts_as"),
    [
        ("198.51.100.9", "198.51.100.9"),
        ("198.51.100.9:50123", "198.51.100.9"),
        ("[2001:db8::9]:50123", "2001:db8::9"),
        ("2001:db8::9", "2001:db8::9"),
    ],
)
def test_a_line_that_the_browser_writes_itself_does_not_hide_who_guesses(
    tmp_path: Path, told: str, counts_as: str
) -> None:
    """Some proxies add a line of their own below it; some tell the port, new for each try."""
    with opened(tmp_path, proxies=("192.0.2.10",)) as site:
        lines = [("X-Forwarded-For", "10.0.0.1"), ("X-Forwarded-For", told)]
        data = {"name": OLIVE, "password": PASSWORD}
        site.client().post("/sign-in", data=data, headers=httpx.Headers(lines))

        (session,) = site.accounts.sessions(site.now)
        assert session.address == counts_as


def test_who_has_not_signed_in_sends_little(site: Site) -> None:
    """A thousand at once would else fill the memory of the process that raises alarms."""
    filler = "x" * OPEN_BYTES_MAX

    assert enter(site.client(), filler=filler) == 400
    answer = site.client().post("/sign-in/code", data={"code": filler})
    assert (answer.status_code, "16 kB" in answer.text) == (400, True)
    assert enter(site.client()) == 303


def test_a_request_that_names_no_host_comes_from_no_page(site: Site) -> None:
    """An origin of `null` and an empty host are not the same place."""
    client = site.client()
    del client.headers["Sec-Fetch-Site"]
    headers = {"Origin": "null", "Host": ""}
    data = {"name": OLIVE, "password": PASSWORD}

    assert client.post("/sign-in", data=data, headers=headers).status_code == 403


def test_a_number_that_no_database_keeps_is_not_there(site: Site) -> None:
    """Nothing fails of which somebody would have to be told."""
    client = site.signed_in("Ada Administrator")

    assert client.get(f"/people/{2**63}").status_code == 404


@pytest.mark.parametrize("leads", ["//[", "/\\[", "//evil.test", "/\tx"])
def test_an_address_that_is_none_leads_to_the_first_page(site: Site, leads: str) -> None:
    """And the form for signing in is there, whatever stands in its address."""
    answer = site.client().get("/sign-in", params={"next": leads})

    assert (answer.status_code, 'name="next" value="/"' in answer.text) == (200, True)


def test_an_open_desk_of_an_administrator_is_not_made_ones_own(site: Site) -> None:
    """A new password without the old one, no code any more: for others, never for oneself."""
    client = site.signed_in("Ada Administrator")
    ada, olive = IDS["Ada Administrator"], IDS[OLIVE]

    for path in ("reset", "code"):
        status, page = send(site, client, f"/people/{ada}/{path}")
        assert (status, "under Account" in page) == (400, True)
    assert enter(site.client(), "Ada Administrator") == 303
    assert send(site, client, f"/people/{olive}/reset")[0] == 200


def test_json_of_any_depth_is_refused_like_any_other() -> None:
    """Nothing fails of which somebody would have to be told."""
    with pytest.raises(BadForm, match="object of JSON"):
        _fields(b'{"note":' + b"[" * 100_000, ())


def test_half_an_ipv6_address_guesses_links_as_one(site: Site) -> None:
    """The other half is free to whoever has it."""
    tries = [
        site.client(address=f"2001:db8::{one:x}").get(f"/r/{one:016d}").status_code
        for one in range(1, 32)
    ]

    assert (tries[0], tries[-1]) == (404, 429)
