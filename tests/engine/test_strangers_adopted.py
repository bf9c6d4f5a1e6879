"""Unknown devices: one alert each with what is known, quiet ones, a cap, and their adoption."""

import pytest
from msgspec.structs import replace

from telecared.bodies import evidence_of, names_in
from telecared.core.alert_commands import Resolved
from telecared.core.conditions.base import Change, View
from telecared.core.conditions.reading import _Reading
from telecared.core.machinery import MAX_COUNTED, MAX_STRANGERS
from telecared.core.plan import Device
from telecared.core.vocabulary import AlertState, DeviceKind, Outcome, Priority
from telecared.store_port import AlertRow, InputRow
from tests.engine import night as stage
from tests.engine.conftest import MakeNight
from tests.engine.gadgets import bus_part, gadget_directory, with_device
from tests.engine.night import Night
from tests.engine.scenery import CENTRE, PENDANT, SCHEME, plan_of
from tests.engine.soundness import assert_restartable

PLAN = plan_of(PENDANT)
TOPIC = f"telecare/{SCHEME}/h001/sos-button"


@pytest.fixture(autouse=True)
def gadgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The made-up makers are known."""
    monkeypatch.setattr(stage, "shipped_directory", gadget_directory)


def reasons(it: Night, alert: AlertRow) -> list[str]:
    """What is on record about one alert."""
    found = it.records(home_id=alert.home)
    return [one.record.reason for one in found if one.record.alert == alert.n]


async def test_the_alert_says_what_is_known_and_how_to_register(night: MakeNight) -> None:
    """P7, P10: its kind by name, what it told without values, and the ready command."""
    async with night(plan=PLAN) as it:
        await it.hears(it.message(topic=TOPIC, battery=50, location=[51.5, -0.1]))

        alert = it.alert("unknown-device")
        reason = reasons(it, alert)[0]
        assert "it told location, battery" in reason or "it told battery, location" in reason
        assert "51.5" not in reason
        assert "it speaks like native" in reason
        assert "personal_trigger" in reason
        assert reason.endswith(f"telecared adopt h001 {TOPIC} --by NAME")
        [text] = it.texts_to(CENTRE)
        assert "adopt" not in text


async def test_a_quiet_stranger_is_on_record_and_its_alarm_is_told(night: MakeNight) -> None:
    """A receiver hears the whole neighbourhood: only an alarm of it concerns anybody."""
    async with night(plan=PLAN) as it:
        await it.hears(it.message(topic="north/h001/radio", id=4711, contact=True))
        quiet = it.alerts()
        await it.hears(it.message(topic="north/h001/radio", id=4711, sos=True))

        assert quiet == []
        assert [row.device for row in it.inputs("message")] == ["north/h001/radio 4711"] * 2
        alert = it.alert("unknown-device-alarm")
        assert alert.priority is Priority.LIFE_SAFETY
        assert "--address 4711" in reasons(it, alert)[0]


async def test_one_message_of_several_devices_is_a_row_for_each(night: MakeNight) -> None:
    """P1: all in one transaction, the payload once, acknowledged once; P9: decided the same."""
    devices = (bus_part(1, "cord", DeviceKind.FIXED_TRIGGER),)
    async with night(plan=PLAN, homes=[with_device(1, devices[0])]) as it:
        parts = {"cord": {"sos": True}, "lamp": {"motion": True}}
        await it.hears(it.message(topic="north/h001/bus", parts=parts))

        first, second = it.inputs("message")
        assert (first.home, first.device) == ("h001", "cord")
        assert (second.home, second.device) == ("@scheme/north", "north/h001/bus lamp")
        assert first.payload is not None
        assert second.payload is None
        assert len(it.session.acknowledged) == 1
        assert it.alert("pendant-pressed").home == "h001"
        assert it.alert("unknown-device").home == "@scheme/north"
        [memory] = (await it.store.load()).packets
        assert (memory.input, memory.skip) == (first.id, False)
        path = it.path
    assert_restartable(path)


async def test_a_registered_device_ends_its_alert(night: MakeNight) -> None:
    """An alert of a device that has been adopted closes by a recorded recovery; an alarm stays."""
    async with night(plan=PLAN) as it:
        for name in ("sos-button", "other"):
            await it.hears(it.message(topic=f"telecare/{SCHEME}/h001/{name}", battery=50))
        await it.hears(it.message(topic=TOPIC, trigger="pressed"))
        new = Device(id="sos", kind=DeviceKind.PERSONAL_TRIGGER, profile="native", topic=TOPIC)
        await it.imports(with_device(1, new))

        states = {row.rule: row.state for row in it.alerts("unknown-device-alarm")}
        assert states == {"unknown-device-alarm": AlertState.OPEN}
        first, second = it.alerts("unknown-device")
        assert (first.state, first.resolved_by) == (AlertState.RESOLVED, None)
        assert second.state is AlertState.OPEN
        assert "recovered: it is registered now" in reasons(it, first)


async def test_one_alert_counts_what_is_too_much_for_one_each(night: MakeNight) -> None:
    """Fifty alerts are enough work for anybody; alarms are told all the same."""
    async with night(plan=PLAN) as it:
        for number in range(MAX_STRANGERS + 4):
            for _ in range(2):
                await it.hears(it.message(topic=_topic(number), battery=50))
        await it.hears(it.message(topic=_topic(MAX_STRANGERS), trigger="pressed"))

        assert len(it.alerts("unknown-device")) == MAX_STRANGERS
        rest = it.alert("unknown-devices")
        assert (rest.repeats, rest.priority) == (3, Priority.TECHNICAL)
        assert it.alert("unknown-device-alarm").state is AlertState.OPEN


async def test_the_counting_alert_ends_with_the_last_of_its_devices(night: MakeNight) -> None:
    """It ends by itself when all that it counts are registered, and not before."""
    async with night(plan=PLAN) as it:
        for number in range(MAX_STRANGERS + 2):
            await it.hears(it.message(topic=_topic(number), battery=50))
        await it.imports(with_device(1, _device(MAX_STRANGERS)))
        halfway = it.alert("unknown-devices").state
        await it.imports(with_device(2, _device(MAX_STRANGERS + 1)))

        assert halfway is AlertState.OPEN
        assert it.alert("unknown-devices").state is AlertState.RESOLVED


async def test_a_counting_alert_that_was_closed_comes_again(night: MakeNight) -> None:
    """Whoever closed it has not registered the devices: they are still unknown."""
    async with night(plan=PLAN) as it:
        for number in range(MAX_STRANGERS + 1):
            await it.hears(it.message(topic=_topic(number), battery=50))
        await it.orders(
            Resolved(input=0, at=0, alert=MAX_STRANGERS + 1, by="Ann", outcome=Outcome.TEST),
            "@scheme/north",
        )
        await it.hears(it.message(topic=_topic(MAX_STRANGERS), battery=50))

        states = [row.state for row in it.alerts("unknown-devices")]
        assert states == [AlertState.RESOLVED, AlertState.OPEN]


async def test_a_flood_of_strangers_is_not_remembered_for_ever(night: MakeNight) -> None:
    """What is remembered of them is bounded, whatever a broken gateway makes up."""
    async with night(plan=PLAN, delivers=False) as it:
        arrivals = [
            it.message(topic=_topic(number), battery=50)
            for number in range(MAX_STRANGERS + MAX_COUNTED + 30)
        ]
        it.engine.arrived(arrivals)
        await it.turn()

        kept = it.engine.homes.states["@scheme/north"].findings
        assert len(kept) == MAX_STRANGERS + MAX_COUNTED + 1
        assert it.alert("unknown-devices").repeats == MAX_COUNTED + 29


def test_a_body_that_cannot_be_read_is_no_evidence() -> None:
    """Nothing that stands in the store stops a replay."""
    row = InputRow(id=1, kind="message", at=1, body=b"{")

    assert evidence_of(row).profile is None
    assert names_in("a b") == [("a b", ""), ("a", "b")]


def _topic(number: int) -> str:
    return f"telecare/{SCHEME}/h900/d{number}"


def _device(number: int) -> Device:
    kind = DeviceKind.OTHER
    return Device(id="new", kind=kind, profile="native", topic=_topic(number))


async def test_a_kept_press_of_a_stranger_is_no_alarm(night: MakeNight) -> None:
    """Decision 6: what the broker kept was pressed some time; smoke that it kept may still burn."""
    async with night(plan=PLAN) as it:
        await it.hears(it.message(topic=TOPIC, trigger="pressed", retained=True))
        kept = [row.rule for row in it.alerts()]
        await it.hears(it.message(topic=TOPIC, smoke="alarm", retained=True))

        assert kept == ["unknown-device"]
        assert it.alert("unknown-device-alarm").priority is Priority.LIFE_SAFETY


async def test_a_device_that_was_taken_away_is_no_stranger_any_less(night: MakeNight) -> None:
    """An entry that ended says nothing of what speaks there today."""
    async with night(plan=PLAN) as it:
        await it.hears(it.message(topic=TOPIC, battery=50))
        gone = Device(
            id="sos", kind=DeviceKind.PERSONAL_TRIGGER, profile="native", topic=TOPIC,
            until=it.clock.now(),
        )  # fmt: skip
        await it.imports(with_device(1, gone))

        assert it.alert("unknown-device").state is AlertState.OPEN


async def test_one_of_several_devices_that_fails_takes_no_other_with_it(
    night: MakeNight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Decisions 7 and 13: its row is set aside, the other's alarm is told; a copy joins both."""
    sound = _Reading.on_change

    def on_change(self: _Reading, view: View, change: Change) -> object:
        if view.state.home == "h001":
            raise ZeroDivisionError("a defect")
        return sound(self, view, change)

    monkeypatch.setattr(_Reading, "on_change", on_change)
    one = bus_part(1, "cord", DeviceKind.FIXED_TRIGGER)
    next_door = replace(one, id="cord-2", address="cord-2")
    async with night(plan=PLAN, homes=[with_device(1, one), with_device(2, next_door)]) as it:
        parts = {"cord": {"sos": True}, "cord-2": {"sos": True}}
        await it.hears(it.message(topic=one.topic, packet=5, parts=parts))
        await it.restarts(clean=False)
        await it.hears(it.message(topic=one.topic, packet=5, redelivered=True, parts=parts))

        told = [(row.home, row.device) for row in it.inputs("message")]
        assert told == [("h001", "cord"), ("h002", "cord-2")] * 2
        assert [row.redelivered for row in it.inputs("message")] == [False, False, True, True]
        assert it.alert("quarantined-alarm").home == "h001"
        assert it.alert("pendant-pressed").home == "h002"
        assert it.ledger().opened == 2
