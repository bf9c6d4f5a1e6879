"""The API: what the console does, as JSON with a token, for a centre's own systems."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from telecared.accounts_port import Draft
from telecared.adapters.sqlite import SqliteReader
from telecared.core.operators import Role
from telecared.core.vocabulary import DAY, AlertState, Outcome
from telecared.store_port import AlertRow
from telecared.web.acts import ACTS
from telecared.web.console import API_USES
from telecared.web.views import api
from tests.web.centre import OLIVE, Centre
from tests.web.town import ELM_5, LARCH_12, NORTH, OAK_1, OAK_2, SOUTH

Json = dict[str, Any]
ROOT = api.ROOT


@pytest.fixture(scope="module")
def site(quiet_logs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre in which an alarm of each scheme stands."""
    made = Centre(tmp_path_factory.mktemp("api")).opened()
    made.presses(ELM_5)
    made.presses(OAK_1)
    yield made
    made.close()


def client(site: Centre, role: Role, *schemes: str) -> httpx.Client:
    """A system with a token of its own."""
    draft = Draft(name=f"Bridge {role}", role=role, schemes=schemes or None)
    _, token = site.accounts.add_token(draft, lasts=DAY, by=None, now=site.now())
    return httpx.Client(base_url=f"{site.url}{ROOT}", headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def everything(site: Centre) -> Iterator[httpx.Client]:
    """A token of an operator who sees every scheme."""
    with client(site, Role.OPERATOR) as made:
        yield made


@pytest.fixture(scope="module")
def northern(site: Centre) -> Iterator[httpx.Client]:
    """A token of an operator of one scheme."""
    with client(site, Role.OPERATOR, NORTH) as made:
        yield made


@pytest.fixture
def alert(site: Centre) -> Iterator[AlertRow]:
    """A fall at Mrs Hall's, which is news each time that it was clear before."""
    site.says(LARCH_12, "fall", fall="detected")
    yield site.alerts(LARCH_12)[0]
    site.says(LARCH_12, "fall", fall="clear")


@pytest.fixture(scope="module")
def described(site: Centre) -> Json:
    """The description that everybody may read."""
    answer = httpx.get(f"{site.url}{ROOT}/openapi.json")
    assert answer.status_code == 200
    found: Json = answer.json()
    return found


def acts_on(alert: AlertRow, name: str) -> str:
    """The address of an act on an alert."""
    return f"/alerts/{alert.home}/{alert.n}/{name}"


def test_an_alert_is_found_taken_and_resolved_by_another_system(
    site: Centre, everything: httpx.Client, alert: AlertRow
) -> None:
    """Each answer says done only when the engine has done it, and names the person who acted."""
    [listed] = everything.get("/alerts", params={"home": LARCH_12, "state": "open"}).json()[
        "alerts"
    ]
    assert (listed["alert"], listed["rule"]) == (alert.alert, "fall")
    taken = everything.post(acts_on(alert, "take"), json={"by": "Pat Jones", "minutes": 20})
    assert (taken.status_code, taken.json()["state"]) == (200, "done")
    held = site.alert(LARCH_12, alert.n)
    assert (held.state, held.owner) == (AlertState.ACKNOWLEDGED, "Pat Jones (Bridge operator)")
    one = everything.get(f"/alerts/{alert.alert}").json()
    assert one["going"][0]["name"] == "Pat Jones (Bridge operator)"
    assert one["ladder"][0]["tellings"][0]["messages"][0]["to"] == "Ben Hall"
    outcome = {"outcome": "assistance_given", "note": "She was on the floor."}
    assert everything.post(acts_on(alert, "resolve"), json=outcome).status_code == 200
    assert site.alert(LARCH_12, alert.n).outcome is Outcome.ASSISTANCE_GIVEN
    late = everything.post(acts_on(alert, "take"))
    assert (late.status_code, late.json()["state"]) == (409, "refused")
    assert late.json()["said"]


def test_the_same_key_is_the_same_command_however_often_it_is_sent(
    site: Centre, everything: httpx.Client, alert: AlertRow
) -> None:
    """Also ten times at once; with another request behind it, it is refused."""
    key = {"Idempotency-Key": f"note-{alert.n}"}
    note = {"note": "The neighbour was rung."}
    heard: list[Json] = []

    def send() -> None:
        heard.append(everything.post(acts_on(alert, "note"), json=note, headers=key).json())

    senders = [threading.Thread(target=send) for _ in range(10)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len({one["command"] for one in heard}) == 1
    assert {one["state"] for one in heard} == {"done"}
    other = everything.post(acts_on(alert, "take"), headers=key)
    assert other.status_code == 400
    assert "another request" in other.json()["problems"]["Idempotency-Key"]
    bad = everything.post(acts_on(alert, "take"), headers={"Idempotency-Key": "two words"})
    assert bad.status_code == 400


def test_every_problem_of_a_body_is_told_at_once(everything: httpx.Client, alert: AlertRow) -> None:
    """By field, in the sentences of the console's forms."""
    answer = everything.post(acts_on(alert, "resolve"), json={"outcome": 3, "colour": "red"})
    assert answer.status_code == 400
    assert set(answer.json()["problems"]) == {"outcome", "colour"}
    missing = everything.post(acts_on(alert, "resolve"))
    assert missing.json()["problems"] == {"outcome": "Say how it ended."}
    for body in (b"[]", b"{", b"\xff", b'"take"'):
        assert everything.post(acts_on(alert, "take"), content=body).status_code == 400
    long = everything.post(acts_on(alert, "take"), json={"by": "x" * 200, "minutes": "soon"})
    assert set(long.json()["problems"]) == {"by", "minutes"}
    asked = everything.get("/alerts", params={"state": "odd", "limit": "0", "x": "y", "since": "z"})
    assert set(asked.json()["problems"]) == {"state", "limit", "x", "since"}
    assert everything.get("/alerts", params={"before": "3"}).status_code == 400


def test_alerts_and_homes_come_in_pages(everything: httpx.Client) -> None:
    """Every one once, in order."""
    seen: list[str] = []
    more: Json = {}
    while True:
        page = everything.get("/alerts", params={"limit": 1, **more}).json()
        seen += [one["alert"] for one in page["alerts"]]
        if page["next"] is None:
            break
        more = {"before": page["next"]}
    whole = everything.get("/alerts").json()["alerts"]
    assert seen == [one["alert"] for one in whole]
    first = everything.get("/homes", params={"limit": 5}).json()
    rest = everything.get("/homes", params={"after": first["next"]}).json()
    homes = [one["home"] for one in first["homes"] + rest["homes"]]
    assert homes == sorted(homes)
    assert len(homes) == 8
    assert rest["next"] is None


def test_filters_leave_out_what_was_not_asked_for(everything: httpx.Client) -> None:
    """By scheme, by rule and priority, by time, and by a home that does not fit the scheme."""
    southern = everything.get("/alerts", params={"scheme": SOUTH}).json()["alerts"]
    assert {one["home"] for one in southern} == {OAK_1}
    assert not everything.get("/alerts", params={"scheme": SOUTH, "home": ELM_5}).json()["alerts"]
    asked = {"rule": "pendant-pressed", "priority": "life_safety", "since": "2026-03-09T00:00:00Z"}
    assert everything.get("/alerts", params=asked).json()["alerts"]
    assert not everything.get("/alerts", params={"since": "2036-03-09T00:00:00Z"}).json()["alerts"]
    assert len(everything.get("/homes", params={"scheme": SOUTH}).json()["homes"]) == 3


def test_a_home_is_read_on_record_and_its_key_safe_by_itself(
    site: Centre, everything: httpx.Client
) -> None:
    """The record comes without the way in; both reads name the token."""
    record = everything.get(f"/homes/{LARCH_12}")
    assert record.json()["resident"] == "Mrs Ada Hall"
    assert "4710" not in record.text
    assert everything.get(f"/homes/{LARCH_12}/access").json()["access"]["code"] == "4710"
    reads = site.does(_reads)
    assert reads[-2:] == [
        ("Bridge operator", "the record of the home"),
        ("Bridge operator", "how to get into the home"),
    ]


async def _reads(night: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - a night of the town
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(night.path)) as connection:
        return connection.execute("SELECT by, what FROM reads ORDER BY id").fetchall()


def test_news_is_waited_for_and_comes_once(site: Centre, everything: httpx.Client) -> None:
    """Held open until something is on record; asked again from there, nothing of it comes twice."""
    last = everything.get("/events").json()["last"]
    nothing = everything.get("/events", params={"after": last}).json()
    assert nothing == {"events": [], "last": last}
    heard: list[Json] = []
    waiting = threading.Thread(
        target=lambda: heard.append(
            everything.get("/events", params={"after": last, "wait": 10}).json()
        )
    )
    waiting.start()
    site.presses(OAK_2)
    waiting.join()
    [news] = heard
    assert news["events"][0]["event"] == "alert.opened"
    assert news["events"][0]["alert"] == f"{OAK_2}/1"
    more = everything.get("/events", params={"after": news["last"]}).json()["events"]
    assert not {one["id"] for one in more} & {one["id"] for one in news["events"]}


def test_who_stands_behind_the_end_of_the_record_is_told(everything: httpx.Client) -> None:
    """After a copy was put back, an old place would wait for days and hear of no alarm."""
    last = everything.get("/events").json()["last"]
    assert everything.get("/events", params={"after": last}).status_code == 200
    refused = everything.get("/events", params={"after": last + 1})
    assert refused.status_code == 400
    assert f"The record ends at {last}" in refused.json()["problems"]["after"]


def test_a_token_is_known_however_the_word_before_it_is_written(everything: httpx.Client) -> None:
    """Libraries write `bearer`, too."""
    small = everything.headers["authorization"].replace("Bearer", "bearer")
    assert everything.get("/pulse", headers={"authorization": small}).status_code == 200


@pytest.mark.parametrize(
    "asked", [{"before": "1.2.3\n"}, {"since": "2026-03-01T07:04:09"}, {"limit": "٣"}]
)
def test_what_only_looks_like_something_to_ask_is_refused(
    everything: httpx.Client, asked: dict[str, str]
) -> None:
    """The description says what may be asked, to the letter."""
    answer = everything.get("/alerts", params=asked)
    assert (answer.status_code, [*answer.json()["problems"]]) == (400, [*asked])


def test_a_token_of_one_scheme_sees_nothing_of_another(
    site: Centre, northern: httpx.Client
) -> None:
    """Lists leave it out, and every address of it is as if there were no such thing."""
    theirs = site.alerts(OAK_1)[0]
    listed = northern.get("/alerts").json()["alerts"]
    assert listed
    assert all(one["home"] in (ELM_5, LARCH_12, f"@scheme/{NORTH}") for one in listed)
    assert not northern.get("/alerts", params={"home": OAK_1}).json()["alerts"]
    assert not northern.get("/alerts", params={"scheme": SOUTH}).json()["alerts"]
    assert {one["scheme"] for one in northern.get("/homes").json()["homes"]} == {NORTH}
    news = northern.get("/events", params={"after": 0}).json()["events"]
    assert news
    assert all(one["home"] != OAK_1 for one in news)
    assert northern.get(f"/alerts/{LARCH_12}/{10**20}").status_code == 404
    hidden = [f"/alerts/{theirs.alert}", f"/homes/{OAK_1}", f"/homes/{OAK_1}/access"]
    for address in hidden:
        unknown = northern.get(address.replace(OAK_1, "oak-9"))
        answer = northern.get(address)
        assert (answer.status_code, unknown.status_code) == (404, 404)
        assert answer.text == unknown.text.replace("oak-9", OAK_1)
    for name in ACTS:
        answer = northern.post(acts_on(theirs, name), json={})
        assert answer.status_code == 404, name
    assert site.alert(OAK_1, theirs.n).state is AlertState.OPEN


def test_a_role_decides_what_a_token_may_do(site: Centre, alert: AlertRow) -> None:
    """An auditor reads, and acts on nothing; an installer sees no alerts."""
    with client(site, Role.AUDITOR) as auditor, client(site, Role.INSTALLER) as installer:
        assert auditor.get("/alerts").status_code == 200
        assert auditor.post(acts_on(alert, "take")).status_code == 403
        assert auditor.get(f"/homes/{LARCH_12}/access").status_code == 403
        assert installer.get("/alerts").status_code == 403
        assert installer.get("/homes").status_code == 200


def test_without_a_token_nothing_is_told_but_what_there_is(site: Centre) -> None:
    """A session of the console is no token either; unknown addresses answer as JSON."""
    cookie = {"tc-session": site.cookie(OLIVE)}
    for address in ("/alerts", "/pulse", f"/homes/{LARCH_12}"):
        answer = httpx.get(f"{site.url}{ROOT}{address}", cookies=cookie)
        assert answer.status_code == 401
        assert set(answer.json()) == {"error", "problems"}
    nowhere = httpx.get(f"{site.url}{ROOT}/nowhere")
    assert (nowhere.status_code, nowhere.json()["problems"]) == (404, {})
    wrong = httpx.delete(f"{site.url}{ROOT}/alerts")
    assert (wrong.status_code, wrong.json()["problems"]) == (405, {})


def test_the_pulse_tells_whether_the_engine_lives(everything: httpx.Client) -> None:
    """Whoever polls can tell an empty queue from a dead one."""
    told = everything.get("/pulse").json()
    assert (told["runs"], told["stuck"], told["speed"]) == (True, False, 1.0)


def test_who_asks_too_often_has_to_wait(site: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each token by itself."""
    monkeypatch.setattr("telecared.web.tries.Tries.are_too_many", lambda tries, who: True)
    with client(site, Role.OPERATOR) as eager:
        answer = eager.get("/pulse")
    assert (answer.status_code, answer.json()["problems"]) == (429, {})
    assert API_USES > 1


def test_more_waiting_than_there_is_room_for_are_answered_at_once(
    everything: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long questions never take the threads that pages need."""
    monkeypatch.setattr(api, "_waiting", threading.BoundedSemaphore(1))
    api._waiting.acquire()
    last = everything.get("/events").json()["last"]
    assert everything.get("/events", params={"after": last, "wait": 30}, timeout=5).json()


def test_every_act_and_every_answer_is_described(described: Json, everything: httpx.Client) -> None:
    """The description is made from the tables that serve; real answers hold against it."""
    paths = described["paths"]
    for name in ACTS:
        assert "post" in paths[f"{ROOT}/alerts/{{home}}/{{n}}/{name}"]
    served = {
        (entry.path, method)
        for entry in api.ENTRIES
        for method in entry.methods
        if entry.name != "api_description"
    }
    told = {(path, method.upper()) for path, item in paths.items() for method in item}
    plain = {(path.replace(":path", "").replace(":int", ""), method) for path, method in served}
    assert told == plain
    for address in ("/alerts", "/homes", "/events?after=0", "/pulse", f"/homes/{LARCH_12}"):
        path = f"{ROOT}{address.partition('?')[0]}".replace(LARCH_12, "{home}")
        schema = paths[path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {**schema, "components": described["components"]}
        Draft202012Validator(whole).validate(everything.get(address).json())
    assert "Mrs" not in json.dumps(described)


def test_what_the_api_does_is_on_record_as_such(
    site: Centre, everything: httpx.Client, alert: AlertRow
) -> None:
    """By whom, and that it came by the API."""
    everything.post(acts_on(alert, "note"), json={"note": "Seen."})
    written = [
        one.record.reason
        for one in SqliteReader(site.path).records(home=LARCH_12)
        if one.record.event == "alert.updated"
    ]
    assert written[-1] == "Bridge operator: Seen."
