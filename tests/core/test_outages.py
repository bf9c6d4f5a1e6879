"""After a gap: whose alarm could have been missed, in order of risk, worked to zero by people."""

import pytest
from msgspec.structs import replace

from telecared.core.alert_commands import Resolved
from telecared.core.compile import HomePlan
from telecared.core.outages import LONGEST_CHECK_NOTE, Gap, awaited, gap_in, risk_of
from telecared.core.policy import Storm
from telecared.core.site import LinkDown, LinkDrained, LinkUp, SiteFacts, Started, site_step
from telecared.core.state import HomeState
from telecared.core.storm_events import AtRisk
from telecared.core.storms import MAX_INCIDENTS, MAX_LISTED, Cause, too_many
from telecared.core.vocabulary import HOUR, MINUTE, DeviceKind, Outcome, Priority
from tests.core.conftest import Story
from tests.core.scheme import Scheme
from tests.core.world import AT_CONNECT, device, plan_of, record_of

PLAIN = AtRisk(home="plain", lives=2, heard_at=5, contacts=2)


# --- what is a gap --------------------------------------------------------------------------------


def test_a_link_that_was_lost_for_long_is_a_gap() -> None:
    """Two minutes are none; ten are; a session that the broker forgot always is."""
    site = site_step(replace(AT_CONNECT, connected_at=1), LinkDown(at=HOUR))
    up = LinkUp(at=HOUR + MINUTE, resumed=True, protocol=5)
    assert gap_in(site, up) is None
    assert gap_in(site, LinkDrained(at=HOUR + 2 * MINUTE, canary=True)) is None
    gap = gap_in(site, LinkDrained(at=HOUR + 10 * MINUTE, canary=True))
    assert gap == Gap(Cause.BROKER, HOUR, lossy=False)
    assert gap_in(site, replace(up, resumed=False)) == Gap(Cause.BROKER, HOUR, lossy=True)
    assert gap_in(SiteFacts(), replace(up, resumed=False)) is None
    assert gap_in(AT_CONNECT, LinkDrained(at=HOUR, canary=True)) is None


def test_a_stop_is_our_own_gap() -> None:
    """The daemon was down for an hour; the link came back with it."""
    site = site_step(
        replace(AT_CONNECT, connected_at=1), Started(at=2 * HOUR, last_at=HOUR, clean=True)
    )
    gap = gap_in(site, LinkDrained(at=2 * HOUR, canary=True))
    assert gap == Gap(Cause.US, HOUR, lossy=False)


def test_what_a_gap_means_to_a_home(story: Story) -> None:
    """Devices on which a life depends, tags, when it was heard, open alerts, people."""
    world = story(record=record_of(tags=("dementia",)))
    world.hears("unit", mains="ok")
    gap = Gap(Cause.BROKER, world.at, lossy=False)
    risk = risk_of(world.home, world.state, gap)
    assert risk == AtRisk(
        home="larch-12", lives=3, tags=1, heard_at=world.at, open_alerts=0, contacts=2, lossy=False
    )
    lost = risk_of(world.home, world.state, gap._replace(lossy=True))
    assert lost is not None
    assert lost.lossy
    world.hears("pendant", trigger="pressed", qos=0)
    unsure = risk_of(world.home, world.state, gap)
    assert unsure is not None
    assert unsure.lossy
    world.forget_messages()


def test_homes_that_a_gap_does_not_concern() -> None:
    """Without devices nobody can call; a provider's failure concerns who had an open alert."""
    gap = Gap(Cause.BROKER, 1, lossy=False)
    state = HomeState(home="larch-12")
    assert risk_of(HomePlan(plan_of(), "@site", None), state, gap) is None
    assert risk_of(HomePlan(plan_of(), "larch-12", record_of(devices=())), state, gap) is None
    provider = Gap(Cause.PROVIDER, 1, lossy=True)
    assert risk_of(HomePlan(plan_of(), "larch-12", record_of()), state, provider) is None


def test_a_home_without_alarm_unit_is_heard_by_any_device() -> None:
    """Its pendant speaks over a bridge."""
    pendant = device("pendant", DeviceKind.PERSONAL_TRIGGER)
    assert HomePlan(plan_of(), "larch-12", record_of(devices=(pendant,))).speaking == {"pendant"}


# --- the list -------------------------------------------------------------------------------------


