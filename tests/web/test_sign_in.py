"""Signing in to the console: what a browser keeps, what is refused, how a desk is left."""

from collections.abc import Iterator
from pathlib import Path

import pyotp
import pytest

from telecared.accounts_port import Draft
from telecared.core.operators import Role
from telecared.core.sign_in import IDLE, LIMITS, SESSION
from telecared.core.vocabulary import DAY, MINUTE, SECOND
from telecared.web.cookies import own_path
from telecared.web.guard import REFRESH_HEADER
from tests.adapters.console_db_parts import PASSWORD
from tests.web.people_parts import BASE, IDS, Browser, Site, enter, opened, send

OLIVE = "Olive Operator"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A console behind TLS with one operator of each role."""
    with opened(tmp_path) as made:
        yield made


def test_who_signs_in_comes_to_where_they_wanted(site: Site) -> None:
    """The page that asked for it stands in the address; the form carries it along."""
    client = site.client()

    asked = client.get("/account")
    assert asked.headers["location"] == "/sign-in?next=/account"
    assert 'value="/account"' in client.get(asked.headers["location"]).text
    done = client.post(
        "/sign-in", data={"name": "olive  operator", "password": PASSWORD, "next": "/account"}
    )

    assert (done.status_code, done.headers["location"]) == (303, "/account")
    assert OLIVE in client.get("/account").text
    assert client.get("/sign-in").headers["location"] == "/"


def test_the_cookie_is_for_this_host_over_tls_and_no_script(site: Site) -> None:
    """HttpOnly, Secure, SameSite=Lax, __Host-; it ends with the session."""
    answer = site.client().post("/sign-in", data={"name": OLIVE, "password": PASSWORD})

    (cookie,) = [
        one for one in answer.headers.get_list("set-cookie") if one.startswith("__Host-tc-session=")
    ]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert parts >= {"httponly", "secure", "samesite=lax", "path=/"}
    assert f"max-age={SESSION // SECOND}" in parts
    assert "domain" not in cookie.lower()


def test_without_tls_the_cookie_is_plain_and_still_for_no_script(tmp_path: Path) -> None:
    """A centre's own network: a browser would not take a Secure cookie there."""
    with opened(tmp_path, public_url=None) as site:
        client = site.client(base="http://192.0.2.1:8080")
        answer = client.post("/sign-in", data={"name": OLIVE, "password": PASSWORD})
        cookies = answer.headers.get_list("set-cookie")
        assert any(one.startswith("tc-session=") for one in cookies)
        assert all("HttpOnly" in one and "Secure" not in one for one in cookies)
        assert client.get("/account").status_code == 200


def test_wrong_is_told_without_saying_what_was(site: Site) -> None:
    """The name stays in the form, the password does not."""
    client = site.client()
    answer = client.post("/sign-in", data={"name": OLIVE, "password": "a wrong guess"})
    other = client.post("/sign-in", data={"name": "Nobody", "password": "a wrong guess"})

    assert (answer.status_code, other.status_code) == (400, 400)
    assert answer.text.replace(OLIVE, "Nobody") == other.text
    assert "a wrong guess" not in answer.text


def test_guessing_is_slowed_down_and_the_page_says_how_long(site: Site) -> None:
    """429, with the seconds; another desk signs in meanwhile."""
    client = site.client(address="198.51.100.9")
    for _ in range(LIMITS["name"].free + 1):
        assert enter(client, password="a wrong guess") == 400

    answer = client.post("/sign-in", data={"name": OLIVE, "password": PASSWORD})
    assert answer.status_code == 429
    assert "wait 5 seconds" in answer.text
    assert enter(site.client()) == 303


def test_a_proxy_of_ours_is_believed_about_who_is_behind_it(tmp_path: Path) -> None:
    """And only ours: anybody can write such a line."""
    with opened(tmp_path, proxies=("192.0.2.10",)) as site:
        behind = {"X-Forwarded-For": "10.0.0.1, 198.51.100.9"}
        data = {"name": OLIVE, "password": PASSWORD}
        site.client().post("/sign-in", data=data, headers=behind)
        site.client(address="203.0.113.5").post("/sign-in", data=data, headers=behind)

        addresses = [each.address for each in site.accounts.sessions(site.now)]
        assert addresses == ["203.0.113.5", "198.51.100.9"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "", "Origin": "https://elsewhere.test"},
        {"Sec-Fetch-Site": "", "Origin": "null"},
    ],
)
def test_nobody_is_signed_in_from_another_site(site: Site, headers: dict[str, str]) -> None:
    """Else somebody could work under a name that another one chose."""
    client = site.client()
    answer = client.post("/sign-in", data={"name": OLIVE, "password": PASSWORD}, headers=headers)

    assert answer.status_code == 403
    assert "tc-session" not in str(answer.headers)


