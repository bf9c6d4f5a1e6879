"""Devices that speak in a home which is not theirs: moved, swapped, or registered twice."""

import pytest
from msgspec.structs import replace

from telecared import places
from telecared.core.alert_commands import Resolved
from telecared.core.decode import Decoded
from telecared.core.directory import Resolved as Found
from telecared.core.plan import Device
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DAY, AlertState, DeviceKind, Outcome, Priority
from telecared.places import Places
from tests.engine import night as stage
from tests.engine.conftest import MakeNight
from tests.engine.gadgets import gadget_directory, mesh_door, with_device
from tests.engine.scenery import CENTRE, PENDANT, home, instant, plan_of
from tests.engine.soundness import assert_restartable

PLAN = plan_of(PENDANT)


@pytest.fixture(autouse=True)
def gadgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up makers are known."""
    monkeypatch.setattr(stage, "shipped_directory", gadget_directory)


async def test_a_device_that_was_carried_next_door_is_told_once(night: MakeNight) -> None:
    """It is a finding of the home where it is missed, and of nobody's unknown devices."""
    homes = [with_device(1, mesh_door(1, "door-1", "A1B2C3")), home(2)]
    async with night(plan=PLAN, homes=homes) as it:
        for _ in range(3):
            away = it.message(topic="north/h002/mesh/new", serial="a1b2c3", contact=True)
            await it.hears(away)

        alert = it.alert("wrong-home")
        assert (alert.home, alert.priority) == ("h001", Priority.TECHNICAL)
        assert len(it.alerts()) == 1
        assert len(it.inputs("finding")) == 1
        [reason] = [one.record.reason for one in it.records("alert.opened") if one.home == "h001"]
        assert "speaks at h002, on north/h002/mesh/new" in reason
        path = it.path
    assert_restartable(path)


async def test_a_person_closes_it_and_what_goes_on_is_told_again(night: MakeNight) -> None:
    """Nobody but a person knows that the device is back; a day later it is looked at anew."""
    homes = [with_device(1, mesh_door(1, "door-1", "A1B2C3")), home(2)]
    async with night(plan=PLAN, homes=homes) as it:
        await it.hears(it.message(topic="north/h002/mesh/new", serial="A1B2C3", contact=True))
        number = it.alert("wrong-home").alert.rpartition("/")[2]
        await it.orders(
            Resolved(input=0, at=0, alert=int(number), by="Ann", outcome=Outcome.TECHNICAL_FIXED)
        )
        await it.hears(it.message(topic="north/h002/mesh/new", serial="A1B2C3", contact=True))
        closed = [row.state for row in it.alerts("wrong-home")]
        await it.passes(days=1)
        await it.hears(it.message(topic="north/h002/mesh/new", serial="A1B2C3", contact=True))

        assert closed == [AlertState.RESOLVED]
        assert [row.state for row in it.alerts("wrong-home")][-1] is AlertState.OPEN


async def test_an_alarm_next_door_is_life_safety_where_it_is_pressed(night: MakeNight) -> None:
    """P6, P7: it is never dropped, and whoever is told reads whose it is."""
    homes = [with_device(1, mesh_door(1, "door-1", "A1B2C3")), home(2)]
    async with night(plan=PLAN, homes=homes) as it:
        await it.hears(it.message(topic="north/h002/mesh/new", serial="A1B2C3", sos=True))

        assert {row.rule for row in it.alerts()} == {"wrong-home-alarm", "wrong-home"}
        reasons = [one.record.reason for one in it.records("alert.opened", "@scheme/north")]
        assert "it is registered as door-1 of h001" in reasons[0]


