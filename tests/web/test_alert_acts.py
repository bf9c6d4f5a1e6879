"""What people do on the page of an alert: done when the engine says so, refused in its words."""

import asyncio
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from msgspec.structs import replace

from telecared.adapters.sqlite import CommandDesk
from telecared.core.events import SITE
from telecared.core.vocabulary import MINUTE, AlertState, Cause, Outcome
from telecared.core.when import Window
from telecared.web.console import Console, Settings, build_app
from telecared.web.entries import all_entries
from tests.web.alert_desk import Desk, desk_of, fresh, passes, taken
from tests.web.browsing import SESSION_COOKIE
from tests.web.centre import AUD, INES, NELL, OLIVE, OMAR, SAUL, Centre
from tests.web.conftest import IN_MEMORY
from tests.web.town import ELM_3, LARCH_12, LARCH_14, LARCH_16, OAK_1


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


def test_who_takes_it_has_it_when_the_engine_has_answered(quiet: Centre, olive: Desk) -> None:
    """The page says so after the engine does, and offers what comes next."""
    alert = fresh(quiet, LARCH_12)
    before = olive.alert(alert.alert)
    after = olive.does(alert.alert, "take")

    assert "Nobody has it" in before.part("head")
    assert (after.status, after.path) == (200, f"/alerts/{alert.alert}")
    assert "Done You have it." in after.words
    assert "Keep it longer" in after.part("head")
    assert quiet.alert(LARCH_12, alert.n).owner == OLIVE


def test_the_second_operator_hears_who_has_it_and_takes_it_over(quiet: Centre, olive: Desk) -> None:
    """What was refused is shown as refused, in the engine's words; a take-over is another act."""
    alert = taken(quiet, LARCH_12, OLIVE)
    with desk_of(quiet, OMAR) as omar:
        second = omar.does(alert.alert, "take")
        over = omar.does(alert.alert, "take-over")

    assert second.status == 409
    assert f"Refused {OLIVE} already has it" in second.part("notice")
    assert f"Take it over from {OLIVE}" in second.part("head")
    assert over.status == 200
    assert quiet.alert(LARCH_12, alert.n).owner == OMAR


@pytest.mark.parametrize(
    ("act", "fields", "event"),
    [
        ("snooze", {"minutes": "15"}, "alert.snoozed"),
        ("hand-over", {"to": OMAR, "note": "you are nearer"}, "alert.handed_over"),
        ("hand-over", {"contact": "cara"}, "alert.handed_over"),
        ("escalate", {"note": "two are needed"}, "alert.escalated"),
        ("called", {"contact": "resident", "result": "no_answer"}, "call.no_answer"),
        ("called", {"contact": "ben", "result": "going"}, "call.going"),
        ("message", {"to": "ben", "text": "Please ring us."}, "message.written"),
        ("promise", {"what": "Call back", "minutes": "30"}, "promise.made"),
        ("resolve", {"outcome": "assistance_given"}, "alert.resolved"),
    ],
)
def test_what_somebody_does_with_what_they_have_is_on_record(
    quiet: Centre, olive: Desk, act: str, fields: dict[str, str], event: str
) -> None:
    """Each act of the page, carried out by the engine, and shown as done."""
    alert = taken(quiet, LARCH_12, OLIVE)
    after = olive.does(alert.alert, act, **fields)

    assert after.status == 200
    assert after.part("notice").startswith("Done ")
    told = [one.record for one in quiet.night.records(event, LARCH_12)]
    assert told[-1].alert in (alert.n, None)
    if "note" in fields:
        assert fields["note"] in after.part("log")


