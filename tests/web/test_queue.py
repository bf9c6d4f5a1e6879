"""The alert queue over HTTP: what stands where, filters, taking, taking over, honest refusals."""

import re
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import httpx
import pytest

from telecared.adapters.sqlite import CommandDesk
from tests.web.centre import AUD, INES, NELL, OLIVE, OMAR, SAUL, Centre
from tests.web.over_http import Hand, words_of
from tests.web.streaming import fresh
from tests.web.town import ELM_3, LARCH_12, LARCH_14, LARCH_16, OAK_1, OAK_2, OAK_7

ROW = re.compile(r'<li class="tc-row.*?</li>', re.DOTALL)
SECTION = re.compile(r'data-section="(\w+)">(.*?)</ol>', re.DOTALL)
ALERT = re.compile(r'data-alert="([^"]+)"')
JSON = {"Accept": "application/json"}

RACES = 200
HOMES = (LARCH_12, LARCH_14, LARCH_16, ELM_3, OAK_1, OAK_2, OAK_7)


@pytest.fixture
def olive(floor: Centre) -> Iterator[Hand]:
    """An operator who sees everything."""
    with Hand(floor, OLIVE) as hand:
        yield hand


@pytest.fixture
def omar(floor: Centre) -> Iterator[Hand]:
    """Another one."""
    with Hand(floor, OMAR) as hand:
        yield hand


def sections_of(page: str) -> dict[str, list[str]]:
    """Section -> its alerts in order."""
    return {name: ALERT.findall(rows) for name, rows in SECTION.findall(page)}


def row_of(page: str, alert: str) -> str:
    """The words of one row."""
    found = next(row for row in ROW.findall(page) if f'data-alert="{alert}"' in row)
    return words_of(httpx.Response(200, text=found))


def takes(hand: Hand, alert: str) -> httpx.Response:
    """Press `Take` as the page's script does: the answer is JSON."""
    hand.client.headers["Accept"] = "application/json"
    try:
        return hand.post(f"/queue/{alert}/take")
    finally:
        hand.client.headers["Accept"] = "*/*"


def test_sections_and_order_are_those_of_the_centre(floor: Centre, olive: Hand) -> None:
    """What waits, what is with families, what is held; life safety first, then the oldest."""
    second, with_family = fresh(floor, ELM_3, OAK_2)
    [first] = fresh(floor, LARCH_14)
    page = olive.get("/").text
    sections = sections_of(page)

    assert list(sections) == ["at_centre", "with_family", "held"]
    waiting = sections["at_centre"]
    assert waiting.index(second) < waiting.index(first)
    assert with_family in sections["with_family"]
    priorities = re.findall(r'data-priority="(\w+)" data-waits', page)
    ranks = ["life_safety", "urgent", "routine", "technical"]
    assert priorities == sorted(priorities, key=ranks.index)


def test_a_row_says_why_where_for_how_long_and_who_is_asked(floor: Centre, olive: Hand) -> None:
    """Age and target in words, the resident, the address; of a family's, when the centre is."""
    waits, with_family = fresh(floor, LARCH_14, OAK_2)
    page = olive.get("/").text
    told, family = row_of(page, waits), row_of(page, with_family)

    for words in ("Life safety", "within 60 s", "Mr Tom Reed, 14 Larch Close", "northside",
                  "Waits for an answer since", "Take"):  # fmt: skip
        assert words in told
    assert re.search(r"With the family; reaches the centre at \d\d:\d\d:\d\d at the latest", family)


