"""The link in an SMS: one alert on a phone at a doorstep, for one person, for a time."""

import html
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import msgspec
import pytest

from telecared.adapters.sqlite import SqliteReader
from telecared.core.alert_commands import Acknowledged, Resolved
from telecared.core.links import SECRET_KEY, token_of
from telecared.core.messages import Reader
from telecared.core.vocabulary import MINUTE, AlertState, Cause, Outcome
from telecared.core.words import WORDS
from telecared.store_port import AlertRow
from telecared.web.console import MISSED_LINKS
from telecared.web.linked import Opened, opened
from telecared.web.tries import Tries
from tests.web.centre import OLIVE, Centre
from tests.web.town import LARCH_12, OAK_2

SECRET = bytes(range(32))
OVER_THE_WIRE = 15_000
FORM = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def site(quiet_logs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre without a history, whose links are signed with a known secret."""
    made = Centre(tmp_path_factory.mktemp("links")).opened()
    made.does(lambda night: night.store.remember(SECRET_KEY, SECRET.hex()))
    yield made
    made.close()


@pytest.fixture
def phone(site: Centre) -> Iterator[httpx.Client]:
    """A phone's browser: it is signed in nowhere."""
    with httpx.Client(base_url=site.url, headers=FORM) as client:
        yield client


@pytest.fixture
def alert(site: Centre) -> Iterator[AlertRow]:
    """Mrs Hall has fallen, and Ben is told; what a test leaves open is closed after it."""
    made = falls(site)
    yield made
    site.says(LARCH_12, "fall", fall="clear")
    if site.alert(LARCH_12, made.n).state is not AlertState.RESOLVED:
        site.orders(
            Resolved(input=0, at=0, alert=made.n, by=OLIVE, outcome=Outcome.ASSISTANCE_GIVEN),
            LARCH_12,
        )


def falls(site: Centre) -> AlertRow:
    """A fall at Mrs Hall's, which is news each time that it was clear before."""
    site.leaps(120)  # so many falls in one minute would be those of a broken detector
    site.says(LARCH_12, "fall", fall="detected")
    return site.alerts(LARCH_12)[0]


def link_of(site: Centre, alert: AlertRow, to: str = "ben") -> str:
    """The path of the link in the first SMS to somebody about an alert."""
    lives = SqliteReader(site.path).evidence_of(alert.home, alert.n)
    sent = [one.id for one in lives if one.to == to and one.channel == "sms"]
    return f"/r/{token_of(SECRET, sent[0])}"


def words(page: httpx.Response) -> str:
    """What a page says, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def rows(site: Centre, question: str) -> list[tuple[object, ...]]:
    """Ask the store's file."""
    with closing(sqlite3.connect(site.path)) as connection:
        return connection.execute(question).fetchall()


def test_the_link_shows_the_alert_and_for_whom_it_is(
    site: Centre, phone: httpx.Client, alert: AlertRow
) -> None:
    """Name first, so that somebody to whom it was passed on notices; then what, who and where."""
    page = phone.get(link_of(site, alert))
    said = words(page)
    assert page.status_code == 200
    assert "For Ben Hall only" in said
    assert "12 Larch Close" in said
    assert "Mrs Ada Hall" in said
    assert "ring twice" in said
    assert "Nobody has said yet that they go" in said
    assert "4710" not in said, "the code of the key safe is for whoever stands at the door"


def test_every_opening_is_on_record_with_the_id_of_whoever_was_told(
    site: Centre, phone: httpx.Client, alert: AlertRow
) -> None:
    """Durable before the page leaves; no name, as this log stays when the home is erased."""
    count = "SELECT count(*) FROM reads WHERE by = 'contact ben' AND what LIKE '%by link'"
    [before] = rows(site, count)
    phone.get(link_of(site, alert))
    [after] = rows(site, count)
    assert after[0] == int(str(before[0])) + 1
    assert rows(site, "SELECT by FROM reads WHERE by LIKE '%Hall%'") == []


def test_accept_on_the_way_arrive_get_in_and_say_how_it_ended(
    site: Centre, phone: httpx.Client, alert: AlertRow
) -> None:
    """The whole visit from the phone; each word is a command that names Ben and the link."""
    link = link_of(site, alert)
    accepted = phone.post(link, data={"deed": "take"})
    assert (accepted.status_code, accepted.headers["location"]) == (303, link)
    taken = site.alert(LARCH_12, alert.n)
    assert (taken.state, taken.owner) == (AlertState.ACKNOWLEDGED, "Ben Hall")
    assert "You have it until" in words(phone.get(link))
    assert phone.post(link, data={"deed": "on-the-way", "minutes": "10"}).status_code == 303
    on_the_way = words(phone.get(link))
    assert "on the way: 10 min" in on_the_way
    assert "How to get in" not in on_the_way
    assert phone.post(link, data={"deed": "arrived"}).status_code == 303
    arrived = words(phone.get(link))
    assert "left of the door" in arrived
    assert "4710" in arrived
    assert "get in" in str(rows(site, "SELECT what FROM reads ORDER BY id DESC LIMIT 1"))
    ended = phone.post(
        link,
        data={
            "deed": "resolve",
            "outcome": "false_activation",
            "cause": "pet",
            "note": "The cat sat on it.",
        },
    )
    assert ended.status_code == 303
    over = site.alert(LARCH_12, alert.n)
    assert (over.resolved_by, over.outcome) == ("Ben Hall", Outcome.FALSE_ACTIVATION)
    assert over.cause is Cause.PET
    given = rows(site, "SELECT kind, via FROM commands WHERE by = 'Ben Hall' ORDER BY id DESC")
    assert given[:4] == [
        ("resolve", "link"), ("update", "link"), ("update", "link"), ("ack", "link"),
    ]  # fmt: skip


def test_what_is_posted_twice_or_reloaded_does_no_harm(
    site: Centre, phone: httpx.Client, alert: AlertRow
) -> None:
    """A finger that presses twice takes it once; after the end every press says that it is over."""
    link = link_of(site, alert)
    for _ in range(2):
        assert phone.post(link, data={"deed": "take"}).status_code == 303
    for _ in range(2):
        done = {"deed": "resolve", "outcome": "assistance_given"}
        assert phone.post(link, data=done).status_code == 303
    said = words(phone.get(link))
    assert "It is over" in said
    assert "Somebody has helped." in said
    assert "Larch" not in said, "of what is over nothing more is shown than that"


def test_who_cannot_go_says_so_and_the_next_is_told(
    site: Centre, phone: httpx.Client, alert: AlertRow
) -> None:
    """The decline is Ben's own; Cara's link then says that nobody goes yet."""
    assert phone.post(link_of(site, alert), data={"deed": "decline"}).status_code == 303
    assert "You have said that you cannot go" in words(phone.get(link_of(site, alert)))
    cara = phone.get(link_of(site, alert, "cara"))
    assert "For Cara Singh only" in words(cara)


def test_who_comes_second_reads_who_has_it_and_cannot_end_it(
    site: Centre, phone: httpx.Client, alert: AlertRow
) -> None:
    """An operator has it: nothing to press, and a press on an old page is refused with the name."""
    link = link_of(site, alert)
    site.orders(Acknowledged(input=0, at=0, alert=alert.n, by=OLIVE), LARCH_12)
    page = phone.get(link)
    assert f"{OLIVE} has it: you need not do anything." in words(page)
    assert "<button" not in page.text
    refused = phone.post(link, data={"deed": "take"})
    assert refused.status_code == 409
    assert f"It was not done. {OLIVE} already has it" in words(refused)


def test_one_link_opens_one_alert_of_one_home(
    site: Centre, phone: httpx.Client, alert: AlertRow
) -> None:
    """Nothing of any other home is behind it, and the console stays closed to its holder."""
    other = site.presses(OAK_2)
    assert "Oak Street" not in words(phone.get(link_of(site, alert)))
    assert phone.post(link_of(site, alert), data={"deed": "take"}).status_code == 303
    assert site.alert(OAK_2, other.n).state is AlertState.OPEN
    assert phone.get(f"/alerts/{LARCH_12}/{alert.n}").status_code in (303, 404)


def test_a_token_that_nobody_was_sent_opens_nothing(phone: httpx.Client) -> None:
    """Whatever is wrong with it, the answer is the same and shows nothing of anybody."""
    for token in ("x" * 16, "x", "é" * 16, token_of(b"another secret", "larch-12/1-1")):
        answer = phone.get(f"/r/{token}")
        assert answer.status_code == 404
        assert "This link opens nothing" in words(answer)


def test_a_link_expires(
    site: Centre, phone: httpx.Client, alert: AlertRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day later it says so, and does nothing."""
    link = link_of(site, alert)
    day_later = site.now() + 25 * 3_600 * 1_000_000
    monkeypatch.setattr("telecared.web.console.now_of", lambda facts, wall: day_later)
    for answer in (phone.get(link), phone.post(link, data={"deed": "take"})):
        assert answer.status_code == 410
        assert "has expired" in words(answer)
    assert site.alert(LARCH_12, alert.n).state is AlertState.OPEN


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
    ],
)
def test_a_form_from_another_site_is_not_taken(
    site: Centre, alert: AlertRow, headers: dict[str, str]
) -> None:
    """Although it knows the link."""
    link = link_of(site, alert)
    refused = httpx.post(f"{site.url}{link}", data={"deed": "take"}, headers=headers)
    assert refused.status_code == 403
    assert site.alert(LARCH_12, alert.n).state is AlertState.OPEN


def test_a_browser_that_says_nothing_of_itself_is_believed(site: Centre, alert: AlertRow) -> None:
    """Old phones send neither header: the token alone is the proof."""
    taken = httpx.post(f"{site.url}{link_of(site, alert)}", data={"deed": "take"})
    assert taken.status_code == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"deed": "dance"}, "Choose one of the buttons"),
        ({"deed": "on-the-way", "minutes": "soon"}, "Choose one of the buttons"),
        ({"deed": "resolve"}, "Say how it ended"),
        ({"deed": "resolve", "outcome": "false_activation"}, "Say why it was a false alarm"),
    ],
)
def test_what_cannot_be_understood_is_said_on_the_same_page(
    site: Centre, phone: httpx.Client, alert: AlertRow, form: dict[str, str], said: str
) -> None:
    """The alert stays in view, and nothing is done."""
    answer = phone.post(link_of(site, alert), data=form)
    assert answer.status_code == 400
    assert said in words(answer)
    assert "12 Larch Close" in words(answer)


def test_what_was_typed_stays_when_something_is_missing(
    site: Centre, phone: httpx.Client, alert: AlertRow
) -> None:
    """Nobody types a sentence twice at a doorstep."""
    link = link_of(site, alert)
    phone.post(link, data={"deed": "take"})
    form = {"deed": "resolve", "outcome": "false_activation", "note": "The <cat> sat on it."}
    page = phone.post(link, data=form).text
    assert "The &lt;cat&gt; sat on it.</textarea>" in page
    assert re.search(r'value="false_activation" required checked', page)


def test_every_page_of_a_link_speaks_the_language_of_whoever_was_told(
    site: Centre, phone: httpx.Client, alert: AlertRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first look to the end, and it tells a screen reader; English for none of ours."""
    link = link_of(site, alert)
    reader = [""]

    def reads(*asked: Any) -> Opened | None:  # noqa: ANN401 - whatever it is asked with
        found = opened(*asked)
        assert found is not None
        return found._replace(person=msgspec.structs.replace(found.person, language=reader[0]))

    def each(form: dict[str, str] | None, *names: str) -> None:
        for reader[0] in (*WORDS, "de-AT", "xx"):
            page = phone.get(link) if form is None else phone.post(link, data=form)
            said = html.unescape(words(page))
            says = WORDS.get(reader[0][:2], WORDS["en"])
            spoken = "en" if reader[0] == "xx" else reader[0]
            assert f'<html lang="{spoken}" dir="ltr">' in page.text
            assert says["link.for"].replace("{who}", "Ben Hall") in said
            for name in names:
                assert says[name if "." in name else f"link.{name}"] in said, (spoken, name)

    monkeypatch.setattr("telecared.web.views.responder.opened", reads)
    each(None, "nobody", "go", "there_in", "on_way", "arrived", "decline", "since", "where")
    phone.post(link, data={"deed": "arrived"})
    shown = ("say_how", "get_in", "key_safe", "decline_after", "how", "why", "add", "cause.pet")
    each({"deed": "resolve"}, *shown)
    phone.post(link, data={"deed": "resolve", "outcome": "test"})
    each(None, "over", "over_do", "again", "outcome.test")


def test_the_page_says_what_happened_without_asking_for_an_sms(
    site: Centre, phone: httpx.Client, alert: AlertRow
) -> None:
    """There are buttons: the sentence with the reply code is for whoever has only the message."""
    page = words(phone.get(link_of(site, alert)))
    assert "Possible fall at 12 Larch Close" in page
    assert "Reply" not in page


def test_a_link_speaks_the_language_that_a_site_has_added(
    site: Centre, phone: httpx.Client, alert: AlertRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Urdu of the site's own, from right to left; what it left out is English."""
    link = link_of(site, alert)
    own = {"ur": {"link.go": "میں جا رہا ہوں"}}
    monkeypatch.setattr(
        "telecared.web.views.responder._reader", lambda console, language: Reader("ur", own=own)
    )
    page = phone.get(link).text
    assert '<html lang="ur" dir="rtl">' in page
    assert "میں جا رہا ہوں" in page
    assert WORDS["en"]["link.arrived"] in page
    assert 'dir="rtl"' in phone.get("/r/" + "x" * 16).text


def test_a_form_that_is_no_form_is_refused(
    site: Centre, phone: httpx.Client, alert: AlertRow
) -> None:
    """Too long, of unknown length, or not readable at all."""
    link = link_of(site, alert)
    assert phone.post(link, data={"deed": "take", "note": "x" * 20_000}).status_code == 403
    assert phone.post(link, content=iter([b"deed=take"])).status_code == 403
    broken = {"content-type": "multipart/form-data"}
    assert phone.post(link, content=b"--", headers=broken).status_code == 400


def test_whoever_guesses_has_to_wait_and_holds_up_nobody_else(
    site: Centre, phone: httpx.Client, alert: AlertRow
) -> None:
    """After so many misses in a minute from one address; a real link goes on opening there."""
    misses = [phone.get(f"/r/{n:016d}").status_code for n in range(MISSED_LINKS + 1)]
    assert misses[-1] == 429
    assert phone.get(link_of(site, alert)).status_code == 200


def test_tries_are_counted_for_a_minute_and_no_more_than_so_many_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One is not slowed down by another, and a flood of strangers does not fill the memory."""
    clock = [0]
    tries = Tries(2, lambda: clock[0])
    for _ in range(2):
        assert not tries.are_too_many("one")
        tries.count("one")
    assert tries.are_too_many("one")
    assert not tries.are_too_many("another")
    clock[0] = MINUTE
    assert not tries.are_too_many("one")
    monkeypatch.setattr("telecared.web.tries.MAX_KNOWN", 1)
    tries.count("one")
    tries.count("one")
    tries.count("another")
    assert not tries.are_too_many("one"), "the oldest is forgotten"


def test_the_page_is_small_and_asks_nobody_else(
    site: Centre, phone: httpx.Client, alert: AlertRow
) -> None:
    """Page and style together, as they go over the wire to somebody who is there; no script."""
    link = link_of(site, alert)
    phone.post(link, data={"deed": "arrived"})
    page, style = phone.get(link), phone.get("/static/link.css")
    assert "How to get in" in words(page)
    assert page.num_bytes_downloaded + style.num_bytes_downloaded < OVER_THE_WIRE
    assert re.findall(r'(?:src|href)="([^"]*)"', page.text) == [
        "data:,", "/static/link.css", "tel:+447700900200", "",
    ]  # fmt: skip
    assert "<script" not in page.text