def test_a_form_of_another_site_does_nothing(site: Site) -> None:
    """Refused by where it comes from, or, where no browser says so, by its origin."""
    client = site.signed_in(OLIVE)
    csrf = site.csrf(client)

    def sent(headers: dict[str, str], token: str = csrf) -> int:
        answer = client.post("/lock", data={"csrf": token}, headers=headers)
        return answer.status_code

    assert sent({"Sec-Fetch-Site": "cross-site"}) == 403
    assert sent({}, token="made up") == 403
    assert sent({}, token="") == 403
    del client.headers["Sec-Fetch-Site"]
    assert sent({}) == 403, "neither where from nor origin"
    assert sent({"Origin": "https://elsewhere.test"}) == 403
    assert client.get("/account").status_code == 200
    assert sent({"Origin": BASE}) == 303


def test_the_form_of_one_session_is_none_of_another(site: Site) -> None:
    """What the form carries belongs to the cookie."""
    olive, sue = site.signed_in(OLIVE), site.signed_in("Sue Supervisor")

    assert olive.post("/lock", data={"csrf": site.csrf(sue)}).status_code == 403


def test_a_desk_that_is_left_locks_and_opens_with_the_password(site: Site) -> None:
    """Every page leads to the lock; nothing can be done; the way back is kept."""
    client = site.signed_in(OLIVE)
    assert client.get("/account").status_code == 200
    site.now += IDLE

    assert client.get("/account").headers["location"] == "/lock?next=/account"
    assert send(site, client, "/account/sessions/end")[1].startswith("/lock")
    page = client.get("/lock?next=/account").text
    assert "Locked" in page
    assert "/live?view=bell" in page
    assert send(site, client, "/unlock", password="a wrong guess", next="/account")[0] == 400
    assert send(site, client, "/unlock", password=PASSWORD, next="/account") == (303, "/account")
    assert client.get("/account").status_code == 200
    assert client.get("/lock").headers["location"] == "/"


def test_a_page_that_renews_itself_does_not_keep_a_desk_open(site: Site) -> None:
    """A click and a hand on the mouse do; a part that is loaded again, and a refresh, do not."""
    client = site.signed_in(OLIVE)
    by_itself = (
        {"Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Mode": "cors", REFRESH_HEADER: "1"},
    )
    site.now += IDLE - 1
    for headers in by_itself:
        assert client.get("/account", headers=headers).status_code == 200
    site.now += 1
    assert client.get("/account").headers["location"].startswith("/lock")

    assert send(site, client, "/unlock", password=PASSWORD)[0] == 303
    site.now += IDLE - 1
    assert send(site, client, "/awake")[0] == 204
    site.now += IDLE - 1
    clicked = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-User": "?1"}
    assert client.get("/account", headers=clicked).status_code == 200
    site.now += IDLE - 1
    assert client.get("/account").status_code == 200


def test_a_token_is_for_the_api_and_a_cookie_for_pages(site: Site) -> None:
    """Neither opens what the other does; a token ends at once, too."""
    draft = Draft(name="County desk", role=Role.OPERATOR)
    number, token = site.accounts.add_token(draft, lasts=DAY, by=None, now=site.now)
    bearer = {"Authorization": f"Bearer {token}"}
    olive = site.signed_in(OLIVE)
    stranger = site.client()

    def asked(client: Browser, headers: dict[str, str]) -> int:
        return client.get("/asked", headers=headers).status_code

    assert stranger.get("/account", headers=bearer).status_code == 303
    assert asked(stranger, bearer) == 200
    assert asked(olive, {}) == 401
    assert asked(stranger, {"Authorization": f"Basic {token}"}) == 401
    site.accounts.revoke_token(number, by=None, now=site.now)
    assert asked(stranger, bearer) == 401


def test_a_desk_is_locked_by_hand_and_guessing_there_is_slow(site: Site) -> None:
    """The page from which it was locked is where unlocking leads."""
    client = site.signed_in(OLIVE)
    client.headers["Referer"] = f"{BASE}/account"

    assert send(site, client, "/lock") == (303, "/lock?next=/account")
    for _ in range(LIMITS["browser"].free + 1):
        send(site, client, "/unlock", password="a wrong guess")
    status, text = send(site, client, "/unlock", password=PASSWORD)
    assert status == 429
    assert "wait" in text


