"""Many silent alarm units are one incident: with a likely cause, held, told once, and over."""

from msgspec.structs import replace

from telecared.core.alert_commands import Resolved
from telecared.core.incidents import LISTED_IN_RECORD, LONGEST_INCIDENT
from telecared.core.policy import Storm
from telecared.core.site import SiteFacts
from telecared.core.storm_events import StormJoined, StormOver
from telecared.core.storms import MAX_INCIDENTS, MAX_SILENT, Cause, Silent
from telecared.core.vocabulary import HOUR, MINUTE, AlertState, Outcome, Priority
from tests.core.scheme import Scheme
from tests.core.world import AT_CONNECT, instant, plan_of

START = instant("2026-03-01T08:00Z")


def test_a_few_silent_units_are_no_incident() -> None:
    """Four homes of twenty: each is told by itself."""
    scheme = Scheme()
    scheme.many_are_silent(4)
    assert scheme.records("incident.opened") == []
    scheme.advance(hours=1)
    scheme.silent("later")
    scheme.advance(seconds=1)
    assert [one.home for one in scheme.state.storms.silent] == ["later"]


def test_five_within_ten_minutes_are_one() -> None:
    """Told as urgent, by the site's policy, with the number of homes; each home hears it."""
    scheme = Scheme()
    for n in range(5):
        scheme.silent(f"h{n}", lives=n)
        scheme.advance(minutes=2)
    [line] = scheme.records("incident.opened")
    assert "north#1: 5 of 20 alarm units silent" in line.reason
    assert line.reason.endswith("h4, h3, h2, h1, h0")
    assert scheme.alert("incident").priority is Priority.URGENT
    assert "5 of 20 homes of north are silent at once, likely their broadband" in scheme.texts()[0]
    assert scheme.relays(StormJoined) == ["h4", "h3", "h2", "h1", "h0"]


def test_five_in_an_hour_are_not() -> None:
    """They fell one after another, each for a reason of its own."""
    scheme = Scheme()
    for n in range(8):
        scheme.silent(f"h{n}")
        scheme.advance(minutes=4)
    assert scheme.records("incident.opened") == []


def test_of_a_large_scheme_more_must_be_silent() -> None:
    """Five of a thousand are nothing; a tenth of it is."""
    scheme = Scheme()
    scheme.many_are_silent(99, units=1_000)
    assert scheme.records("incident.opened") == []
    scheme.silent("h99", units=1_000)
    scheme.advance(seconds=1)
    [line] = scheme.records("incident.opened")
    assert f"and {100 - LISTED_IN_RECORD} more" in line.reason


def test_in_whichever_order_homes_are_visited_the_same_is_decided() -> None:
    """Promise P9: what opens at one instant is judged together."""
    one, other = Scheme(), Scheme()
    for n in range(6):
        one.silent(f"h{n}")
        other.silent(f"h{5 - n}")
    one.advance(seconds=1)
    other.advance(seconds=1)
    assert one.effects == other.effects
    assert one.state == other.state


def test_the_likely_cause_is_told() -> None:
    """Their power when some had told so, ours when we or our link had failed before."""
    scheme = Scheme()
    for n in range(8):
        scheme.silent(f"h{n}", mains=n < 2)
    scheme.advance(seconds=1)
    assert scheme.incident().cause == Cause.POWER
    down = ((START - 2 * HOUR, START - 30 * MINUTE),)
    link = replace(AT_CONNECT, outages=down)
    scheme = Scheme(site=link)
    scheme.many_are_silent(8, mains=True)
    assert scheme.incident().cause == Cause.BROKER
    scheme = Scheme(site=SiteFacts(held=False, outages=down, stops=down))
    scheme.many_are_silent(8)
    assert scheme.incident().cause == Cause.US


def test_an_incident_grows_and_ends_when_its_homes_are_back() -> None:
    """Homes join while it spreads; the alert waits for a person, as what is urgent does."""
    scheme = Scheme()
    scheme.many_are_silent(6)
    scheme.advance(minutes=5)
    scheme.silent("late", lives=9)
    scheme.advance(seconds=1)
    assert scheme.incident().members[0].home == "late"
    assert "7 of 20 homes" in scheme.alert("incident").text
    assert scheme.outage().homes[0].home == "late"
    for n in range(6):
        scheme.back(f"h{n}")
    scheme.back("late")
    scheme.advance(seconds=1)
    assert scheme.incident().closed_at
    [line] = scheme.records("incident.closed")
    assert line.reason == "north#1: its homes are back"
    assert scheme.relays(StormOver) == []
    assert scheme.alert("incident").state is AlertState.OPEN
    assert scheme.state.storms.silent == ()


