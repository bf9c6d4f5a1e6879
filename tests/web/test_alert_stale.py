"""The page of an alert while others work on it: what an older page must not end, give, or hide."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest

from telecared.adapters.sqlite import console_alert
from telecared.core.alert_commands import Acknowledged, Resolved, Updated
from telecared.core.vocabulary import AlertState, Outcome, Progress
from telecared.forgetting import EraseOrder
from telecared.orders import ImportOrder
from telecared.web.views import alert_people
from tests.web.alert_desk import BETWEEN_PRESSES, Desk, Shown, desk_of, fresh, passes, taken
from tests.web.centre import OLIVE, OMAR, Centre, TownNight
from tests.web.conftest import IN_MEMORY
from tests.web.town import LARCH_12, OAK_2, OAK_7


@pytest.fixture(scope="module")
def quiet(quiet_logs: None) -> Iterator[Centre]:
    """A centre of this module's own, in which nothing has happened yet."""
    with TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as name:
        made = Centre(Path(name)).opened()
        yield made
        made.close()


@pytest.fixture(scope="module")
def olive(quiet: Centre) -> Iterator[Desk]:
    """An operator at their desk."""
    with desk_of(quiet, OLIVE) as desk:
        yield desk


def seen(page: Shown) -> str:
    """What the form that ends an alert says of how the page stood when it was loaded."""
    found = re.search(r'id="resolve".*?name="seen" value="([^"]*)"', page.html, re.DOTALL)
    assert found is not None
    return found[1]


def test_who_resolves_on_an_older_page_hears_that_somebody_has_taken_it(
    quiet: Centre, olive: Desk
) -> None:
    """Nothing ends under somebody's hands unnoticed; said again, knowing it, it ends."""
    alert = fresh(quiet, LARCH_12)
    older = seen(olive.alert(alert.alert))
    quiet.orders(Acknowledged(input=0, at=0, alert=alert.n, by=OMAR), LARCH_12)
    fields = {"outcome": "assistance_given", "note": "All is well."}
    first = olive.does(alert.alert, "resolve", seen=older, **fields)
    between = quiet.alert(LARCH_12, alert.n).state
    again = olive.does(alert.alert, "resolve", seen=seen(first), **fields)

    assert first.status == 409
    assert f"{OMAR} has taken it since you loaded this page" in first.part("notice")
    assert "All is well." in first.html
    assert between is AlertState.ACKNOWLEDGED
    assert again.status == 200
    assert quiet.alert(LARCH_12, alert.n).state is AlertState.RESOLVED


def test_who_resolves_hears_that_the_pendant_was_pressed_again_meanwhile(
    quiet: Centre, olive: Desk
) -> None:
    """The next press of the resident is not ended as part of a form that was filled before it."""
    alert = taken(quiet, LARCH_12, OLIVE)
    older = seen(olive.alert(alert.alert))
    passes(quiet, BETWEEN_PRESSES)
    quiet.says(LARCH_12, "pendant", trigger="pressed")
    told = olive.does(alert.alert, "resolve", seen=older, outcome="test")

    assert told.status == 409
    assert "It was raised again since you loaded this page" in told.part("notice")
    assert quiet.alert(LARCH_12, alert.n).state is AlertState.ACKNOWLEDGED


def test_it_is_handed_to_nobody_who_does_not_work_here(quiet: Centre, olive: Desk) -> None:
    """A name that is no account's, or of another scheme's, would have it and never look."""
    alert = taken(quiet, LARCH_12, OLIVE)
    answers = [
        olive.does(alert.alert, "hand-over", to=to) for to in ("Noor Nobody", "Sol Southside")
    ]

    assert [one.status for one in answers] == [400, 400]
    assert "Choose somebody from the list" in answers[0].html
    assert quiet.alert(LARCH_12, alert.n).owner == OLIVE


