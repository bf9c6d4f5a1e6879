"""Handover, outage lists, incidents and devices that need somebody."""

from collections.abc import Iterator

import pytest

from telecared.core.events import Promised
from telecared.core.operators import Role
from telecared.core.vocabulary import HOUR, MINUTE
from telecared.shard import directory_of
from telecared.web.home_texts import Around
from tests.web.centre import AUD, NELL, OLIVE, SAUL, SOL, SUE, Centre, TownNight
from tests.web.over_http import Hand, table_of, words_of
from tests.web.town import ELM_3, LARCH_12, LARCH_14, LARCH_16, OAK_1, OAK_7, town


@pytest.fixture(scope="module")
def olive(centre: Centre) -> Iterator[Hand]:
    """An operator."""
    with Hand(centre, OLIVE) as hand:
        yield hand


async def a_night_without_us(night: TownNight) -> None:
    """Everybody is heard; we are down for an hour; some are heard again."""
    homes = [home for home in night.engine.homes.plans if not home.startswith("@")]

    async def heard(*whose: str) -> None:
        for home in whose:
            await night.says(home, "hub", heartbeat="seen")

    await heard(*homes)
    await night.passes(minutes=5)
    await night.restarts(down=HOUR)
    await heard(LARCH_12, OAK_1)
    await night.passes(minutes=1)


@pytest.fixture(scope="module")
def after(quiet_logs: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre whose daemon was down for an hour."""
    made = Centre(tmp_path_factory.mktemp("after")).opened(a_night_without_us)
    yield made
    made.close()


# --- handover -----------------------------------------------------------------------------------


def test_the_next_shift_sees_what_nobody_has_and_who_is_called_back(olive: Hand) -> None:
    """The most dangerous first; what was snoozed stands under the call-backs."""
    told = olive.words("/handover")

    assert told.index("fall at 3 Elm Road") < told.index("cold home at 3 Elm Road")
    call_backs = told[told.index("Call-backs due") : told.index("Promises made")]
    assert "flood at 2 Oak Street" in call_backs
    assert SUE in call_backs


def test_a_promise_stands_in_the_handover_until_somebody_has_kept_it(
    centre: Centre, olive: Hand
) -> None:
    """Whoever has kept it says what came of it."""
    due = centre.now() + 30 * MINUTE
    promised = Promised(input=0, at=0, by=NELL, what="Ring Mrs Hall's daughter", due_at=due)
    made = centre.orders(promised, LARCH_12)
    number = max(centre.night.engine.homes.states[LARCH_12].promises)
    told = olive.words("/handover")

    kept = olive.post(f"/homes/{LARCH_12}/promises/{number}/kept", note="She comes at nine.")

    assert made.state == "done"
    assert "Ring Mrs Hall's daughter" in told
    assert "The promise is kept." in words_of(kept)
    assert "Ring Mrs Hall's daughter" not in words_of(kept)
    gone = olive.post(f"/homes/{LARCH_12}/promises/{number}/kept")
    assert gone.status_code == 404


def test_suspensions_that_end_are_handed_over_and_others_not(olive: Hand) -> None:
    """The one at 7 Oak Street lasts three days: not this shift's."""
    told = olive.words("/handover")
    ending = told[told.index("Suspensions and silences") : told.index("Faults that age")]
    assert "7 Oak Street" not in ending


def test_the_handover_of_one_scheme_is_of_its_homes_only(centre: Centre, olive: Hand) -> None:
    """By choice, and by what one may see; the file too."""
    assert "Oak Street" not in olive.words("/handover?scheme=northside")
    with Hand(centre, SAUL) as saul:
        told = saul.words("/handover")
        rows = table_of(saul.get("/handover?as=csv"))
    assert "Larch" not in told
    # A cell that begins with @ is marked, so that no spreadsheet takes it for a formula.
    assert {row["home"] for row in rows} <= {"oak-1", "oak-2", OAK_7, "'@scheme/southside"}


def test_who_reads_only_sees_no_buttons(centre: Centre) -> None:
    """An auditor reads; that they did is on record."""
    promised = Promised(
        input=0, at=0, by=SUE, what="Look at the boiler", due_at=centre.now() + HOUR
    )
    centre.orders(promised, ELM_3)
    with Hand(centre, AUD) as aud:
        page = aud.get("/handover")
    assert "Look at the boiler" in page.text
    assert f"/homes/{ELM_3}/promises/" not in page.text
    assert Role.AUDITOR in page.text


# --- outage lists -------------------------------------------------------------------------------


def test_an_outage_list_is_worked_to_zero_by_named_people(after: Centre) -> None:
    """Who was heard again stands under done; the others until somebody says how they are."""
    with Hand(after, NELL) as nell:
        first = nell.words("/outages/northside/1")
        assert "4 to look after" in first
        assert "12 Larch Close" not in first
        assert "12 Larch Close" in nell.words("/outages/northside/1?done=1")
        for home in (LARCH_14, LARCH_16, ELM_3, "elm-5"):
            answer = nell.post("/outages/northside/1/check", home=home, outcome="called")
            assert answer.status_code == 200
        assert "No outage list is open" in nell.words("/outages")
        assert NELL in nell.words("/outages/northside/1?done=1")


def test_nobody_ticks_off_a_home_of_another_scheme(after: Centre) -> None:
    """Neither the list nor what is on it exists for them."""
    with Hand(after, NELL) as nell:
        assert "southside" not in nell.words("/outages?all=1")
        assert nell.get("/outages/southside/1").status_code == 404
        tried = nell.post("/outages/southside/1/check", home=OAK_7, outcome="ok")
    assert tried.status_code == 404


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"home": "oak-2"}, "Say what you found"),
        ({"home": LARCH_12, "outcome": "ok"}, "is not on this list"),
        ({"home": "oak-2", "outcome": "needs_help"}, "Say which help is needed"),
    ],
)
def test_a_check_that_says_nothing_is_refused(
    after: Centre, form: dict[str, str], says: str
) -> None:
    """A tick without a finding is worth nothing to whoever reads it."""
    with Hand(after, SAUL) as saul:
        answer = saul.post("/outages/southside/1/check", **form)
    assert answer.status_code == 400
    assert says in words_of(answer)