def test_who_stays_silent_when_it_ebbs_is_told_by_itself() -> None:
    """Nineteen of twenty are back; ten minutes later the last is a matter of its own."""
    scheme = Scheme()
    scheme.many_are_silent(20)
    for n in range(19):
        scheme.back(f"h{n}")
    scheme.advance(minutes=9)
    assert not scheme.incident().closed_at
    scheme.advance(minutes=1)
    assert scheme.incident().closed_at
    assert scheme.relays(StormOver) == ["h19"]


def test_it_does_not_ebb_when_more_fall_silent_again() -> None:
    """A second wave joins the incident; only its own end lets it end."""
    scheme = Scheme()
    scheme.many_are_silent(20)
    for n in range(19):
        scheme.back(f"h{n}")
    scheme.advance(minutes=5)
    for n in range(19):
        scheme.silent(f"h{n}", alert=2)
    scheme.advance(minutes=30)
    assert not scheme.incident().closed_at
    assert len(scheme.incident().members) == 39


def test_no_incident_lasts_longer_than_a_day() -> None:
    """What is still silent is told home by home then."""
    scheme = Scheme()
    scheme.many_are_silent(6)
    scheme.advance(hours=LONGEST_INCIDENT // HOUR)
    assert scheme.incident().closed_at
    assert len(scheme.relays(StormOver)) == 6
    assert scheme.records("incident.closed")[0].reason.endswith("6 homes are still silent")


def test_later_silence_is_another_incident() -> None:
    """Hours after the first, in other homes."""
    scheme = Scheme()
    scheme.many_are_silent(6)
    scheme.advance(hours=3)
    scheme.silent("x0")
    scheme.advance(minutes=1)
    assert len(scheme.records("incident.opened")) == 1
    for n in range(1, 6):
        scheme.silent(f"x{n}")
    scheme.advance(seconds=1)
    assert len(scheme.records("incident.opened")) == 2
    scheme.back("nobody")
    assert scheme.incident(2).opened_at > scheme.incident(1).opened_at


def test_its_memory_is_bounded() -> None:
    """The oldest incident that is over is forgotten, and very many silent units are not kept."""
    scheme = Scheme(plan=replace(plan_of(), storm=Storm(units=2, share=1, within=MINUTE)))
    for round_ in range(MAX_INCIDENTS + 3):
        for n in range(2):
            scheme.silent(f"r{round_}-{n}")
        scheme.advance(seconds=1)
        for n in range(2):
            scheme.back(f"r{round_}-{n}")
        scheme.advance(minutes=5)
    assert len(scheme.state.storms.incidents) == MAX_INCIDENTS
    assert scheme.state.storms.incidents[0].n == 4
    full = tuple(Silent(f"h{n}", 1, 1, False, 0, judged=True) for n in range(MAX_SILENT))
    scheme.state.storms = replace(scheme.state.storms, silent=full)
    scheme.silent("one-more")
    assert len(scheme.state.storms.silent) == MAX_SILENT


def test_a_home_that_was_back_when_it_is_judged_is_no_part_of_it() -> None:
    """Five fell silent, one of them for a moment."""
    scheme = Scheme()
    for n in range(5):
        scheme.silent(f"h{n}")
    scheme.back("h0")
    scheme.advance(seconds=1)
    assert scheme.records("incident.opened") == []


def test_of_two_silent_units_of_one_home_the_one_that_speaks_is_back() -> None:
    """A home with two alarm units has an alert for each: each is followed by itself."""
    scheme = Scheme()
    scheme.silent("h0", alert=1)
    scheme.silent("h0", alert=2)
    scheme.back("h0", alert=2)
    scheme.back("h0", alert=9)
    assert [(one.alert, bool(one.back_at)) for one in scheme.state.storms.silent] == [
        (1, False),
        (2, True),
    ]


def test_an_incident_that_a_person_has_dealt_with_still_grows() -> None:
    """Its homes stand in it and on its list; nobody is told once more what they have closed."""
    scheme = Scheme()
    scheme.many_are_silent(6)
    alert = scheme.alert("incident").n
    closed = Resolved(input=9, at=scheme.at, alert=alert, by="Olu", outcome=Outcome.TECHNICAL_FIXED)
    scheme.happens(closed)
    scheme.silent("late")
    scheme.advance(seconds=1)
    assert len(scheme.incident().members) == 7
    assert "outage-list" not in [one.rule for one in scheme.state.alerts.values()]