def test_who_has_it_says_how_far_they_are(quiet: Centre, olive: Desk) -> None:
    """On the way, arrived, what is new, what was answered: each a line on record."""
    alert = taken(quiet, LARCH_12, OLIVE)
    way = olive.does(alert.alert, "on-the-way", minutes="10")
    there = olive.does(alert.alert, "arrived")
    note = olive.does(alert.alert, "note", note="She is up again")
    answer = olive.does(alert.alert, "answer", question="Can you hear me?", answer="clearly")

    assert [one.status for one in (way, there, note, answer)] == [200] * 4
    assert f"{OLIVE} is on the way, 10 minutes" in way.part("head")
    assert f"{OLIVE} arrived at" in there.part("head")
    assert "She is up again" in note.part("log")
    assert "clearly" in answer.part("questions")


def test_who_cannot_be_reached_now_is_shown_with_since_when_they_can(
    quiet: Centre, olive: Desk
) -> None:
    """Outside somebody's hours, and a number whose owner said STOP."""
    record = quiet.night.engine.homes.plans[ELM_3].record
    assert record is not None
    ben, cara, *others = record.contacts
    at_night = (Window(start=2 * 60, end=3 * 60),)
    hours = replace(record, contacts=(replace(ben, reachable=at_night), cara, *others))
    assert quiet.does(lambda night: night.imports(hours)).state == "done"
    alert = quiet.presses(ELM_3)
    quiet.does(lambda night: night.texts(cara.phone, "STOP"))
    people = olive.alert(alert.alert).part("people")
    of_ben, _, of_others = people.partition(ben.name)[2].partition(cara.name)

    assert "not at this hour from Tue 02:00" in of_ben
    assert "takes no SMS" in of_others or "takes no messages" in of_others


def test_a_contact_who_cannot_go_is_asked_no_more(quiet: Centre, olive: Desk) -> None:
    """Of an alert that nobody has yet: the next is told at once."""
    alert = fresh(quiet, LARCH_12)
    after = olive.does(alert.alert, "decline", contact="ben")

    assert after.status == 200
    assert "Ben Hall" in after.part("people")
    assert "cannot go" in after.part("people").partition("Ben Hall")[2].partition("Called")[0]


def test_a_false_activation_is_ended_with_its_cause(quiet: Centre, olive: Desk) -> None:
    """The outcome is compulsory, and with this one the cause; what was typed is still there."""
    alert = fresh(quiet, LARCH_12)
    nothing = olive.does(alert.alert, "resolve", note="It was the cat.")
    half = olive.does(alert.alert, "resolve", outcome="false_activation")
    done = olive.does(alert.alert, "resolve", outcome="false_activation", cause="pet")

    assert (nothing.status, half.status, done.status) == (400, 400, 200)
    assert "This was not sent Say how it ended." in nothing.part("notice")
    assert "It was the cat." in nothing.part("form-resolve")
    assert "Say why it was a false activation" in half.part("notice")
    row = quiet.alert(LARCH_12, alert.n)
    assert (row.outcome, row.cause) == (Outcome.FALSE_ACTIVATION, Cause.PET)
    assert "false activation, pet" in done.part("head")
    assert done.part("form-resolve") == ""


def test_a_duplicate_is_linked_to_the_alert_that_stays(quiet: Centre, olive: Desk) -> None:
    """One of the unresolved alerts of the same home; the page of the other is one press away."""
    alert = fresh(quiet, LARCH_12)
    quiet.says(LARCH_12, "fall", fall="detected")
    fall = quiet.alerts(LARCH_12, "fall")[0]
    assert f"{fall.alert}, fall" in olive.alert(alert.alert).part("form-link")
    wrong = olive.does(alert.alert, "link", to="9999")
    done = olive.does(alert.alert, "link", to=fall.alert)
    olive.does(fall.alert, "resolve", outcome="test")

    assert wrong.status == 409
    assert done.status == 200
    assert f"a duplicate of {fall.alert}" in done.part("head")
    assert quiet.alert(LARCH_12, alert.n).outcome is Outcome.DUPLICATE


