"""An evening and half a night in the town, so that every page has something to show.

At its end, after three in the morning, there are alerts of every priority and in every state, in
both schemes. Values and the order of things only; the engine decides.
"""

import msgspec

from telecared.core.alert_commands import Acknowledged, Resolved, Snoozed, Updated
from telecared.core.events import SITE, Suspended
from telecared.core.operators import SCHEME_PREFIX
from telecared.core.vocabulary import DAY, HOUR, MINUTE, Cause, Outcome, Progress, SuspensionKind
from telecared.orders import StatedOrder
from telecared.ports import Arrival
from tests.web.centre import NELL, OLIVE, SUE, TownNight
from tests.web.town import (
    ELM_3,
    ELM_5,
    LARCH_12,
    LARCH_14,
    LARCH_16,
    NORTH,
    OAK_1,
    OAK_2,
    OAK_7,
    SOUTH,
    town,
)

QUARTERS = 35
"""Of an hour, from half past five in the evening."""

LOST_HUB_AT = 22
"""The quarter from which one alarm unit says nothing any more."""

_ROOMS = ("kitchen-pir", "hall-pir", "kitchen-pir", "bathroom-pir")


async def evening(night: TownNight) -> None:
    """Play it."""
    _, homes = town()
    schemes = {home.id: home.scheme for home in homes}

    def said(home: str, device: str, **values: object) -> Arrival:
        topic = f"telecare/{schemes[home]}/{home}/{device}"
        return night.message(topic=topic, **values)  # type: ignore[arg-type]

    for quarter in range(QUARTERS):
        heard = [
            said(home, "hub", heartbeat="seen")
            for home in schemes
            if home != LARCH_16 or quarter < LOST_HUB_AT
        ]
        for number, home in enumerate(schemes):
            if (quarter * 3 + number * 2) % 5 and quarter < 20:
                room = _ROOMS[(quarter * (number % 3 + 1) + number) % len(_ROOMS)]
                heard += [said(home, room, motion="detected"), said(home, room, motion="clear")]
        await night.hears(*heard)
        await _in_quarter(night, quarter)
        await night.passes(minutes=15)
    await _by_now(night)


async def _in_quarter(night: TownNight, quarter: int) -> None:
    """What happened besides, by the quarter of an hour."""
    if quarter == 1:
        await night.says(ELM_5, "pendant", trigger="pressed")
        await night.passes(minutes=2)
        await _takes(night, ELM_5, 1, OLIVE)
        await night.passes(minutes=4)
        pressed = Cause.PRESSED_BY_MISTAKE
        await _ends(night, ELM_5, 1, OLIVE, Outcome.FALSE_ACTIVATION, cause=pressed)
    elif quarter == 3:
        order = StatedOrder(
            event=Suspended(input=0, at=0, by=SUE, kind=SuspensionKind.HOSPITAL, until=0),
            lasts=3 * DAY,
        )
        await night.command("suspend", OAK_7, msgspec.json.encode(order))
    elif quarter in (4, 9, 14):
        await night.says(LARCH_12, "kettle", appliance="on")
        await night.passes(minutes=3)
        await night.says(LARCH_12, "kettle", appliance="off")
    elif quarter == 6:
        await night.says(OAK_1, "fall", fall="detected")
        await night.passes(minutes=1)
        await _takes(night, OAK_1, 1, SUE)
        await night.passes(minutes=20)
        await _ends(night, OAK_1, 1, SUE, Outcome.ASSISTANCE_GIVEN)
    elif quarter == 12:
        await night.says(ELM_3, "thermo", temperature=14.5)
        await night.says(LARCH_12, "front-door", contact="open")
        await night.says(LARCH_12, "front-door", contact="closed")
    elif quarter == 18:
        for home in (LARCH_12, LARCH_14, OAK_2):
            await night.says(home, "bed", occupancy="occupied")
    elif quarter == 24:
        await night.says(OAK_2, "thermo", battery="low")
        await night.hears(night.message(topic="telecare/southside/oak-99/pendant", battery=80))
    elif quarter == 32:
        await night.disconnects()
        await night.passes(minutes=12)
        await night.connects(resumed=False)
        await _mends_the_link(night)


async def _mends_the_link(night: TownNight) -> None:
    """What the outage left behind is somebody's; the list of one scheme is worked later."""
    await night.passes(minutes=1)
    for row in night.alerts(home_id=SITE):
        await _ends(night, SITE, row.n, SUE, Outcome.TECHNICAL_FIXED)
    await night.passes(minutes=15)
    for scheme in (NORTH, SOUTH):
        home = f"{SCHEME_PREFIX}{scheme}"
        for row in night.alerts("outage-list", home_id=home):
            held = Snoozed(input=0, at=0, alert=row.n, by=SUE, duration=HOUR)
            assert (await night.orders(held, home)).state == "done"


async def _by_now(night: TownNight) -> None:
    """What the operators have before them."""
    await night.says(LARCH_14, "water", water="wet")
    await night.passes(minutes=1)
    await night.says(OAK_1, "smoke", smoke="alarm")
    await night.passes(seconds=20)
    await _takes(night, OAK_1, night.alerts("smoke", home_id=OAK_1)[-1].n, SUE)
    await night.says(OAK_1, "smoke", smoke="clear")
    await night.says(OAK_2, "water", water="wet")
    await night.passes(seconds=30)
    wet = night.alerts("flood", home_id=OAK_2)[-1].n
    await night.orders(Snoozed(input=0, at=0, alert=wet, by=SUE, duration=HOUR), OAK_2)
    await night.says(ELM_5, "water", water="wet")
    await night.passes(seconds=25)
    wet = night.alerts("flood", home_id=ELM_5)[-1].n
    await _takes(night, ELM_5, wet, NELL)
    going = Updated(
        input=0, at=0, alert=wet, by=NELL, progress=Progress.NOTE, note="Plumber rung, comes at 3."
    )
    await night.orders(going, ELM_5)
    await night.says(ELM_3, "fall", fall="detected")
    await night.passes(seconds=75)
    await night.says(LARCH_12, "bed", occupancy="vacant")
    await night.says(LARCH_12, "pendant", trigger="pressed")
    await night.passes(seconds=30)


async def _takes(night: TownNight, home: str, number: int, by: str) -> None:
    event = Acknowledged(input=0, at=0, alert=number, by=by, lease=30 * MINUTE)
    assert (await night.orders(event, home)).state == "done"


async def _ends(
    night: TownNight,
    home: str,
    number: int,
    by: str,
    outcome: Outcome,
    *,
    cause: Cause | None = None,
) -> None:
    event = Resolved(input=0, at=0, alert=number, by=by, outcome=outcome, cause=cause)
    assert (await night.orders(event, home)).state == "done"
