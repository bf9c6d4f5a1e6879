"""Devices that nobody registered, messages without a guarantee, and ten thousand odd ones (P7)."""

import random
import time

from telecared.core.vocabulary import AlertState, Priority
from telecared.intake import MAX_PAYLOAD
from tests.engine.conftest import MakeNight
from tests.engine.scenery import CENTRE, PENDANT, SCHEME, home, plan_of

PLAN = plan_of(PENDANT)
TOPIC = f"telecare/{SCHEME}/h099/pendant"


async def test_an_unknown_device_is_one_alert_however_often_it_speaks(night: MakeNight) -> None:
    """Decision 12, P7: of its scheme when that is known, of the site when not; repeats counted."""
    async with night(plan=PLAN) as it:
        for _ in range(3):
            await it.hears(it.message(topic=TOPIC, battery=50))
            await it.hears(it.message(topic="telecare/elsewhere/x/y", battery=50))

        found = {row.home: row for row in it.alerts("unknown-device")}
        assert set(found) == {"@scheme/north", "@site"}
        assert {row.repeats for row in found.values()} == {2}
        assert {row.priority for row in found.values()} == {Priority.TECHNICAL}
        assert it.ledger().opened == 2


async def test_an_sos_of_an_unregistered_device_reaches_the_centre(night: MakeNight) -> None:
    """Decision 12: it is life safety, and the centre is told."""
    async with night(plan=PLAN) as it:
        await it.hears(it.message(topic=TOPIC, trigger="pressed"))

        alert = it.alert("unknown-device-alarm")
        assert (alert.home, alert.priority) == ("@scheme/north", Priority.LIFE_SAFETY)
        assert it.texts_to(CENTRE)[0].startswith("ALARM")
        await it.restarts(clean=False)
        assert it.alert("unknown-device-alarm").state is AlertState.OPEN
        assert it.ledger().escalating == 1


async def test_a_life_safety_device_without_guarantee_is_a_finding(night: MakeNight) -> None:
    """P8: what is published at QoS 0 may be lost by the broker; people are told, once."""
    async with night(plan=PLAN) as it:
        await it.hears(it.message("pendant", qos=0, heartbeat="seen"))
        await it.hears(it.message("pir", qos=0, motion="detected"))
        await it.hears(it.message("pendant", qos=0, trigger="pressed"))

        assert it.alert("qos-zero").priority is Priority.TECHNICAL
        assert it.alert("pendant-pressed").state is AlertState.OPEN


async def test_a_giant_payload_is_cut_and_said(night: MakeNight) -> None:
    """P7: it is on record up to the limit, with its size, and a finding of its home."""
    async with night(plan=PLAN) as it:
        await it.hears(it.message("pir", raw=b"x" * (MAX_PAYLOAD + 1)))

        [row] = it.inputs("message")
        assert len(row.payload or b"") == MAX_PAYLOAD
        assert str(MAX_PAYLOAD + 1) in (row.error or "")
        assert it.alert("not-decoded").home == "h001"


async def test_ten_thousand_odd_messages_are_all_on_record(night: MakeNight) -> None:
    """P7: nothing a device sends stops the daemon, and every message is kept."""
    chance = random.Random(20260301)
    homes = [home(n) for n in range(1, 6)]
    began = time.process_time()
    async with night(plan=PLAN, homes=homes, delivers=False) as it:
        for _ in range(20):
            it.engine.arrived(
                [
                    it.message(
                        topic=_topic(chance),
                        raw=_payload(chance),
                        qos=chance.randrange(3),
                        retained=chance.random() < 0.1,
                        redelivered=chance.random() < 0.1,
                        packet=chance.randrange(1, 300),
                    )
                    for _ in range(500)
                ]
            )
            it.clock.at += chance.randrange(10_000_000)
            await it.turn()

        assert len(it.inputs("message")) == 10_000
        assert len(it.session.acknowledged) == 10_000
        assert {row.state for row in it.alerts("pendant-pressed")} == {AlertState.OPEN}
    assert time.process_time() - began < 25


def _topic(chance: random.Random) -> str:
    device = chance.choice(["pendant", "pir", "door", "unit", "smoke", "water", "nobody"])
    return chance.choice(
        [
            f"telecare/{SCHEME}/h{chance.randrange(1, 8):03d}/{device}",
            f"telecare/{SCHEME}/h001/{device}/link",
            f"zigbee2mqtt/{device}",
            "rtl_433/events",
            "/" * chance.randrange(1, 9),
            "".join(chr(chance.randrange(1, 0xD7FF)) for _ in range(chance.randrange(1, 30))),
        ]
    )


def _payload(chance: random.Random) -> bytes:
    word: object = chance.choice(
        ["pressed", "detected", "open", "alarm", "", None, -1, 1e300, [], {}]
    )
    name = chance.choice(["trigger", "motion", "contact", "smoke", "at", "seq", "battery", "x"])
    text = f'{{"{name}": {word!r}}}'.replace("'", '"').replace("None", "null")
    return chance.choice(
        [
            text.encode(),
            text.encode()[: chance.randrange(len(text))],
            chance.randbytes(chance.randrange(200)),
            b"[" * chance.randrange(1, 3_000),
            b'{"trigger": "pressed", "at": "9999-12-31T23:59:59Z"}',
            b'{"motion": "detected", "seq": 99999999999999999999999999}',
            '{"motion": "dételé\ud7ff"}'.encode(),
            b"",
        ]
    )