def test_a_list_is_in_order_of_risk() -> None:
    """Lives first, then needs, open alerts, how long unheard, and who has few people."""
    homes = (
        replace(PLAIN, home="alone", contacts=0),
        PLAIN,
        replace(PLAIN, home="unheard", heard_at=1),
        replace(PLAIN, home="alerting", open_alerts=1),
        replace(PLAIN, home="frail", tags=2),
        replace(PLAIN, home="more", lives=5),
    )
    scheme = Scheme()
    scheme.gap(*homes)
    order = [one.home for one in scheme.outage().homes]
    assert order == ["more", "frail", "alerting", "unheard", "alone", "plain"]
    assert list(awaited(scheme.state)) == order


def test_homes_that_are_heard_again_tick_themselves_off() -> None:
    """Nobody is bothered with a list that comes to zero by itself within a quarter of an hour."""
    scheme = Scheme()
    scheme.gap(PLAIN)
    scheme.advance(minutes=14)
    scheme.heard("plain")
    scheme.heard("plain")
    assert scheme.outage().closed_at
    assert scheme.outage().homes[0].heard_at == scheme.at
    scheme.advance(hours=2)
    assert scheme.texts() == []
    assert awaited(scheme.state) == {}


def test_what_may_be_lost_stays_open_until_a_person_has_looked() -> None:
    """It is told after a quarter of an hour, urgent after an hour more, and over at zero."""
    scheme = Scheme()
    scheme.gap(replace(PLAIN, lossy=True), replace(PLAIN, home="other"))
    scheme.heard("plain")
    scheme.heard("other")
    assert scheme.outage().left == 1
    scheme.advance(minutes=15)
    assert "1 home of north may have called for help unheard" in scheme.texts()[0]
    assert scheme.alert("outage-list").priority is Priority.TECHNICAL
    scheme.advance(hours=1)
    assert scheme.alert("outage-list").priority is Priority.URGENT
    answer = scheme.checked("plain", "no_answer")
    assert answer.done
    assert "stays on the list" in answer.reason
    assert scheme.checked("plain", "visited", note="Well, had not noticed.").reason == ""
    assert scheme.outage().closed_at
    assert scheme.state.alerts == {}
    assert (
        scheme.outage().homes[0].outcome == "visited"
        or scheme.outage().homes[1].outcome == "visited"
    )


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"by": " "}, "names nobody"),
        ({"outcome": "fine"}, "is no outcome"),
        ({"note": "x" * (LONGEST_CHECK_NOTE + 1)}, "longer than"),
        ({"home": "elm-3"}, "stands on no outage list"),
    ],
)
def test_a_check_that_says_nothing_is_refused(given: dict[str, str], refused: str) -> None:
    """With a sentence."""
    scheme = Scheme()
    scheme.gap(PLAIN)
    answer = scheme.checked(**{"home": "plain", **given})
    assert not answer.done
    assert refused in answer.reason


def test_two_gaps_are_two_lists_and_one_check_counts_for_both() -> None:
    """The same gap that ends twice is one; a gap that concerns nobody is none."""
    scheme = Scheme()
    scheme.gap(PLAIN, since=1)
    scheme.gap(PLAIN, since=1)
    scheme.gap(since=2)
    assert len(scheme.state.storms.lists) == 1
    scheme.gap(PLAIN, since=3)
    scheme.checked("plain")
    assert all(one.closed_at for one in scheme.state.storms.lists)


def test_lists_are_bounded() -> None:
    """The riskiest homes are listed and the rest counted; the oldest lists are forgotten."""
    scheme = Scheme()
    scheme.gap(*(replace(PLAIN, home=f"h{n}") for n in range(MAX_LISTED + 2)), since=1)
    assert (len(scheme.outage().homes), scheme.outage().more) == (MAX_LISTED, 2)
    scheme = Scheme(plan=replace(plan_of(), storm=Storm(units=2, share=1, within=MINUTE)))
    for round_ in range(MAX_INCIDENTS + 1):
        for n in range(2):
            scheme.silent(f"r{round_}-{n}")
        scheme.advance(minutes=5)
    assert next(one.n for one in scheme.state.storms.lists) == 2
    assert len(scheme.state.storms.lists) == MAX_INCIDENTS
    scheme.checked("r5-0")
    scheme.checked("r5-1")
    scheme.gap(PLAIN, since=99)
    assert len(scheme.state.storms.lists) == MAX_INCIDENTS
    assert 6 not in [one.n for one in scheme.state.storms.lists]


