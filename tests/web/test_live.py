"""The stream of the console: who is told what, how soon, and what whoever comes back is told."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from telecared.core.operators import Operator, Role
from telecared.core.vocabulary import SECOND
from telecared.web import hub, streams
from telecared.web.pulses import SILENT_AFTER
from telecared.web.rows import Wanted
from telecared.web.streams import Stream
from tests.web.centre import AUD, INES, NELL, OLIVE, SAUL, Centre
from tests.web.streaming import Listener, ends, fresh, taken
from tests.web.town import ELM_3, LARCH_14, LARCH_16, OAK_1, OAK_2, OAK_7

SOON_SECONDS = 0.2
"""What is promised; the machine of a test is busy, so the best of some counts."""


@pytest.fixture(autouse=True)
def in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked every few seconds is asked more often."""
    monkeypatch.setattr(hub, "SESSIONS_SECONDS", 0.1)
    monkeypatch.setattr(hub, "PULSE_SECONDS", 0.2)
    monkeypatch.setattr(hub, "BEAT_SECONDS", 0.1)


@pytest.fixture
def olive(floor: Centre) -> Iterator[Listener]:
    """An operator's queue."""
    with Listener(floor, OLIVE) as listener:
        yield listener.until_told()


def test_a_new_alert_is_there_at_once_and_its_life_is_followed(
    floor: Centre, olive: Listener
) -> None:
    """It comes to the centre, is taken, and leaves, without anybody loading a page."""
    took = []
    for _ in range(5):
        [alert] = fresh(floor, LARCH_14)
        committed = time.monotonic()
        olive.until_shown(alert)
        row = next(one for one in olive.named("row") if one.data["id"] == alert)
        took.append(row.at - committed)
    assert min(took) < SOON_SECONDS
    assert "14 Larch Close" in row.data["html"]
    assert "csrf" not in row.data["html"]

    taken(floor, alert)
    olive.until_shown(alert, "held")
    ends(floor, alert)
    olive.until(lambda: alert not in olive.shown)


def test_counts_rise_and_fall_with_what_waits(floor: Centre, olive: Listener) -> None:
    """Life safety at the centre is what the sound is about."""

    def waiting() -> int:
        return int(olive.named("bell")[-1].data.get("life_safety", 0))

    before = waiting()
    alert = fresh(floor, ELM_3)[0]
    olive.until(lambda: waiting() == before + 1)
    taken(floor, alert)
    olive.until(lambda: waiting() == before)
    olive.until(lambda: any(alert in one.data["ids"] for one in olive.named("alert")))


def test_a_pulse_says_again_and_again_that_all_is_well(olive: Listener) -> None:
    """With engine time, from which ages are reckoned."""
    before = len(olive.named("pulse"))
    olive.until(lambda: len(olive.named("pulse")) > before)
    first, second = olive.named("pulse")[-2:]
    assert second.data["well"]
    assert second.data["says"] == ""
    assert second.data["now"] > first.data["now"]


def test_who_comes_back_is_told_what_they_missed_and_nothing_twice(floor: Centre) -> None:
    """The browser brings the last id back: new rows, changed rows, gone rows; no whole list."""
    stays = fresh(floor, LARCH_14)[0]
    changes = fresh(floor, LARCH_16)[0]
    goes = fresh(floor, OAK_7)[0]
    cookie = floor.cookie(OLIVE)
    with Listener(floor, cookie=cookie) as first:
        first.until_shown(goes)
        first.until_shown(stays)
        shown = dict(first.shown)
    taken(floor, changes)
    ends(floor, goes)
    new = fresh(floor, OAK_1)[0]
    with Listener(floor, cookie=cookie, last=first.last) as second:
        second.shown = shown
        second.until_shown(new)
        second.until(lambda: goes not in second.shown)
        second.until_shown(changes, "held")
        assert not second.named("list")
        told = [one.data["id"] for one in second.named("row")]
        assert stays not in told
        assert len(told) == len(set(told))
    with Listener(floor, OLIVE) as anew:
        anew.until_told()
        anew.until(lambda: anew.shown == second.shown)


def test_a_page_opens_its_stream_where_it_was_drawn(floor: Centre) -> None:
    """Between the page and its stream nothing is lost: the page's own mark is where it begins."""
    cookie = floor.cookie(OLIVE)
    page = httpx.get(floor.url, cookies={"tc-session": cookie}).text
    mark = page.split('data-mark="')[1].split('"')[0]
    alert = fresh(floor, ELM_3)[0]
    with Listener(floor, cookie=cookie, query=f"view=queue&last={mark}") as listener:
        listener.until_shown(alert)
        assert [one.data["id"] for one in listener.named("row")] == [alert]
        assert not listener.named("list")