def test_signing_out_ends_the_session_everywhere_it_is_kept(site: Site) -> None:
    """Also for whoever copied the cookie."""
    client = site.signed_in(OLIVE)
    kept = client.cookies[site.console.session_cookie]

    assert send(site, client, "/sign-out") == (303, "/sign-in")
    client.cookies.clear()
    client.cookies.set(site.console.session_cookie, kept)
    assert client.get("/account").status_code == 303


def test_a_revoked_session_is_over_with_the_next_click(site: Site) -> None:
    """Disabled by an administrator while the page is open."""
    client = site.signed_in(OLIVE)
    ada = site.signed_in("Ada Administrator")
    assert client.get("/account").status_code == 200

    assert send(site, ada, f"/people/{IDS[OLIVE]}/disable")[0] == 303

    assert client.get("/account").headers["location"].startswith("/sign-in")
    htmx = client.get("/account", headers={"HX-Request": "true"})
    assert (htmx.status_code, htmx.headers["hx-redirect"]) == (401, "/sign-in")
    assert enter(site.client()) == 400


def test_a_session_outlives_a_restart_of_the_console(tmp_path: Path) -> None:
    """Nobody signs in again because a daemon was updated."""
    with opened(tmp_path) as before:
        client = before.signed_in(OLIVE)
        token = client.cookies[before.console.session_cookie]
    with opened(tmp_path) as after:
        again = after.client()
        again.cookies.set(after.console.session_cookie, token)
        assert again.get("/account").status_code == 200


def test_a_phone_is_set_up_and_asked_for_from_then_on(site: Site) -> None:
    """The picture needs no style; the codes for recovery are shown once."""
    client = site.signed_in(OLIVE)
    assert send(site, client, "/account/code/begin", password="a wrong guess")[0] == 400
    assert send(site, client, "/account/code/begin", password=PASSWORD) == (303, "/account/code")
    page = client.get("/account/code").text
    assert "<svg" in page
    assert "style=" not in page
    phone = pyotp.TOTP(site.accounts.pending_code(IDS[OLIVE]))
    assert send(site, client, "/account/code", code="000000")[0] == 400
    _, shown = send(site, client, "/account/code", code=phone.at(site.now // SECOND))
    assert "shown only now" in shown
    assert client.get("/account/code").headers["location"] == "/account"

    site.now += MINUTE
    fresh = site.client()
    half = fresh.post("/sign-in", data={"name": OLIVE, "password": PASSWORD, "next": "/account"})
    assert half.headers["location"] == "/sign-in/code?next=/account"
    assert fresh.get("/account").status_code == 303
    assert fresh.get("/sign-in/code").status_code == 200
    assert fresh.post("/sign-in/code", data={"code": "000000"}).status_code == 400
    code = phone.at(site.now // SECOND)
    done = fresh.post("/sign-in/code", data={"code": code, "next": "/account"})
    assert (done.status_code, done.headers["location"]) == (303, "/account")
    assert "code from your phone" in fresh.get("/account").text
    assert send(site, fresh, "/account/code/drop", password=PASSWORD)[0] == 303
    assert enter(site.client()) == 303


def test_the_second_step_without_the_first_leads_back(site: Site) -> None:
    """Nothing to confirm, or too late."""
    client = site.client()

    assert client.get("/sign-in/code").headers["location"] == "/sign-in"
    assert client.post("/sign-in/code", data={"code": "1"}).status_code == 400
    cross = client.post(
        "/sign-in/code", data={"code": "1"}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert cross.status_code == 403


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("/account", "/account"),
        ("/homes?q=larch", "/homes?q=larch"),
        ("//elsewhere.test", "/"),
        ("https://elsewhere.test/", "/"),
        ("/\\elsewhere.test", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("account", "/"),
        ("/" * 600, "/"),
    ],
)
def test_signing_in_leads_nowhere_else(text: str, leads: str) -> None:
    """An address that somebody made up ends at the first page."""
    assert own_path(text) == leads


def test_a_form_that_is_too_long_is_refused_before_it_is_read(site: Site) -> None:
    """Whoever is not signed in makes nobody keep four megabytes."""
    answer = site.client().post("/sign-in", content=b"name=" + b"x" * (5 * 1024 * 1024))

    assert answer.status_code == 400