def test_a_list_that_was_at_zero_and_grows_is_told_anew() -> None:
    """Everybody was heard, the alert is over, and one more home of the incident falls silent."""
    scheme = Scheme()
    scheme.many_are_silent(6)
    for n in range(6):
        scheme.heard(f"h{n}")
    assert scheme.outage().closed_at
    scheme.silent("late")
    scheme.advance(minutes=16)
    assert scheme.alert("outage-list").text.startswith("1 ")


def test_a_list_whose_alert_a_person_has_closed_is_told_of_the_next_gap() -> None:
    """Two homes were left as they were; the next gap is news."""
    scheme = Scheme()
    scheme.gap(PLAIN, since=1)
    scheme.advance(minutes=15)
    scheme.happens(
        Resolved(
            input=9,
            at=scheme.at,
            alert=scheme.alert("outage-list").n,
            by="Olu",
            outcome=Outcome.TECHNICAL_FIXED,
        )
    )
    scheme.gap(PLAIN, since=2)
    scheme.advance(minutes=14)
    assert scheme.state.alerts == {}
    scheme.advance(minutes=1)
    assert scheme.alert("outage-list").priority is Priority.TECHNICAL
    scheme.gap(PLAIN, since=3)
    assert scheme.outage().told


def test_what_is_over_goes_when_very_many_homes_are_kept() -> None:
    """A scheme of ten thousand homes keeps the last two incidents and not twenty."""
    kept = [(1, 9_000, True), (2, 9_000, False), (3, 9_000, True), (4, 9_000, True)]
    assert too_many(kept) == {1, 3}
    assert too_many(kept[1:]) == {3}
    assert too_many([(n, 1, False) for n in range(99)]) == set()


def test_a_link_that_flaps_makes_one_list() -> None:
    """Twenty forgotten sessions in an hour: one list, one alert, each home looked after once."""
    scheme = Scheme()
    unsure = replace(PLAIN, lossy=True)
    for _ in range(20):
        scheme.gap(unsure, replace(PLAIN, home="other"))
        scheme.advance(minutes=3)
    assert len(scheme.state.storms.lists) == 1
    assert [line.rule for line in scheme.records("alert.opened")] == ["outage-list"]
    scheme.checked("plain")
    scheme.gap(PLAIN)
    assert scheme.outage().left == 2, "a gap after somebody had looked"
    scheme.gap(PLAIN, since=scheme.outage().latest)
    scheme.heard("plain")
    scheme.heard("other")
    assert scheme.outage().closed_at
    scheme.gap(PLAIN, since=scheme.at)
    assert [one.n for one in scheme.state.storms.lists] == [1, 2]


def test_what_was_unsure_before_a_gap_stays_unsure_after_it() -> None:
    """A message was lost for good, and nobody has looked: to be heard again is not enough."""
    scheme = Scheme()
    scheme.gap(replace(PLAIN, lossy=True), since=1)
    scheme.gap(PLAIN, since=2)
    scheme.heard("plain")
    assert scheme.outage().left == 1


def test_a_list_that_is_too_long_to_be_listed_is_never_at_zero() -> None:
    """Those who are only counted were looked after by nobody."""
    scheme = Scheme()
    scheme.gap(PLAIN)
    scheme.state.storms = replace(scheme.state.storms, lists=(replace(scheme.outage(), more=3),))
    scheme.heard("plain")
    assert scheme.outage().left == 0
    assert not scheme.outage().closed_at


def test_the_list_of_an_incident_that_is_forgotten_begins_anew() -> None:
    """Its homes were heard, twenty later gaps have taken its place, and one more falls silent."""
    scheme = Scheme()
    scheme.many_are_silent(6)
    for n in range(6):
        scheme.heard(f"h{n}")
    for n in range(MAX_INCIDENTS):
        scheme.gap(PLAIN, since=n + 1)
        scheme.checked("plain")
    assert 1 not in [one.n for one in scheme.state.storms.lists]
    scheme.silent("late")
    scheme.advance(seconds=1)
    assert len(scheme.incident().members) == 7
    assert [one.home for one in scheme.state.storms.lists[-1].homes] == ["late"]


def test_a_long_list_says_how_many_are_not_on_it() -> None:
    """In the record."""
    scheme = Scheme()
    scheme.gap(*(replace(PLAIN, home=f"h{n}") for n in range(MAX_LISTED + 2)))
    scheme.advance(minutes=15)
    assert "and 2 more" in scheme.records("alert.opened")[0].reason