def test_filters_are_in_the_address_and_can_be_kept(floor: Centre, olive: Hand) -> None:
    """By scheme, by priority, mine; what makes no sense is passed over."""
    north, south = fresh(floor, LARCH_14, OAK_1)
    northern = sections_of(olive.get("/?scheme=northside").text)["at_centre"]
    assert north in northern
    assert south not in northern
    dangerous = olive.get("/?priority=life_safety").text
    assert set(re.findall(r'data-priority="(\w+)"', dangerous)) == {"life_safety"}
    assert not any(sections_of(olive.get("/?scheme=nowhere").text).values())
    assert north in sections_of(olive.get("/?priority=nonsense").text)["at_centre"]

    takes(olive, north)
    mine = sections_of(olive.get("/?mine=1").text)
    assert mine["at_centre"] == []
    assert north in mine["held"]


def test_nobody_sees_the_other_scheme_s_rows(floor: Centre) -> None:
    """Neither their alerts nor the site's; not by a filter, and not by taking one."""
    north, south = fresh(floor, LARCH_14, OAK_1)
    for name, own, other, address in (
        (NELL, north, south, "Oak Street"),
        (SAUL, south, north, "Larch Close"),
    ):
        with Hand(floor, name) as hand:
            page = hand.get("/").text
            assert own in page
            assert other not in page
            assert address not in page
            assert "@site" not in page
            assert takes(hand, other).status_code == 404
            assert hand.get(f"/queue/{other}/take-over").status_code == 404


def test_an_auditor_looks_and_takes_nothing(floor: Centre) -> None:
    """No button, and no way around it; an installer does not even see the queue."""
    alert = fresh(floor, LARCH_14)[0]
    with Hand(floor, AUD) as hand:
        page = hand.get("/").text
        assert alert in page
        assert "data-take" not in page
        assert takes(hand, alert).status_code == 403
    with Hand(floor, INES) as hand:
        assert hand.get("/").status_code == 403


def test_it_is_theirs_when_the_engine_says_so(floor: Centre, olive: Hand, omar: Hand) -> None:
    """The one who takes it goes to its page; the other is told who has it; a third press too."""
    alert = fresh(floor, LARCH_16)[0]
    home, n = alert.split("/")
    taken = takes(olive, alert).json()
    refused = takes(omar, alert).json()
    again = takes(olive, alert).json()

    assert (taken["state"], taken["to"]) == ("done", f"/alerts/{alert}")
    assert refused["state"] == "refused"
    assert refused["words"].startswith(f"{OLIVE} already has it")
    assert again["state"] == "done"
    assert floor.alert(home, int(n)).owner == OLIVE
    page = omar.get("/").text
    assert f"{OLIVE} has it until" in row_of(page, alert)
    assert "You have it until" in row_of(olive.get("/").text, alert)


def test_taking_works_without_javascript(floor: Centre, omar: Hand, olive: Hand) -> None:
    """A form is posted and a page comes: the alert's, or the queue with who has it."""
    alert = fresh(floor, LARCH_16)[0]
    done = omar.post(f"/queue/{alert}/take", back="/?scheme=northside")
    assert done.url.path == f"/alerts/{alert}"
    refused = olive.post(f"/queue/{alert}/take", back="/?scheme=northside")
    assert str(refused.url).endswith("/?scheme=northside")
    assert f"{OMAR} already has it" in words_of(refused)
    elsewhere = olive.post(f"/queue/{alert}/take", back="https://example.org/")
    assert str(elsewhere.url) == f"{floor.url}/"


def test_taking_over_asks_first_and_names_who_has_it(
    floor: Centre, olive: Hand, omar: Hand
) -> None:
    """The page says whom they take it from; then it is theirs, and the queue says so."""
    alert = fresh(floor, LARCH_16)[0]
    home, n = alert.split("/")
    takes(olive, alert)
    asked = omar.words(f"/queue/{alert}/take-over")
    assert f"{OLIVE} has it until" in asked
    done = omar.post(f"/queue/{alert}/take-over", note="Olive is on the phone")
    assert done.url.path == f"/alerts/{alert}"
    assert floor.alert(home, int(n)).owner == OMAR
    assert omar.get("/queue/larch-16/99/take-over").status_code == 404
    free = fresh(floor, OAK_7)[0]
    assert "Nobody has it now" in omar.words(f"/queue/{free}/take-over")