async def test_a_receiver_that_hears_the_neighbours_finds_nothing_wrong(night: MakeNight) -> None:
    """Radio goes through walls: an alarm is told all the same, and nobody has moved."""
    pendant = Device(
        id="fob", kind=DeviceKind.PERSONAL_TRIGGER, profile="radio", topic="north/h001/radio",
        address="4711",
    )  # fmt: skip
    async with night(plan=PLAN, homes=[with_device(1, pendant), home(2)]) as it:
        for sos in (False, True):
            await it.hears(it.message(topic="north/h002/radio", id=4711, contact=True, sos=sos))

        await it.hears(it.message(topic="north/h003/radio", id=4711, sos=True))

        [alert] = it.alerts()
        assert (alert.rule, alert.priority) == ("wrong-home-alarm", Priority.LIFE_SAFETY)
        assert alert.repeats == 1
        assert any("home than its own: fob of h001" in text for text in it.texts_to(CENTRE))


async def test_a_serial_that_is_registered_in_two_homes_is_found(night: MakeNight) -> None:
    """One device that both homes claim speaks in both: each time in the wrong one of two."""
    homes = [
        with_device(1, mesh_door(1, "door-1", "A1B2C3")),
        with_device(2, mesh_door(2, "door-2", "A1B2C3")),
    ]
    async with night(plan=PLAN, homes=homes) as it:
        for number in (1, 2, 1):
            name = f"north/h00{number}/mesh/door-{number}"
            await it.hears(it.message(topic=name, serial="A1B2C3", contact=True))

        found = {row.home for row in it.alerts("wrong-home")}
        assert found == {"h001", "h002"}


async def test_a_device_moves_on_the_day_that_its_entry_says(night: MakeNight) -> None:
    """Bindings have dates, by the wall clock: before and after it is another home's device."""
    moved = instant("2026-03-01T12:00:00Z")
    old = replace(mesh_door(1, "door", None), until=moved)
    new = replace(old, id="door-2", since=moved, until=None)
    homes = [with_device(1, old), with_device(2, new)]
    async with night(plan=PLAN, homes=homes) as it:
        for _ in range(2):
            await it.hears(it.message(topic="north/h001/mesh/door", contact=True))
            await it.passes(hours=6)

        told = [(row.home, row.device) for row in it.inputs("message")]
        assert told == [("h001", "door"), ("h002", "door-2")]


async def test_the_dates_are_those_of_the_wall_clock(night: MakeNight) -> None:
    """Engine time is never stepped; people wrote the day by the clock on the wall."""
    moved = instant("2026-03-01T12:00:00Z")
    homes = [with_device(1, replace(mesh_door(1, "door", None), until=moved))]
    async with night(plan=PLAN, homes=homes) as it:
        await it.wall_clock_is_put(DAY // 2)
        await it.hears(it.message(topic="north/h001/mesh/door", contact=True))

        assert it.inputs("message")[0].home == "@scheme/north"


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network of very many devices fills no memory."""
    monkeypatch.setattr(places, "MAX_REMEMBERED", 2)
    seen = Places()
    for number in range(5):
        binding = DeviceBinding("h001", "d", DeviceKind.OTHER, "mesh", "t")
        decoded = Decoded(identity=str(number))
        found = Found("h001", binding, decoded, elsewhere=("h009", f"x{number}"))
        seen.found(found, "t", 0, lambda _: True)

    assert len(seen._heard) == len(seen._found) == 2


async def test_a_device_that_moved_as_its_entries_say_is_in_no_wrong_home(
    night: MakeNight,
) -> None:
    """By dates or by a corrected entry: where it was heard before is not held against it."""
    moved = instant("2026-03-01T12:00:00Z")
    old = replace(mesh_door(1, "door", "A1B2C3"), until=moved)
    new = replace(mesh_door(2, "door", "A1B2C3"), since=moved)
    async with night(plan=PLAN, homes=[with_device(1, old), with_device(2, new)]) as it:
        await it.hears(it.message(topic=old.topic, serial="A1B2C3", contact=True))
        await it.passes(hours=12)
        await it.hears(it.message(topic=new.topic, serial="A1B2C3", contact=True))
        again = mesh_door(3, "door", "A1B2C3")
        await it.imports(home(2), with_device(3, again))
        await it.hears(it.message(topic=again.topic, serial="A1B2C3", contact=True))

        assert [row.home for row in it.inputs("message")] == ["h001", "h002", "h003"]
        assert it.alerts("wrong-home") == []
