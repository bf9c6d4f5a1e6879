"""A home's state as it is stored: read back whole, refused when newer, readable for ever."""

from pathlib import Path
from typing import Any, get_origin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

from telecared.core.events import (
    ConditionFound,
    Promised,
    ReplyNotUnderstood,
    Silenced,
    Suspended,
    WalkTestBegun,
    decode_event,
    encode_event,
)
from telecared.core.plan import Absence, Ageing, Rule
from telecared.core.state import (
    STATE_VERSION,
    Answer,
    Gap,
    HomeState,
    decode_state,
    earliest,
    encode_state,
    next_deadline,
    wake_at,
)
from telecared.core.vocabulary import DAY, HOUR, MINUTE, NotificationState, Priority, SuspensionKind
from telecared.core.when import Count, HeldFor, InactiveFor, ReadingIs
from tests.core.world import World, instant

GOLDEN = Path(__file__).parent / "golden" / "state_v1.bin"
"""What version 1 wrote for `a_full_home`: `GOLDEN.write_bytes(encode_state(a_full_home()))`, run
once when version 1 was released. It is never written again: a new version gets a file of its own,
and this one must stay readable."""

RULES = (
    Rule(name="pressed", when=ReadingIs(property="trigger", values=("pressed",)),
         priority=Priority.LIFE_SAFETY),
    Rule(name="door", when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE)),
    Rule(name="often", when=Count(of=ReadingIs(property="motion", values=("detected",)),
                                  at_least=9, within=HOUR)),
    Rule(name="out", when=HeldFor(property="contact", values=("open",), duration=HOUR),
         unless=(Absence.AWAY,)),
    Rule(name="quiet", when=InactiveFor(duration=4 * HOUR, of=("motion",))),
    Rule(name="weak", when=ReadingIs(property="battery", values=("low",)),
         priority=Priority.TECHNICAL, ages=Ageing(every=DAY)),
)  # fmt: skip


def a_full_home() -> HomeState:
    """A home in which every field of the state holds something."""
    world = World(rules=RULES)
    world.hears("bed", occupancy="occupied", seq=1)
    world.advance(minutes=5)
    world.hears("bed", occupancy="vacant", seq=4)
    world.hears("unit", location=(51.5, -0.1), battery=81.0, water="wet", clears_after=HOUR)
    world.hears("hall-pir", motion="detected")
    world.hears("front-door", contact="open")
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=6)
    world.accepts("cara")
    world.hears("pendant", trigger="pressed")
    world.declines("ben", alert=2)
    world.reports("ben", NotificationState.FAILED, number_refused=True)
    world.happens(ConditionFound(input=90, at=world.at, name="broker-lost", detail="gone"))
    world.happens(
        ReplyNotUnderstood(
            input=91, at=world.at, sender="one", number="+447700900200", help="stranger"
        )
    )
    world.happens(
        Suspended(
            input=92, at=world.at, by="Cara Singh", kind=SuspensionKind.HOLIDAY,
            until=world.at + DAY, note="asked for it",
        )
    )  # fmt: skip
    world.happens(
        Silenced(
            input=93, at=world.at, by="Cara Singh", until=world.at + HOUR, rule="door",
            note="asked for it",
        )
    )  # fmt: skip
    world.happens(
        Promised(
            input=95, at=world.at, by="Ann Lee", what="to ring her back", alert=1,
            due_at=world.at + HOUR,
        )
    )  # fmt: skip
    world.hears("smoke", battery="low")
    world.happens(WalkTestBegun(input=94, at=world.at, by="Ivy Cole", lasts=HOUR))
    world.hears("smoke", test="pressed")
    world.state.stirred_at = 5
    world.state.returned = {"unit": ((3, 4),)}
    world.state.broken = ("gone|front-door",)
    world.state.forgotten = 1
    world.state.gaps = (Gap(Absence.AWAY, 1, 2, True, "holiday"),)
    world.state.opened_today = {"often": ("2026-03-01", 1)}
    world.state.findings["old"] = msgspec.structs.replace(
        world.state.findings["pressed|pendant"], alert=None, resolved_at=5
    )
    return world.state


