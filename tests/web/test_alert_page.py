"""What the page of an alert tells, to whom, and what is on record before it is told."""

from collections.abc import Iterator

import httpx
import msgspec
import pytest

from telecared.core.alert_commands import Called
from telecared.core.events import SITE, Suspended
from telecared.core.vocabulary import MINUTE, CallResult, SuspensionKind
from telecared.orders import StatedOrder
from telecared.store_port import AlertRow
from tests.web.alert_desk import Desk, desk_of, fresh, passes, reads
from tests.web.centre import AUD, NELL, OLIVE, SAUL, Centre
from tests.web.town import ELM_3, ELM_5, LARCH_12, OAK_1, SOUTH


@pytest.fixture(scope="module")
def olive(centre: Centre) -> Iterator[Desk]:
    """An operator at their desk."""
    with desk_of(centre, OLIVE) as desk:
        yield desk


@pytest.fixture
def pressed(centre: Centre) -> AlertRow:
    """Mrs Hall has pressed her pendant."""
    return fresh(centre, LARCH_12)


def test_it_says_why_with_the_readings_and_the_rule(olive: Desk, pressed: AlertRow) -> None:
    """One sentence, the message that opened it, the rule as it is in force, and since when."""
    head = olive.alert(pressed.alert).part("head")

    assert "Pendant told trigger: pressed." in head
    assert "Life safety" in head
    assert "rules/life-safety.yaml" in head
    assert "The message that opened it" in head
    assert f"alert {pressed.alert} carries it" in head
    assert "within 60 s" in head


def test_it_tells_of_the_home_and_of_what_is_dangerous_there(
    olive: Desk, pressed: AlertRow
) -> None:
    """Who lives there, how to speak with them, tags and notes; and that somebody is away."""
    page = olive.alert(pressed.alert)

    for words in ("Mrs Ada Hall", "12 Larch Close", "dementia", "Hard of hearing; ring twice."):
        assert words in page.part("home")
        assert words in page.part("head")
    assert "+447700900200" in page.part("home")


def test_what_was_stated_about_the_home_is_beside_it(centre: Centre, olive: Desk) -> None:
    """A suspension, its end, and who said so."""
    stated = Suspended(
        input=0, at=0, by="Ann Lee", kind=SuspensionKind.VISITOR, until=0, note="her sister"
    )
    order = StatedOrder(event=stated, lasts=60 * MINUTE)
    alert = centre.alerts(ELM_3)[0]
    body = msgspec.json.encode(order)
    centre.does(lambda night: night.command("suspend", ELM_3, body))
    home = olive.alert(alert.alert).part("home")

    assert "Not as usual visitor until" in home
    assert "stated by Ann Lee: her sister" in home


def test_people_stand_in_the_order_of_the_policy_with_how_they_can_be_reached(
    centre: Centre, olive: Desk, pressed: AlertRow
) -> None:
    """Numbers to ring, who can be told now, when they were last reached, and what they said."""
    centre.orders(
        Called(
            input=0, at=0, alert=pressed.n, by=OLIVE, contact="cara", result=CallResult.NO_ANSWER
        ),
        LARCH_12,
    )
    people = olive.alert(pressed.alert).part("people")
    order = [people.index(name) for name in ("Ada Hall", "Ben Hall", "Cara Singh", "Rosa Night")]

    assert order == sorted(order)
    assert "carer; step 1" in people
    ben, cara = people[order[1] : order[2]], people[order[2] : order[3]]
    assert "+447700900300 reachable now reached" in ben
    assert "did not answer reachable now" in cara


def test_each_step_shows_what_became_of_its_messages_and_what_comes_next(
    centre: Centre, olive: Desk
) -> None:
    """Per person and channel with times as evidence; then what happens by itself, and when."""
    alert = fresh(centre, LARCH_12)
    first = olive.alert(alert.alert)
    passes(centre, 2 * MINUTE)
    centre.says(LARCH_12, "hub", heartbeat="seen")
    ladder = olive.alert(alert.alert).part("ladder")

    assert "Next, in" in first.part("head")
    assert "Step 2 begins: Cara Singh by sms" in first.part("head")
    assert "Step 1: Ben Hall by sms now" in first.part("ladder")
    assert "SMS to Ben Hall Delivered queued" in ladder
    assert "Step 2: Cara Singh by sms" in ladder.partition("SMS to Ben Hall")[2]
    assert "SMS to Cara Singh Delivered queued" in ladder
    assert "It reaches the monitoring centre" in ladder
    assert "What it said" in ladder


def test_the_script_of_the_rule_is_asked_and_answered(olive: Desk, pressed: AlertRow) -> None:
    """An answer is a note, and stands beside its question from then on."""
    before = olive.alert(pressed.alert).part("questions")
    question = "Can you hear me?"
    after = olive.does(pressed.alert, "answer", question=question, answer="answers clearly")

    assert question in before
    assert "answers clearly answers clearly" in after.part("questions")
    assert question in after.part("log")