@pytest.mark.parametrize("last", ["nonsense", "1-other-1", "999999999-other-1"])
def test_a_mark_that_nobody_knows_is_answered_with_everything(floor: Centre, last: str) -> None:
    """From an older process it is worked out, or the whole list comes; never a hole."""
    alert = fresh(floor, LARCH_14)[0]
    with Listener(floor, OLIVE, last=last) as listener:
        listener.until_shown(alert)


def test_filters_hold_for_the_stream_too(floor: Centre) -> None:
    """What no longer fits leaves; what is another's never comes."""
    with Listener(floor, OLIVE, query="view=queue&scheme=southside&mine=1") as listener:
        listener.until_told()
        for other in list(listener.shown):
            ends(floor, other)
        listener.until(lambda: listener.shown == {})
        north, south = fresh(floor, LARCH_14, OAK_1)
        taken(floor, north)
        taken(floor, south)
        listener.until_shown(south, "held")
        ends(floor, south)
        listener.until(lambda: listener.shown == {})
        assert north not in [one.data["id"] for one in listener.named("row")]


def test_no_stream_tells_of_the_other_scheme(floor: Centre) -> None:
    """Rows, ids, counts, what is gone, what is missed: only of the own homes."""
    with Listener(floor, NELL) as nell, Listener(floor, SAUL) as saul:
        nell.until_told()
        saul.until_told()
        north, south = fresh(floor, LARCH_14, OAK_1)
        nell.until_shown(north)
        saul.until_shown(south)
        before = nell.named("bell")[-1].data
        extra = fresh(floor, OAK_7)[0]
        saul.until_shown(extra)
        ends(floor, south)
        saul.until(lambda: south not in saul.shown)
        told = json.dumps([[one.name, one.data] for one in nell.events])
        for word in ("oak-", "Oak Street", "southside", "@site"):
            assert word not in told
        assert nell.named("bell")[-1].data == before
        assert "larch" not in json.dumps([one.data for one in saul.events])
        last = nell.last
    with Listener(floor, NELL, last="0-" + last.partition("-")[2]) as again:
        again.until_told()
        assert "oak" not in str([one.data for one in again.events])


def test_pages_without_the_queue_hear_what_comes(floor: Centre) -> None:
    """A bell, the words for the live region, and which alert's page should look again."""
    with Listener(floor, AUD, query="view=bell") as listener:
        listener.until_told()
        alert = fresh(floor, OAK_1)[0]
        listener.until(lambda: listener.named("new"))
        [new] = listener.named("new")[-1].data
        assert new["id"] == alert
        assert "1 Oak Street" in new["words"]
        listener.until(lambda: any(alert in one.data["ids"] for one in listener.named("alert")))
        assert not listener.named("row") + listener.named("list")


def test_an_installer_hears_only_whether_the_engine_lives(floor: Centre) -> None:
    """They may not see alerts: no counts either."""
    with Listener(floor, INES, query="view=queue") as listener:
        listener.until_told()
        fresh(floor, OAK_2)
        listener.until(lambda: len(listener.named("pulse")) > 1)
        assert {one.name for one in listener.events} == {"pulse"}


def test_a_locked_session_hears_counts_and_no_names(floor: Centre) -> None:
    """Alarms stay audible while nobody is there; who walks by reads nothing."""
    cookie = floor.cookie(OLIVE)
    with Listener(floor, cookie=cookie) as open_one:
        open_one.until_told()
        floor.accounts.lock(cookie, floor.now())
        open_one.until(lambda: open_one.named("locked"))
        before, bells = len(open_one.events), len(open_one.named("bell"))
        [alert] = fresh(floor, LARCH_14)
        taken(floor, alert)
        open_one.until(lambda: len(open_one.named("bell")) > bells)
        with Listener(floor, cookie=cookie) as locked:
            locked.until_told()
            locked.until(lambda: locked.named("bell"))
            told = str([one.data for one in locked.events + open_one.events[before:]])
            assert "Larch" not in told
            assert "larch" not in told


