"""Suspensions, silences and rehearsals of a resident's pages: stated, ended, refused."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from tests.web.centre import AUD, SUE, Centre
from tests.web.conftest import IN_MEMORY
from tests.web.residents import cold_homes, csrf_of, of, running, sent, signed_in, words
from tests.web.town import ELM_3, LARCH_12, LARCH_14, OAK_1


@pytest.fixture(scope="module")
def site(quiet_logs: None) -> Iterator[Centre]:
    """A centre with a cold evening behind it."""
    folder = IN_MEMORY if IN_MEMORY.is_dir() else None
    with TemporaryDirectory(dir=folder) as name:
        made = Centre(Path(name)).opened(cold_homes)
        yield made
        made.close()


@pytest.fixture(scope="module")
def sue(site: Centre) -> Iterator[httpx.Client]:
    """The supervisor's browser."""
    with signed_in(site, SUE) as client:
        yield client


# --- suspensions and silences ---------------------------------------------------------------------


def test_a_suspension_is_stated_with_its_end_and_ended_early(
    site: Centre, sue: httpx.Client
) -> None:
    """It is shown as running once the engine has it, and no sooner."""
    here = of(LARCH_14, "/suspensions")
    page = sent(sue, here, f"{here}/suspend", kind="hospital", note="Ward 7", **{"s-hours": "36"})
    said = words(page)
    assert "Done: suspension 1, hospital until" in said
    assert "Ward 7" in said
    assert running(site, LARCH_14) == (["hospital"], [])
    page = sent(sue, here, f"{here}/end", what="suspend", number="1")
    assert "Done: it has ended." in words(page)
    assert running(site, LARCH_14) == ([], [])
    again = sent(sue, here, f"{here}/end", what="suspend", number="1")
    assert again.status_code == 400
    assert "No suspension 1 runs in larch-14." in words(again)
    assert "`telecared" not in again.text
    day = words(sue.get(of(LARCH_14, "/day")))
    assert "suspended: hospital" in day


def test_a_silence_is_about_a_rule_and_ends_by_the_clocks_of_the_home(
    site: Centre, sue: httpx.Client
) -> None:
    """Until is local time of the home; life safety cannot be chosen."""
    here = of(ELM_3, "/suspensions")
    page = sue.get(here)
    assert '<option value="flood"' in page.text
    assert '<option value="pendant-pressed"' not in page.text
    until = "2026-03-10T07:15"
    page = sent(sue, here, f"{here}/silence", rule="flood", device="water", **{"q-until": until})
    assert "flood of water" in words(page)
    assert "Tue 10 Mar 07:15" in words(page)
    assert running(site, ELM_3) == ([], ["flood"])
    page = sent(sue, here, f"{here}/end", what="silence", number="1")
    assert running(site, ELM_3) == ([], [])


@pytest.mark.parametrize(
    ("act", "fields", "told"),
    [
        ("suspend", {"s-hours": "2"}, "Say why"),
        ("suspend", {"kind": "away"}, "Say when it ends"),
        ("suspend", {"kind": "away", "s-hours": "2", "s-until": "x"}, "Say when it ends"),
        ("suspend", {"kind": "away", "s-hours": "soon"}, "Write the hours as a number"),
        ("suspend", {"kind": "away", "s-hours": "0"}, "It must last for some time"),
        ("suspend", {"kind": "away", "s-hours": "9999"}, "lasts 90d at most"),
        ("suspend", {"kind": "away", "s-until": "tomorrow"}, "Write the end like"),
        ("suspend", {"kind": "away", "s-until": "2026-13-01T00:00"}, "Write the end like"),
        ("suspend", {"kind": "away", "s-until": "2026-03-01T00:00"}, "still to come"),
        ("suspend", {"kind": "away", "s-hours": "2", "note": "x" * 501}, "longer than 500"),
        ("silence", {}, "Say when it ends"),
        ("silence", {"rule": "fall", "q-hours": "2"}, "life safety, which nothing silences"),
        ("end", {}, "Choose which one ends"),
    ],
)
def test_what_cannot_be_stated_is_refused_with_a_sentence(
    site: Centre, sue: httpx.Client, act: str, fields: dict[str, str], told: str
) -> None:
    """What was written stays in the form, and nothing runs."""
    here = of(OAK_1, "/suspensions")
    page = sent(sue, here, f"{here}/{act}", **fields)
    assert page.status_code == 400
    assert told in words(page)
    assert running(site, OAK_1) == ([], [])


def test_who_may_not_suspend_is_not_offered_it(site: Centre) -> None:
    """An auditor sees what runs, and changes nothing."""
    with signed_in(site, AUD) as auditor:
        here = of(LARCH_14, "/suspensions")
        page = auditor.get(here)
        assert "/suspend" not in page.text.replace(here, "")
        asked = auditor.post(f"{here}/suspend", data={"csrf": csrf_of(page)})
        assert asked.status_code == 403


# --- what happens if ------------------------------------------------------------------------------


def test_a_rehearsal_shows_who_would_be_told_and_when(sue: httpx.Client) -> None:
    """As a ladder, with names; nothing is sent, nothing is opened."""
    said = words(sue.get(of(LARCH_12, "/what-if?rule=fall&at=02:10")))
    assert "It reaches Riverside Centre after 5 min 00 s if nobody answers before." in said
    assert "Step 1 of family-then-centre: Ben Hall by sms" in said
    assert "+0 s Tue 02:10:00 Ben Hall is told by sms" in said
    assert said.index("Cara Singh is told") > said.index("Ben Hall is told")


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("rule=no-such", "No rule in force in this home is called"),
        ("rule=fall&at=25:00", "Write the time like 02:10"),
        ("rule=fall&on=tomorrow", "Write the day like 2026-12-25"),
        ("rule=fall&on=2026-03-01", "is past in this home"),
        ("rule=fall&on=2027-03-01", "begins within 60 days"),
        ("rule=fall&on=2026-02-31", "is no date"),
    ],
)
def test_a_rehearsal_that_cannot_be_is_refused_with_a_sentence(
    sue: httpx.Client, asked: str, told: str
) -> None:
    """Nothing is guessed."""
    page = sue.get(of(LARCH_12, f"/what-if?{asked}"))
    assert page.status_code == 400
    assert told in words(page)