def test_the_first_version_stays_readable() -> None:
    """The blob of version 1 is read, and says what it said."""
    state = decode_state(GOLDEN.read_bytes())
    assert state.version == 1
    assert state.home == "larch-12"
    assert state.at == instant("2026-03-01T08:11Z")
    assert state.facts["unit"]["location"].value == (51.5, -0.1)
    assert state.missed == {"bed": 2}
    assert state.alerts[1].owner == "Cara Singh"
    assert state.alerts[1].update_by is not None
    assert state.pending["!broker-lost|"].detail == "gone"
    assert state.broken == ("gone|front-door",)


def test_what_is_written_today_is_what_the_first_version_wrote() -> None:
    """A field that changes its meaning or its place asks for a new version."""
    assert STATE_VERSION == 1
    assert encode_state(a_full_home()) == GOLDEN.read_bytes()


def test_every_field_holds_something_in_the_golden_state() -> None:
    """Otherwise the golden file would not notice its loss."""
    state = a_full_home()
    empty = [name for name in state.__struct_fields__ if not getattr(state, name)]
    assert empty == []


def test_a_state_of_a_newer_version_is_refused_with_a_remedy() -> None:
    """Somebody went back to an older program."""
    newer = HomeState(home="larch-12", version=STATE_VERSION + 1)
    with pytest.raises(ValueError, match="install the newer version or restore a backup"):
        decode_state(encode_state(newer))


@pytest.mark.parametrize("blob", [b"", b"\xc1", b"\x80", b"\x81\xa7version\x01", b"[]"])
def test_what_is_no_state_is_refused_with_a_remedy(blob: bytes) -> None:
    """A damaged row says which command looks into it."""
    with pytest.raises(ValueError, match="telecared verify"):
        decode_state(blob)


@settings(derandomize=True, deadline=None, max_examples=40)
@given(
    story=st.lists(
        st.tuples(
            st.sampled_from(["pendant", "front-door", "bed", "hall-pir", "unit"]),
            st.sampled_from(["trigger", "contact", "occupancy", "motion", "temperature"]),
            st.integers(0, 90),
        ),
        max_size=12,
    )
)
def test_every_state_that_can_be_reached_is_read_back(story: list[tuple[str, str, int]]) -> None:
    """Whatever a home has lived through."""
    words = {"trigger": "pressed", "contact": "open", "occupancy": "vacant", "motion": "detected"}
    world = World(rules=RULES)
    for device, name, minutes in story:
        reading: dict[str, Any] = {name: words.get(name, float(minutes))}
        world.hears(device, **reading)
        world.advance(minutes=minutes)
        assert decode_state(encode_state(world.state)) == world.state


def test_an_event_is_stored_without_its_place_in_the_sequence() -> None:
    """The id and the time are the row's own."""
    event = ConditionFound(input=7, at=8, name="broker-lost")
    assert decode_event(encode_event(event), input=7, at=8) == event
    assert b"7" not in encode_event(event)


def test_a_clone_can_be_changed_alone() -> None:
    """The copy shares nothing that is changed in place; a `Mapping` never is."""
    state = a_full_home()
    before = encode_state(state)
    copy = state.clone()
    for field in fields(copy):
        value = getattr(copy, field.name)
        if isinstance(value, dict) and get_origin(field.type) is dict:
            value.clear()
    copy.at = 0
    assert encode_state(state) == before


def test_the_next_deadline_is_the_earliest_of_its_classes() -> None:
    """Absences are left out while their judgement is held."""
    state = HomeState(home="larch-12")
    assert next_deadline(state) is None
    state.alerts_due, state.conditions_due, state.absences_due = 30, 20, 10
    assert next_deadline(state) == 10
    assert wake_at(state, held=True) == 20
    assert wake_at(state, held=False) == 10
    assert earliest() is None


def test_little_things_that_are_remembered() -> None:
    """An answer has no reason unless it has one."""
    assert Answer(True).reason == ""