def test_a_session_that_is_over_ends_its_stream(floor: Centre) -> None:
    """Signed out, or removed: the page goes to sign in, and no stream opens."""
    cookie = floor.cookie(OLIVE)
    with Listener(floor, cookie=cookie) as listener:
        listener.until_told()
        floor.accounts.sign_out(cookie, floor.now())
        listener.until(lambda: listener.named("over"))
        assert listener.ended.wait(5)
    with Listener(floor, cookie=cookie) as refused:
        assert refused.ended.wait(5)
        assert refused.status == 401


def test_one_session_does_not_take_the_streams_of_all_others(
    floor: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty tabs are enough for anybody; somebody else still hears."""
    monkeypatch.setattr(hub, "MAX_TABS", 1)
    cookie = floor.cookie(OLIVE)
    with Listener(floor, cookie=cookie) as first:
        first.until_told()
        with Listener(floor, cookie=cookie) as second, Listener(floor, NELL) as nell:
            assert second.ended.wait(5)
            assert second.status == 503
            nell.until_told()


def test_an_engine_that_falls_silent_is_told(floor: Centre) -> None:
    """Silent, without a broker, well again; the sentence says which."""

    def pulse() -> dict[str, object]:
        found: dict[str, object] = listener.named("pulse")[-1].data
        return found

    with Listener(floor, OLIVE, query="view=bell") as listener:
        listener.until_told()
        floor.linked = False
        listener.until(lambda: "broker" in str(pulse()["says"]))
        assert pulse()["well"]
        floor.linked = True
        listener.until(lambda: not pulse()["says"])
        floor.pulses = False
        floor.leaps(5)
        listener.until(lambda: not pulse()["well"])
        floor.pulses = True
        listener.until(lambda: pulse()["well"])


def test_what_is_stale_is_on_screen_within_five_seconds() -> None:
    """A pulse that is too old, the look that finds it, and the way to the screen."""
    assert SILENT_AFTER / SECOND + 0.5 + 0.2 < 5


def test_a_server_with_open_streams_stops_at_once(own_centre: Centre) -> None:
    """Ten are open; they are ended, not waited for."""
    listeners = [Listener(own_centre, OLIVE) for _ in range(10)]
    for listener in listeners:
        listener.__enter__()
    for listener in listeners:
        listener.until_told()
    began = time.monotonic()
    own_centre.close()
    assert time.monotonic() - began < 1.5
    for listener in listeners:
        assert listener.ended.wait(2)
        listener.__exit__()


def test_a_browser_that_does_not_read_is_let_go(
    floor: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others are told as soon as ever; the slow one finds its connection closed."""
    monkeypatch.setattr(streams, "MAX_BEHIND", 20_000)
    where = urlsplit(floor.url)
    with socket.create_connection((where.hostname, where.port)) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        cookie = floor.cookie(OLIVE)
        asks = f"GET /live?view=queue HTTP/1.1\r\nHost: x\r\nCookie: tc-session={cookie}\r\n\r\n"
        slow.sendall(asks.encode())
        served = floor.served.hub
        while not served.streams:
            time.sleep(0.01)
        [stuck] = served._audience
        with Listener(floor, OLIVE) as quick:
            quick.until_told()
            flood = b"event: row\ndata: {}\n\n" * 1_000
            while served.streams > 1:
                floor.served_on.call_soon_threadsafe(stuck.put, flood)
                time.sleep(0.001)
            alert = fresh(floor, LARCH_14)[0]
            quick.until_shown(alert)


async def test_what_waits_for_a_slow_browser_is_bounded() -> None:
    """More than a limit is not kept: the stream is cut, and takes nothing more."""
    cut: list[bool] = []
    stream = _stream()
    stream.cut_by(lambda: cut.append(True))
    for _ in range(streams.MAX_BEHIND // 65_536 + 3):
        stream.put(b"x" * 65_536)
    assert cut
    assert stream.is_over
    stream.put(b"more")
    assert b"more" not in await asyncio.wait_for(stream.take(), 1)


async def test_a_long_list_is_no_reason_to_let_a_browser_go() -> None:
    """What a large site has to show at first may be longer than what may wait."""
    stream = _stream()
    stream.put(b"x" * (3 * streams.MAX_BEHIND))
    for _ in range(10):
        stream.put(b"pulse")
    assert not stream.is_over
    assert len(await stream.take()) > 3 * streams.MAX_BEHIND


def _stream() -> Stream:
    olive = Operator(id=1, name=OLIVE, role=Role.OPERATOR)
    return Stream(olive, "", view="queue", wanted=Wanted(), seen=None)
