"""People at the console: who may do what, operators and tokens made and ended, the log of it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from telecared.accounts_port import Draft
from telecared.core.operators import MAY, Act, Operator, Role
from telecared.core.vocabulary import DAY, SECOND
from telecared.web.entries import all_entries
from telecared.web.routes import Entry, Kind
from tests.adapters.console_db_parts import PASSWORD
from tests.web.people_parts import IDS, NAMES, Browser, Site, enter, opened, send

ADA = "Ada Administrator"


@pytest.fixture(scope="module")
def all_roles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A console that nobody changes."""
    with opened(tmp_path_factory.mktemp("roles")) as made:
        yield made


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A console of the test's own."""
    with opened(tmp_path) as made:
        yield made


def path_of(entry: Entry) -> str:
    """An address that leads to an entry."""
    path = re.sub(r"\{\w+:int\}", "1", entry.path)
    path = path.replace("{home:path}", "larch-12").replace("{scheme}", "northside")
    return re.sub(r"\{\w+(:\w+)?\}", "x", path)


def guarded() -> list[Entry]:
    """Every entry that asks for a session."""
    return [entry for entry in all_entries() if entry.kind in (Kind.PAGE, Kind.STREAM)]


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_no_role_comes_to_what_it_may_not(all_roles: Site, role: Role) -> None:
    """Every route and method of the table, whatever is behind it: 403, with the right proof."""
    client = all_roles.signed_in(NAMES[role])
    may = Operator(id=0, name="", role=role).may
    csrf = all_roles.csrf(client)
    refused = [entry for entry in guarded() if not may(entry.act)]

    for entry in refused:
        for method in entry.methods:
            form = {"csrf": csrf} if method == "POST" else None
            answer = client.request(method, path_of(entry), data=form)
            assert answer.status_code == 403, (role, method, entry.name)
    assert refused or role is Role.ADMINISTRATOR


def test_nobody_comes_to_anything_without_a_session(all_roles: Site) -> None:
    """Every route of the table leads to the sign-in; nothing is told."""
    client = all_roles.client()

    for entry in guarded():
        for method in entry.methods:
            answer = client.request(method, path_of(entry))
            assert answer.status_code in (303, 401), entry.name
            leads = answer.headers.get("location") or answer.headers["hx-redirect"]
            assert leads.startswith("/sign-in"), entry.name


def test_no_form_of_the_table_is_taken_without_its_proof(all_roles: Site) -> None:
    """An administrator's own browser, sent from elsewhere: 403 on every route that changes."""
    client = all_roles.signed_in(ADA)

    for entry in guarded():
        if "POST" in entry.methods and Act(entry.act) in MAY[Role.ADMINISTRATOR]:
            assert client.post(path_of(entry)).status_code == 403, entry.name


def test_the_auditor_reads_who_did_what_and_cannot_change_it(all_roles: Site) -> None:
    """The log names operators to those who may read it."""
    auditor = all_roles.signed_in("Aud Auditor")

    page = auditor.get("/people/log").text
    assert "signed in" in page
    assert "API tokens" not in page
    csv = auditor.get("/people/log?as=csv").text
    assert "Aud Auditor" in csv
    assert auditor.get("/people").status_code == 403
    older = auditor.get("/people/log?before=2")
    assert older.status_code == 200
    assert auditor.get("/people/log?before=x").status_code == 200


def given(page: str, marked: str = "given") -> str:
    """What a page shows this once."""
    found = re.search(rf'id="{marked}">([^<]+)<', page)
    assert found is not None
    return found[1]


def test_an_operator_is_added_and_must_choose_a_password(site: Site) -> None:
    """What was handed over lets them in only as far as choosing another."""
    ada = site.signed_in(ADA)
    fields = {"name": "Cara  Singh", "role": "operator", "which": "some", "more": "northside, west"}
    status, page = send(site, ada, "/people/add", **fields)
    assert status == 200

    cara = site.client()
    handed_over = given(page)
    assert enter(cara, "Cara Singh", handed_over) == 303
    assert cara.get("/account").headers["location"] == "/password?next=/account"
    weak = {"password": handed_over, "new": "short", "again": "short"}
    assert "too short" in send(site, cara, "/password", **weak)[1]
    new = "seven bricks in a garden"
    slip = {"password": handed_over, "new": new, "again": f"{new}!"}
    assert "not the same" in send(site, cara, "/password", **slip)[1]
    same = {"password": handed_over, "new": handed_over, "again": handed_over}
    assert "the password you have" in send(site, cara, "/password", **same)[1]
    wrong = {"password": "a wrong guess", "new": new, "again": new}
    assert send(site, cara, "/password", **wrong)[0] == 400
    right = {"password": handed_over, "new": new, "again": new, "next": "/account"}
    assert send(site, cara, "/password", **right) == (303, "/account")
    assert "northside, west" in cara.get("/account").text
    assert "Cara Singh" in ada.get("/people").text
    assert "northside west" in ada.get("/people?as=csv").text


def test_a_form_that_cannot_be_is_shown_again_with_what_is_wrong(site: Site) -> None:
    """What was typed stays in it."""
    ada = site.signed_in(ADA)

    status, page = send(site, ada, "/people/add", name="", role="king", which="some")
    assert status == 400
    for words in ("Write the name", "Choose a role", "at least one scheme"):
        assert words in page
    status, page = send(site, ada, "/people/add", name="ADA administrator", role="operator",
                        which="every", known_as="x" * 150)  # fmt: skip
    assert "at most 100" in page
    status, page = send(
        site, ada, "/people/add", name="ADA administrator", role="operator", which="every"
    )
    assert (status, "name is taken" in page, "ADA administrator" in page) == (400, True, True)