def test_reading_the_queue_is_on_record_before_the_page_is_sent(floor: Centre, olive: Hand) -> None:
    """Names and addresses are personal data."""
    before = len(_reads(floor))
    olive.get("/")
    reads = _reads(floor)
    assert len(reads) == before + 1
    assert reads[-1] == (OLIVE, "names and addresses of the open alerts")


def _reads(floor: Centre) -> list[tuple[str, str]]:
    with sqlite3.connect(f"file:{floor.path}?mode=ro", uri=True) as connection:
        return connection.execute("SELECT by, what FROM reads ORDER BY id").fetchall()


def test_nothing_is_taken_while_the_engine_is_silent(floor: Centre) -> None:
    """Its pulse is old: the page says why, and a press from an old page is refused, not stored."""
    alert = fresh(floor, LARCH_14)[0]
    with Hand(floor, OLIVE) as hand:
        hand.get("/")
        floor.pulses = floor.turns = False
        floor.leaps(10)
        page = words_of(hand.get("/"))
        assert "Nothing can be taken now: The engine does not answer" in page
        told = takes(hand, alert).json()
        assert told["state"] == "refused"
        over = hand.post(f"/queue/{alert}/take-over", note="")
        assert "Not taken over: The engine does not answer" in words_of(over)
        floor.turns = floor.pulses = True
    assert floor.alert(LARCH_14, int(alert.split("/")[1])).owner is None


def test_an_engine_that_stops_in_mid_act_is_not_taken_for_a_yes(
    floor: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command is stored, nobody has the alert yet; when the engine comes back they do."""
    waits = CommandDesk.wait
    monkeypatch.setattr(CommandDesk, "wait", lambda desk, one, _: waits(desk, one, 0.2))
    alert = fresh(floor, LARCH_14)[0]
    with Hand(floor, OLIVE) as hand:
        hand.post("/queue/nowhere/1/take")  # the form's secret is known from here on
        floor.turns = False
        told = takes(hand, alert).json()
        assert told["state"] == "accepted"
        assert "you do not have it" in told["words"]
        floor.turns = True
        floor.restarts()
        assert floor.alert(LARCH_14, int(alert.split("/")[1])).owner == OLIVE
        assert "You have it until" in row_of(hand.get("/").text, alert)


def test_two_operators_race_two_hundred_times_and_one_wins(floor: Centre) -> None:
    """Both press at once; one has it, the other is told who; the store agrees, every time."""
    pairs = [(Hand(floor, OLIVE), Hand(floor, OMAR)) for _ in HOMES]
    for hand in chain(*pairs):
        hand.post("/queue/nowhere/1/take")  # the secret of their forms is known from here on

    def presses(hand: Hand, alert: str, gate: threading.Barrier) -> dict[str, str]:
        gate.wait(10)
        answer: dict[str, str] = takes(hand, alert).json()
        return answer

    won = 0
    with ThreadPoolExecutor(2 * len(HOMES)) as pool:
        while won < RACES:
            alerts = fresh(floor, *HOMES)
            told = []
            for alert, hands in zip(alerts, pairs, strict=True):
                gate = threading.Barrier(2)
                told.append([pool.submit(presses, hand, alert, gate) for hand in hands])
            owners = {}
            for alert, both in zip(alerts, told, strict=True):
                answers = [one.result(20) for one in both]
                states = [one["state"] for one in answers]
                assert sorted(states) == ["done", "refused"], answers
                owners[alert] = (OLIVE, OMAR)[states.index("done")]
                refused = answers[states.index("refused")]["words"]
                assert refused.startswith(f"{owners[alert]} already has it")
            stored = {row.alert: row.owner for row in floor.alerts()}
            assert {alert: stored[alert] for alert in alerts} == owners
            won += len(alerts)
    for hand in chain(*pairs):
        hand.client.close()
