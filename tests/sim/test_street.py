"""The people of the street: importable as any homes, with numbers that ring nowhere."""

import re

import pytest

from telecared.config.homes import LoadedHomes, Surroundings, read_homes
from telecared.core.messages import Reader, dealt_with, going, lapsed, recovered
from telecared.core.vocabulary import NotificationState, Outcome
from telecared.errors import ConfigError
from telecared.sim.behaviour import answer_to
from telecared.sim.happenings import What
from telecared.sim.street import (
    CENTRE_NUMBER,
    MOST_HOMES,
    OUR_NUMBER,
    behaviours,
    ending_of,
    homes_yaml,
    make_street,
)
from tests.core.test_messages import an_alert
from tests.sim.shipping import shipped_plan

DRAMA = re.compile(r"\+44(7700900|1632960)\d{3}")

READER = Reader("en")


@pytest.fixture
def registered() -> LoadedHomes:
    """The street as `import` reads it, under the rules that ship."""
    loaded = shipped_plan()
    around = Surroundings(sources=loaded.sources, profiles=loaded.profiles.keys())
    return read_homes(homes_yaml(make_street(12)), "homes.yaml", around)


def test_the_street_is_imported_without_a_doubt(registered: LoadedHomes) -> None:
    """Twelve homes with devices and people, and each home's own values are known to the rules."""
    assert len(registered.homes) == 12
    assert registered.warnings == ()
    assert registered.homes[0].resident_name == "Mrs Ada Hall"
    assert registered.homes[0].devices[0].topic == "telecare/northside/larch-12/hub"
    assert all(len(home.contacts) >= 2 for home in registered.homes)
    values = {home.id: home.rule_values for home in registered.homes if home.rule_values}
    assert set(values) == {"birch-9", "rowan-1"}


def test_every_number_is_set_aside_for_drama() -> None:
    """However many homes there are, nobody real is ever written to."""
    street = make_street(2_000)
    numbers = {household.phone for household in street} | set(behaviours(street)) | {OUR_NUMBER}
    assert all(DRAMA.fullmatch(number) for number in numbers)
    assert CENTRE_NUMBER not in {
        person.number for household in street for person in household.contacts
    }
    assert OUR_NUMBER not in behaviours(street)


def test_a_neighbour_with_keys_to_several_homes_has_one_phone() -> None:
    """The same name is the same person, with one number."""
    numbers: dict[str, set[str]] = {}
    for household in make_street(12):
        for person in household.contacts:
            numbers.setdefault(person.name, set()).add(person.number)
    assert all(len(found) == 1 for found in numbers.values())
    different = [number for found in numbers.values() for number in found]
    assert len(different) == len(set(different))


def test_the_phones_tell_different_stories() -> None:
    """Somebody answers, somebody declines, somebody's phone is off, somebody is silent."""
    phones = behaviours(make_street(12))
    answers = {answer_to(phone, "Reply 4711 if you are going.") for phone in phones.values()}
    assert answers == {"4711", "NO 4711", None}
    ends = {phone.state for phone in phones.values()}
    assert ends == {
        NotificationState.DELIVERED,
        NotificationState.UNDELIVERED,
        NotificationState.FAILED,
    }


def test_nobody_answers_what_only_tells_news() -> None:
    """That somebody else is going asks for nothing, though its house number looks like a code."""
    household = make_street(1)[0]
    phone = household.contacts[0].behaviour
    what = "help wanted at 4711 Larch Close"
    assert answer_to(phone, f"{what}. Reply 5111 if you are going.") == "5111"
    alert = an_alert("x", about=what, code="5111")
    for news in (going("Cara", alert), dealt_with("Cara", alert), recovered(alert)):
        assert answer_to(phone, news(READER)) is None
    assert answer_to(phone, lapsed(alert)(READER)) == "5111"


def test_every_happening_has_an_ending() -> None:
    """Whoever took an alert closes it at some time, and says how it ended."""
    assert {ending_of(what).outcome for what in What} >= {
        Outcome.ASSISTANCE_GIVEN,
        Outcome.FALSE_ACTIVATION,
        Outcome.TECHNICAL_FIXED,
    }
    assert ending_of(None).after > 0


@pytest.mark.parametrize("homes", [0, -1, MOST_HOMES + 1])
def test_a_street_without_homes_or_without_end_is_refused(homes: int) -> None:
    """The sentence names the option and the limits."""
    with pytest.raises(ConfigError, match="--homes"):
        make_street(homes)


def test_early_risers_of_a_simulation_are_known_as_such() -> None:
    """Assessed like everybody beside the street; the demo's street stays as it is."""
    tags = {household.home: household.tags for household in make_street(12, seed=4)}
    assert tags["larch-12"] == tags["larch-14"] == ("early-riser",)
    assert tags["larch-16"] == ()
    assert tags["rowan-1"] == ("dementia",)
    assert not any("early-riser" in household.tags for household in make_street(12))