def test_a_promise_is_shown_until_it_is_kept(quiet: Centre, olive: Desk) -> None:
    """Whoever looks sees it, and says that it is done."""
    alert = fresh(quiet, LARCH_16)
    shown = olive.does(alert.alert, "promise", what="Ring her at eleven", minutes="30")
    state = quiet.night.engine.homes.states[LARCH_16]
    [number] = state.promises
    kept = olive.does(alert.alert, "kept", number=str(number))
    again = olive.does(alert.alert, "kept", number=str(number))

    assert "Ring her at eleven" in shown.part("promises")
    assert "Ring her at eleven" not in kept.part("promises")
    assert (kept.status, again.status) == (200, 409)


def test_an_old_fault_may_rest_under_an_interim_plan(quiet: Centre, olive: Desk) -> None:
    """Only what ages can; of anything else the engine refuses, and says what else to do."""
    press = fresh(quiet, OAK_1)
    refused = olive.does(press.alert, "plan", note="A neighbour looks in.", days="3")
    quiet.says(OAK_1, "pendant", battery="low")
    passes(quiet, 11 * MINUTE)
    quiet.says(OAK_1, "hub", heartbeat="seen")
    fault = quiet.alerts(OAK_1, "battery-low")[0]
    offered = olive.alert(fault.alert).part("form-plan")
    done = olive.does(fault.alert, "plan", note="A neighbour looks in.", days="3")

    assert refused.status == 409
    assert "does not age" in refused.part("notice")
    assert "interim plan" in offered
    assert done.status == 200
    assert quiet.alert(OAK_1, fault.n).state is AlertState.ACKNOWLEDGED


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("take", {}),
        ("take-over", {}),
        ("note", {"note": "x"}),
        ("called", {"contact": "ben", "result": "answered"}),
        ("message", {"to": "ben", "text": "x"}),
        ("link", {"to": "9999"}),
        ("resolve", {"outcome": "test"}),
    ],
)
def test_what_has_ended_takes_nothing_more(
    quiet: Centre, olive: Desk, act: str, fields: dict[str, str]
) -> None:
    """Somebody else was faster: the engine's sentence, and the alert as it is now."""
    ended = next((one for one in quiet.alerts(LARCH_12) if one.resolved_at), None)
    if ended is None:
        ended = fresh(quiet, LARCH_12)
        olive.does(ended.alert, "resolve", outcome="test")
    after = olive.does(ended.alert, act, **fields)

    assert after.status == 409
    assert after.part("notice").startswith("Refused ")
    assert "Resolved" in after.part("head")


def test_it_goes_on_where_the_form_says_but_never_to_another_site(
    quiet: Centre, olive: Desk
) -> None:
    """The queue sends its forms here and wants its list back."""
    alert = fresh(quiet, LARCH_12)
    back = olive.does(alert.alert, "take", next="/board")
    away = olive.does(alert.alert, "note", note="x", next="//elsewhere.example/")

    assert back.path == "/board"
    assert away.path == f"/alerts/{alert.alert}"


def test_nothing_is_done_without_proof_that_the_form_is_ours(quiet: Centre, olive: Desk) -> None:
    """Without the token, with another one, and from another site."""
    alert = fresh(quiet, LARCH_12)
    path = f"/alerts/{alert.alert}/take"
    refused = [
        olive.sends(path, {}),
        olive.sends(path, {"csrf": "guessed"}),
        olive.sends(path, {"csrf": olive.csrf}, site="cross-site"),
        olive.sends(path, {"csrf": olive.csrf}, site=None),
    ]

    assert [one.status for one in refused] == [403] * 4
    assert quiet.alert(LARCH_12, alert.n).owner is None


@pytest.mark.parametrize("name", [AUD, INES])
def test_whoever_may_not_act_is_refused(quiet: Centre, name: str) -> None:
    """An auditor reads, an installer does not even that; neither changes anything."""
    alert = fresh(quiet, LARCH_12)
    with desk_of(quiet, name) as desk:
        looked = desk.alert(alert.alert)
        acted = desk.does(alert.alert, "take")

    assert looked.status == (200 if name == AUD else 403)
    assert looked.part("form-resolve") == ""
    assert "Take it" not in looked.words
    assert acted.status == 403
    assert quiet.alert(LARCH_12, alert.n).owner is None