def test_the_hours_before_are_drawn_with_a_table_beside(olive: Desk, pressed: AlertRow) -> None:
    """A picture for the eye, and the same in words for whoever cannot see it."""
    page = olive.alert(pressed.alert)

    assert 'class="tc-tl-svg"' in page.html
    assert "The same as a table" in page.part("past")
    assert "pendant" in page.part("past").partition("The same as a table")[2].lower()


def test_how_to_get_in_is_shown_once_and_that_it_was_is_in_the_chain(
    centre: Centre, olive: Desk, pressed: AlertRow
) -> None:
    """No page carries the code; who asks for it is on record before it is shown."""
    before = olive.alert(pressed.alert)
    asked = olive.does(pressed.alert, "access")
    after = olive.alert(pressed.alert)
    centre.says(LARCH_12, "hub", heartbeat="seen")

    assert "4710" not in before.html
    assert "left of the door" not in before.html
    assert "Code 4710" in asked.part("access")
    assert "4710" not in after.html
    [*_, told] = [one for one in reads(centre, LARCH_12) if "key safe" in one[1]]
    assert told == (OLIVE, "how to get in: the key safe and its code", True)


def test_a_reveal_without_proof_or_by_an_auditor_shows_nothing(
    centre: Centre, olive: Desk, pressed: AlertRow
) -> None:
    """Nor is a look on record that did not happen."""
    known = len([one for one in reads(centre, LARCH_12) if "key safe" in one[1]])
    with desk_of(centre, AUD) as auditor:
        refused = [
            auditor.does(pressed.alert, "access"),
            olive.sends(f"/alerts/{pressed.alert}/access", {}),
            olive.looks(f"/alerts/{pressed.alert}/access"),
        ]

    assert [one.status for one in refused] == [403, 403, 405]
    assert not any("4710" in one.html for one in refused)
    assert len([one for one in reads(centre, LARCH_12) if "key safe" in one[1]]) == known


def test_every_look_is_on_record_also_one_at_what_was_refused(
    centre: Centre, pressed: AlertRow
) -> None:
    """A page that says no shows the same people as one that says yes."""
    with desk_of(centre, NELL) as nell:
        nell.alert(pressed.alert)
        nell.does(pressed.alert, "note")
        nell.does(pressed.alert, "link", to="9999")
    looks = [what for by, what, _ in reads(centre, LARCH_12) if by == NELL]

    assert looks[-3:] == ["an alert, its home and its people"] * 3


@pytest.mark.parametrize("alert", [f"{OAK_1}/1", f"@scheme/{SOUTH}/1", f"{SITE}/1", "@scheme/x/1"])
def test_what_is_not_for_ones_eyes_is_not_there(centre: Centre, alert: str) -> None:
    """Another scheme's home, another scheme, the site itself: all like one that never was."""
    with desk_of(centre, NELL) as nell:
        found = nell.alert(alert)
        unknown = nell.alert("nowhere-1/1")

    assert found.status == unknown.status == 404
    assert found.part("head") == ""


@pytest.mark.parametrize("number", ["999", "999999999999999999999999"])
def test_a_number_that_no_alert_has_is_not_there(olive: Desk, number: str) -> None:
    """However large it is."""
    assert olive.alert(f"{LARCH_12}/{number}").status == 404


def test_an_alert_of_a_scheme_is_shown_to_whoever_sees_the_scheme(centre: Centre) -> None:
    """It has no resident and no key safe, and is taken like any other."""
    alert = next(one for one in centre.alerts(f"@scheme/{SOUTH}") if one.rule == "unknown-device")
    with desk_of(centre, SAUL) as saul:
        page = saul.alert(alert.alert)

    assert page.status == 200
    assert "This alert belongs to a scheme." in page.part("home")
    assert "Getting in" not in page.words
    assert "Take it" in page.part("head")
    assert page.part("past") == ""


def test_what_has_ended_is_history_and_can_only_be_read(olive: Desk) -> None:
    """Who ended it, how, and everything that was done, without a single button."""
    page = olive.alert(f"{ELM_5}/1")

    assert "Resolved by" in page.part("head")
    assert page.part("form-resolve") == ""
    assert "alert_act" not in page.html
    assert f"/alerts/{ELM_5}/1/take" not in page.html
    assert "resolved" in page.part("log")
    assert "Step 1:" in page.part("ladder")
    assert "What comes next" not in page.part("ladder")


def test_nobody_sees_anything_without_signing_in(centre: Centre, pressed: AlertRow) -> None:
    """They are sent to the door."""
    with httpx.Client(base_url=centre.url) as client:
        answer = client.get(f"/alerts/{pressed.alert}")

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")
