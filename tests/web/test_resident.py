"""The pages about one resident: what they show, to whom, and that every look is on record."""

import re
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import msgspec
import pytest

from telecared.adapters.sqlite import CommandDesk
from telecared.core.alert_commands import Acknowledged
from telecared.core.events import Promised
from telecared.core.plan import Consent, HomeRecord
from telecared.core.vocabulary import HOUR
from telecared.orders import StatedOrder
from telecared.web.views.resident import HISTORY_ROWS, _age
from tests.web.centre import ADA, AUD, INES, NELL, OLIVE, SAUL, SUE, Centre, TownNight
from tests.web.conftest import IN_MEMORY
from tests.web.residents import csrf_of, of, signed_in, words
from tests.web.town import LARCH_12, OAK_1


async def a_cold_evening(night: TownNight) -> None:
    """Mrs Hall's home gets cold, she goes to bed, and presses her pendant in the night."""
    record = next(one for one in night._homes if one.id == LARCH_12)
    await night.imports(with_consent(record))
    await night.says(LARCH_12, "kitchen-pir", motion="detected")
    await night.says(LARCH_12, "thermo", temperature=15.2, battery=71)
    await night.passes(minutes=20)
    await night.says(LARCH_12, "front-door", contact="open")
    await night.says(LARCH_12, "front-door", contact="closed")
    for _ in range(12):
        await night.passes(minutes=15)
        await night.says(LARCH_12, "hub", heartbeat="seen")
        await night.says(LARCH_12, "hall-pir", motion="detected")
    await night.says(LARCH_12, "bed", occupancy="occupied")
    await night.passes(minutes=30)
    promise = Promised(input=0, at=0, by=SUE, what="Ring the heating engineer", due_at=0)
    await night.command(
        "promise", LARCH_12, msgspec.json.encode(StatedOrder(event=promise, lasts=HOUR * 12))
    )


def with_consent(record: HomeRecord) -> HomeRecord:
    """The home with two documents, one of which ran out."""
    consents = (
        Consent(what="movement and bed", given_by="Ada Hall", given_on="2025-11-02", until=None),
        Consent(
            what="door sensor",
            given_by="Ben Hall",
            given_on="2025-01-02",
            until="2026-01-02",
            document="file 71",
        ),
    )
    return msgspec.structs.replace(record, consent=consents)


@pytest.fixture(scope="module")
def site(quiet_logs: None) -> Iterator[Centre]:
    """A centre with a cold evening behind it."""
    folder = IN_MEMORY if IN_MEMORY.is_dir() else None
    with TemporaryDirectory(dir=folder) as name:
        made = Centre(Path(name)).opened(a_cold_evening)
        yield made
        made.close()


@pytest.fixture(scope="module")
def sue(site: Centre) -> Iterator[httpx.Client]:
    """The supervisor's browser."""
    with signed_in(site, SUE) as client:
        yield client


# --- record ---------------------------------------------------------------------------------------


def test_the_record_tells_who_lives_there_and_who_helps(site: Centre, sue: httpx.Client) -> None:
    """Resident, contacts in the order in which they are told, documents, what was promised."""
    said = words(sue.get(of(LARCH_12)))
    for told in (
        "Mrs Ada Hall",
        "12 Larch Close",
        "1938-02-11 (88)",
        "Hard of hearing; ring twice.",
        "Ben Hall",
        "step 1 of family-then-centre",
        "movement and bed",
        "ran out",
        "Ring the heating engineer",
        "cold-home",
    ):
        assert told in said
    assert said.index("Ben Hall carer") < said.index("Cara Singh key holder")


def test_the_way_in_is_shown_only_when_asked_for_and_that_is_on_record(
    site: Centre, sue: httpx.Client
) -> None:
    """The code stands in no page that somebody did not ask for."""
    page = sue.get(of(LARCH_12))
    assert "4710" not in page.text
    shown = sue.post(of(LARCH_12, "/access"), data={"csrf": csrf_of(page)})
    assert "4710" in shown.text
    with signed_in(site, AUD) as auditor:
        history = words(auditor.get(of(LARCH_12, "/history")))
    assert f"{SUE} the way into the home" in history
    assert f"{SUE} the record of the resident" in history