def test_how_it_opened_is_told_however_much_was_done_since(
    quiet: Centre, olive: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line of the opening is never among those that are left out."""
    alert = taken(quiet, LARCH_12, OLIVE)
    for word in ("one", "two", "three"):
        note = Updated(
            input=0, at=0, alert=alert.n, by=OLIVE, progress=Progress.NOTE, note=f"Note {word}"
        )
        quiet.orders(note, LARCH_12)
    monkeypatch.setattr(console_alert, "MAX_LINES", 2)
    page = olive.alert(alert.alert)

    assert "Pendant told trigger: pressed." in page.part("head")
    assert "Note three" in page.part("log")
    assert "Note one" not in page.part("log")
    assert "Earlier lines are not shown" in page.part("log")


def test_people_who_are_not_shown_are_counted(
    quiet: Centre, olive: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A home with very many contacts says that there are more."""
    monkeypatch.setattr(alert_people, "MAX_PEOPLE", 2)
    alert = fresh(quiet, LARCH_12)

    assert "1 more is not shown" in olive.alert(alert.alert).part("people")


def test_snoozed_until_a_time_it_comes_back_then(quiet: Centre, olive: Desk) -> None:
    """By the clocks of the home; a time that has passed today is tomorrow's."""
    alert = taken(quiet, OAK_2, OLIVE)
    both = olive.does(alert.alert, "snooze", minutes="15", at="18:30")
    nonsense = olive.does(alert.alert, "snooze", at="25:00")
    page = olive.does(alert.alert, "snooze", at="18:30")

    assert (both.status, nonsense.status) == (400, 400)
    assert "Write a time like 18:30" in nonsense.html
    assert page.status == 200
    assert "at 18:30:" in page.part("head")


def test_a_time_that_is_not_written_out_is_asked_for_again(quiet: Centre, olive: Desk) -> None:
    """The engine reads whole dates only: it is told at the field, not by the engine."""
    alert = taken(quiet, LARCH_12, OLIVE)
    told = olive.does(alert.alert, "promise", what="Call back", until="2026-3-1T4:5")

    assert told.status == 400
    assert "Write it like 2026-03-01T14:30." in told.html


def test_a_take_over_is_not_on_the_key_that_takes(quiet: Centre, olive: Desk) -> None:
    """Two press `t` for one alert: the slower must not take it from the quicker."""
    alert = taken(quiet, LARCH_12, OMAR)
    head = olive.alert(alert.alert).html

    assert 'data-key="t"' not in head
    assert 'data-key="o"' in head
    assert quiet.alert(LARCH_12, alert.n).lease_until is not None


def test_who_takes_it_at_the_desk_is_not_said_to_go_there(quiet: Centre, olive: Desk) -> None:
    """Family read the record later: only who said so is on the way."""
    alert = taken(quiet, LARCH_12, OLIVE)
    before = olive.alert(alert.alert).part("head")
    after = olive.does(alert.alert, "on-the-way", minutes="15").part("head")

    assert f"{OLIVE} goes" not in before
    assert f"{OLIVE} is on the way, 15 minutes at" in after


async def commands(kind: str, body: bytes, night: TownNight) -> None:
    """Somebody commands something about the home."""
    await night.command(kind, OAK_7, body)


def test_of_an_erased_home_it_is_not_said_that_a_press_ended_by_itself(
    quiet: Centre, olive: Desk
) -> None:
    """Somebody ended it, and only the name is gone."""
    alert = fresh(quiet, OAK_7)
    ended = Resolved(input=0, at=0, alert=alert.n, by=OLIVE, outcome=Outcome.TEST)
    quiet.orders(ended, OAK_7)
    for kind, body in (("import", ImportOrder((), (OAK_7,))), ("erase", EraseOrder("asked"))):
        quiet.does(partial(commands, kind, msgspec.json.encode(body)))
    head = olive.alert(alert.alert).part("head")

    assert "Resolved by somebody whose name was removed: test" in head
    assert "by itself" not in head