def test_who_did_not_answer_stays_on_the_list(after: Centre) -> None:
    """A call that nobody took is no knowledge of how they are."""
    with Hand(after, SAUL) as saul:
        saul.post("/outages/southside/1/check", home="oak-2", outcome="no_answer")
        assert "2 Oak Street" in saul.words("/outages/southside/1")
        rows = table_of(saul.get("/outages/southside/1?as=csv"))
    assert {row["home"]: row["done"] for row in rows} == {
        OAK_1: "yes",
        "oak-2": "no",
        OAK_7: "no",
    }


def test_without_an_incident_the_page_says_so(olive: Hand) -> None:
    """An empty page would leave it open whether it works."""
    assert "No incident runs." in olive.words("/incidents")


# --- devices ------------------------------------------------------------------------------------


def test_devices_that_need_somebody_say_why_and_since_when(olive: Hand) -> None:
    """A silent alarm unit and a weak battery; a device that is well is not listed."""
    told = olive.words("/attention")
    assert "16 Larch Close hub" in told
    assert "battery low" in told
    rows = table_of(olive.get("/attention?as=csv"))
    assert ("oak-2", "thermo") in {(row["home"], row["device"]) for row in rows}
    # The pendant that somebody presses has no fault.
    assert not any(row["device"] in ("kettle", "pendant") for row in rows)


def test_devices_of_another_scheme_are_not_listed(centre: Centre) -> None:
    """Neither on the page nor in the file."""
    with Hand(centre, NELL) as nell:
        assert "oak-" not in nell.get("/attention").text
        assert "oak-" not in nell.get("/attention?as=csv").text


# --- devices that nobody registered -------------------------------------------------------------


@pytest.fixture
def profiles(centre: Centre) -> Iterator[None]:
    """The console knows the profiles, as that of a deployment does."""
    before, build = centre.served.around, directory_of(town()[0].profiles)
    told = before()
    centre.served.around = lambda: Around(told.surroundings, told.conflicts, build)
    yield
    centre.served.around = before


@pytest.mark.usefixtures("profiles")
def test_a_device_that_nobody_registered_is_registered_by_the_form_of_its_home(
    centre: Centre,
) -> None:
    """What was guessed stands in the form; who looked at the device sends it like any change."""
    message = centre.night.message(topic="telecare/southside/oak-7/new-door", contact="open")
    centre.does(lambda night: night.hears(message))
    with Hand(centre, SUE) as sue:
        told = sue.words("/strangers")
        form = sue.post(
            "/strangers/register", topic="telecare/southside/oak-7/new-door", home=OAK_7
        )
        gone = sue.post("/strangers/register", topic="nobody/speaks/here", home=OAK_7)
    assert "telecare/southside/oak-7/new-door" in told
    assert "Door sensor" in told
    assert 'value="telecare/southside/oak-7/new-door"' in form.text
    assert "Show what this changes" in words_of(form)
    assert gone.status_code == 404


@pytest.mark.usefixtures("profiles")
def test_strangers_of_another_scheme_are_not_listed_nor_registered(centre: Centre) -> None:
    """They are told by their topic, and so is who may know of them."""
    message = centre.night.message(topic="telecare/northside/larch-99/hall", motion="detected")
    centre.does(lambda night: night.hears(message))
    with Hand(centre, SOL) as sol:
        assert "larch-99" not in sol.get("/strangers").text
        assert "larch-99" not in sol.get("/strangers?as=csv").text
        topic = "telecare/northside/larch-99/hall"
        assert sol.post("/strangers/register", topic=topic, home=OAK_7).status_code == 404
        assert sol.post("/strangers/register", topic=topic, home=LARCH_12).status_code == 404