def test_nobody_of_another_scheme_can_do_anything(quiet: Centre) -> None:
    """For them it is as if there were no such home."""
    alert = fresh(quiet, LARCH_12)
    with desk_of(quiet, SAUL) as saul:
        answers = [saul.does(alert.alert, act) for act in ("take", "access", "resolve")]
        unknown = saul.does("nowhere-1/1", "take")

    assert [one.status for one in answers] == [404] * 3
    assert unknown.status == 404
    assert quiet.alert(LARCH_12, alert.n).owner is None


def test_an_alert_of_a_home_that_is_no_more_is_still_there(quiet: Centre, olive: Desk) -> None:
    """For whoever sees every scheme: what it was told, without what was registered."""
    alert = quiet.presses(LARCH_14)
    deleted = quiet.does(lambda night: night.imports(delete=(LARCH_14,)))
    page = olive.alert(alert.alert)
    held = olive.does(alert.alert, "take")
    with desk_of(quiet, NELL) as nell:
        hidden = nell.alert(alert.alert)

    assert deleted.state == "done"
    assert page.status == 200
    assert "This home is registered no more." in page.part("home")
    assert "Joan Reed" not in page.part("people")
    assert held.status == 200
    assert hidden.status == 404


def test_the_site_s_own_alerts_have_a_page_too(quiet: Centre, olive: Desk) -> None:
    """The link to the broker is lost: nobody's home, everybody's business."""
    quiet.does(lambda night: night.disconnects())
    passes(quiet, 5 * MINUTE)
    quiet.does(lambda night: night.settle())
    alert = quiet.alerts(SITE, "broker-lost")[0]
    page = olive.alert(alert.alert)
    quiet.does(lambda night: night.connects())

    assert page.status == 200
    assert "This alert belongs to no home." in page.part("home")
    assert "found by telecared itself" in page.part("head")


def test_what_the_engine_has_not_done_yet_is_not_shown_as_done(quiet: Centre) -> None:
    """It is stored and will be carried out; until then the page says just that."""
    alert = fresh(quiet, LARCH_12)
    seconds = count()
    console = Console(
        quiet.path,
        desk=CommandDesk(quiet.path, sleep=lambda _: None, seconds=lambda: float(next(seconds))),
        accounts=quiet.accounts,
        wall=quiet.now,
        settings=Settings(),
        entries=all_entries(),
    )
    token = quiet.cookie(OLIVE)
    visitor = quiet.accounts.visitor(token, quiet.now(), acts=False)
    assert visitor is not None

    async def take() -> httpx.Response:
        transport = httpx.ASGITransport(app=build_app(console))
        async with httpx.AsyncClient(transport=transport, base_url=quiet.url) as client:
            client.cookies.set(SESSION_COOKIE, token)
            return await client.post(
                f"/alerts/{alert.alert}/take",
                data={"csrf": visitor.csrf},
                headers={"Sec-Fetch-Site": "same-origin"},
                follow_redirects=True,
            )

    quiet.turns = False
    try:
        answer = asyncio.run(take())
    finally:
        quiet.turns = True

    assert "the engine has not carried it out yet" in answer.text
    assert "Nobody has it" in answer.text
    assert answer.request.method == "GET"  # loaded again it is not sent once more
    with desk_of(quiet, OLIVE) as olive, desk_of(quiet, OMAR) as omar:
        path = answer.url.raw_path.decode()
        until = time.monotonic() + 10
        while quiet.alert(LARCH_12, alert.n).owner is None and time.monotonic() < until:
            time.sleep(0.02)
        later, others = olive.looks(path), omar.looks(path)
    assert "Done It is done." in later.part("notice")
    assert "You have it" in later.part("head")
    assert others.part("notice") == ""