def test_an_installer_is_not_offered_the_way_in(site: Centre) -> None:
    """Whoever fits sensors sees the home, not the key-safe code, alerts or the log of reads."""
    with signed_in(site, INES) as installer:
        page = installer.get(of(LARCH_12))
        assert "Show the way in" not in page.text
        assert "/access" not in page.text
        asked = installer.post(of(LARCH_12, "/access"), data={"csrf": csrf_of(page)})
        assert asked.status_code == 403
        assert "4710" not in asked.text
        history = installer.get(of(LARCH_12, "/history")).text
        assert "Who was shown data" not in history
        assert "cold-home" not in history + page.text
        assert "cold-home" not in installer.get(of(LARCH_12, "/day?on=2026-03-09")).text


@pytest.mark.parametrize(
    "tab",
    ["", "/day", "/week", "/devices", "/rules", "/suspensions", "/what-if", "/history"],
)
def test_another_scheme_s_resident_is_no_resident_at_all(site: Centre, tab: str) -> None:
    """The same answer as for a home that does not exist, and no look is on record."""
    with signed_in(site, SAUL) as other:
        assert other.get(of(LARCH_12, tab)).status_code == 404
        assert other.get(of("nowhere", tab)).status_code == 404
    with signed_in(site, NELL) as own:
        assert own.get(of(LARCH_12, tab)).status_code == 200
        assert own.get(of(OAK_1, tab)).status_code == 404


def test_what_is_no_home_has_no_resident(sue: httpx.Client) -> None:
    """The site and a scheme have alerts, and nobody lives there."""
    assert sue.get(of("@site")).status_code == 404
    assert sue.get(of("@scheme/northside")).status_code == 404


@pytest.mark.parametrize(
    ("born", "age"), [("1938-02-11", 88), ("1938-03-11", 87), ("", None), ("1938", None)]
)
def test_an_age_counts_full_years(born: str, age: int | None) -> None:
    """The day before a birthday is not the birthday."""
    assert _age(born, date(2026, 3, 10)) == age


# --- devices and timelines ------------------------------------------------------------------------


def test_devices_tell_when_they_were_heard_and_what_ails_them(sue: httpx.Client) -> None:
    """Also those that were never heard at all."""
    said = words(sue.get(of(LARCH_12, "/devices")))
    assert "battery 71%" in said
    assert re.search(r"pendant personal trigger .{0,40}(Never heard|silent|Silent)", said)


def test_a_day_is_drawn_and_told(sue: httpx.Client) -> None:
    """The drawing has its table beside it, by the clocks of the home."""
    page = sue.get(of(LARCH_12, "/day?on=2026-03-09"))
    said = words(page)
    assert '<svg class="tc-tl-svg"' in page.text
    assert "Monday 09 March 2026" in said
    assert "17:50 front door, entrance open" in said
    assert "17:30 kitchen movement 1 min" in said
    assert re.search(r"bed occupied \d+ min so far", said)
    assert "cold-home, routine" in said
    assert "Nothing is stored from before" in said


@pytest.mark.parametrize(("day", "hours"), [("2025-10-26", "25"), ("2025-03-30", "23")])
def test_a_day_on_which_clocks_change_says_how_long_it_is(
    sue: httpx.Client, day: str, hours: str
) -> None:
    """So that nobody wonders about the axis."""
    assert f"This day has {hours} hours." in words(sue.get(of(LARCH_12, f"/day?on={day}")))