def test_a_role_that_changes_holds_from_the_next_click_on(site: Site) -> None:
    """While their page is open."""
    ada, sue = site.signed_in(ADA), site.signed_in("Sue Supervisor")
    assert sue.get("/people").status_code == 403
    one = f"/people/{IDS['Sue Supervisor']}"
    assert "Sue Supervisor" in ada.get(one).text

    sent = send(site, ada, one, name="Sue Supervisor", role="administrator", which="every")
    assert sent == (303, one)
    assert sue.get("/people").status_code == 200
    assert "role supervisor -&gt; administrator" in ada.get("/people/log").text


def test_what_an_administrator_does_to_somebody_counts_at_once(site: Site) -> None:
    """A new password, no codes, no sessions, no entry, entry again."""
    ada, olive = site.signed_in(ADA), site.signed_in("Olive Operator")
    one = f"/people/{IDS['Olive Operator']}"
    site.accounts.begin_code(IDS["Olive Operator"], site.now)

    assert send(site, ada, f"{one}/sessions")[0] == 303
    assert olive.get("/account").status_code == 303
    _, page = send(site, ada, f"{one}/reset")
    assert enter(site.client(), "Olive Operator", PASSWORD) == 400
    assert enter(site.client(), "Olive Operator", given(page)) == 303
    assert send(site, ada, f"{one}/code")[0] == 303
    assert send(site, ada, f"{one}/disable")[0] == 303
    assert "let in no more" in ada.get(one).text
    assert send(site, ada, f"{one}/enable")[0] == 303
    status, page = send(site, ada, f"/people/{IDS[ADA]}/disable")
    assert (status, "last administrator" in page) == (400, True)
    status, page = send(site, ada, f"/people/{IDS[ADA]}", name=ADA, role="operator", which="every")
    assert (status, "last administrator" in page) == (400, True)
    assert ada.get("/people/77").status_code == 404


def test_an_administrator_of_one_scheme_makes_nobody_who_sees_another(site: Site) -> None:
    """Nor somebody who sees all, nor a token; of the others they learn nothing."""
    draft = Draft(name="Nora North", role=Role.ADMINISTRATOR, schemes=("northside",))
    number = site.accounts.add(draft, PASSWORD, must_change=False, by=None, now=site.now)
    south = Draft(name="Saul South", role=Role.OPERATOR, schemes=("southside",))
    saul = site.accounts.add(south, PASSWORD, must_change=False, by=None, now=site.now)
    other = Draft(name="Saul's desk", role=Role.OPERATOR, schemes=("southside",))
    token, _ = site.accounts.add_token(other, lasts=DAY, by=None, now=site.now)
    nora = site.signed_in("Nora North")

    for fields in ({"which": "every"}, {"which": "some", "more": "southside"}):
        status, page = send(site, nora, "/people/add", name="Eve", role="operator", **fields)
        assert (status, "that you see yourself" in page) == (400, True)
        status, page = send(
            site, nora, "/people/tokens", name="Eve", role="operator", days="9", **fields
        )
        assert (status, "that you see yourself" in page) == (400, True)
    grow = send(site, nora, f"/people/{number}", name="Nora North", role="operator", which="every")
    assert grow[0] == 400
    assert nora.get(f"/people/{saul}").status_code == 404
    assert send(site, nora, f"/people/{saul}/reset")[0] == 404
    assert send(site, nora, f"/people/tokens/{token}/end")[0] == 404
    for path in ("/people", "/people/log", "/people/tokens"):
        page = nora.get(path).text
        assert "Saul" not in page
        assert ADA not in page


def test_a_token_is_made_shown_once_and_ended(site: Site) -> None:
    """And acts from then on, until it is ended."""
    ada = site.signed_in(ADA)
    fields = {"name": "County desk", "role": "operator", "which": "some", "more": "northside"}
    assert send(site, ada, "/people/tokens", **fields, days="0")[0] == 400
    _, page = send(site, ada, "/people/tokens", **fields, days="30")
    token = given(page, "token")

    operator = site.accounts.bearer(token, site.now)
    assert operator is not None
    assert (operator.name, operator.role) == ("County desk", Role.OPERATOR)
    listed = ada.get("/people/tokens").text
    assert "County desk" in listed
    assert token not in listed
    ended = send(site, ada, f"/people/tokens/{-operator.id}/end")
    assert ended == (303, "/people/tokens")
    assert site.accounts.bearer(token, site.now) is None
    assert send(site, ada, f"/people/tokens/{-operator.id}/end")[0] == 303


def test_ones_own_sessions_elsewhere_are_seen_and_ended(site: Site) -> None:
    """Where one forgot to sign out."""
    here, there = (site.signed_in("Olive Operator") for _ in range(2))
    assert here.get("/account").text.count("192.0.2.10") == 2

    assert send(site, here, "/account/sessions/end") == (303, "/account")

    assert there.get("/account").status_code == 303
    assert here.get("/account").text.count("192.0.2.10") == 1


def test_times_of_the_log_are_the_walls(site: Site) -> None:
    """A demo's engine runs fast; people's sign-ins do not."""
    ada: Browser = site.signed_in(ADA)
    site.now += 60 * SECOND

    assert "21 Sep 2026 14:13:20 UTC" in ada.get("/people/log").text