def test_days_are_turned_by_links(sue: httpx.Client) -> None:
    """Back as far as one likes, forward as far as today; nonsense is today."""
    past = sue.get(of(LARCH_12, "/day?on=2026-03-08")).text
    assert "?on=2026-03-07" in past
    assert "?on=2026-03-09" in past
    for asked in ("?on=2031-01-01", "?on=x", ""):
        page = sue.get(of(LARCH_12, f"/day{asked}"))
        assert "Day after" not in page.text
    assert sue.get(of(LARCH_12, "/day?on=0001-01-01")).status_code == 200


def test_a_week_has_a_strip_and_a_row_for_each_day(sue: httpx.Client) -> None:
    """Each row leads to its day; the week before is a link away."""
    page = sue.get(of(LARCH_12, "/week?on=2026-03-09"))
    assert page.text.count("resident/day?on=") == 7
    assert "?on=2026-03-02" in page.text
    assert re.search(r"Mon 09 Mar .*1 opened", words(page))


# --- history --------------------------------------------------------------------------------------


def test_the_history_tells_alerts_and_who_did_what(site: Centre) -> None:
    """Commands with their answers; of alerts what they were and whether they ended."""
    alert = next(one for one in site.alerts(LARCH_12) if one.rule == "cold-home")
    site.orders(Acknowledged(input=0, at=0, alert=alert.n, by=SUE), LARCH_12)
    with signed_in(site, OLIVE) as olive:
        said = words(olive.get(of(LARCH_12, "/history")))
    assert "cold-home" in said
    assert "promise by" in said
    assert SUE in said
    assert "Who was shown data" not in said


def test_a_long_history_goes_on_behind_a_link(site: Centre) -> None:
    """A page holds a hundred lines of each list."""
    with signed_in(site, ADA) as ada:
        desk = CommandDesk(site.path, sleep=time.sleep, seconds=time.monotonic)
        for _ in range(HISTORY_ROWS + 2):
            desk.log_read(by=SUE, what="a test", home=LARCH_12, at=site.now())
        page = ada.get(of(LARCH_12, "/history"))
        found = re.search(r'href="([^"]*\?read=\d+)"', page.text)
        assert found is not None
        older = ada.get(found[1])
        assert "Older reads" not in older.text
        assert "Reads, newest first" in older.text
        assert ada.get(of(LARCH_12, "/history?alert=x&act=9" + "9" * 30)).status_code == 200


def test_who_may_not_see_alerts_is_told_of_none_by_devices_and_commands(site: Centre) -> None:
    """An installer reads that a device has an alert, neither which nor what people did about it."""
    alert = site.presses(LARCH_12)
    site.orders(Acknowledged(input=0, at=0, alert=alert.n, by=SUE), LARCH_12)
    with signed_in(site, INES) as installer:
        devices = words(installer.get(of(LARCH_12, "/devices")))
        history = words(installer.get(of(LARCH_12, "/history")))
    with signed_in(site, OLIVE) as olive:
        seen = words(olive.get(of(LARCH_12, "/devices")))
        acted = olive.post(
            f"/alerts/{alert.alert}/note",
            data={"csrf": csrf_of(olive.get(f"/alerts/{alert.alert}")), "note": "x"},
        )
    assert acted.status_code == 303
    assert alert.alert in seen
    assert "Has an alert" in devices
    assert alert.alert not in devices
    assert "promise by" in history
    assert "update by" not in history


def test_what_a_device_told_that_is_registered_no_more_is_named_below_the_day(
    site: Centre, sue: httpx.Client
) -> None:
    """Its lane is gone with it; that something is not drawn is said."""
    site.says(LARCH_12, "kettle", appliance="on")
    record = next(one for one in site.night._homes if one.id == LARCH_12)
    left = tuple(device for device in record.devices if device.id != "kettle")
    before = words(sue.get(of(LARCH_12, "/day")))
    site.does(lambda night: night.imports(msgspec.structs.replace(record, devices=left)))
    after = words(sue.get(of(LARCH_12, "/day")))
    site.does(lambda night: night.imports(record))
    assert "not registered any more" not in before
    assert "devices told that are not registered any more: kettle." in after
