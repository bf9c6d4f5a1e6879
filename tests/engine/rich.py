"""A home with every kind of device, and one rule of every kind about it. Values only."""

from msgspec.structs import replace

from telecared.core.plan import Absence, Clear, Confirm, Device, Downtime, HomeRecord, Rule, Values
from telecared.core.policy import AppliesTo
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, DeviceKind, Mode, Priority
from telecared.core.when import (
    AllOf,
    AnyOf,
    Area,
    Changes,
    Compare,
    Condition,
    Count,
    DateRange,
    Follow,
    Followed,
    Geofence,
    HeldFor,
    Holidays,
    InactiveFor,
    NoneOf,
    Not,
    ReadingIs,
    Silent,
    Window,
    Without,
)
from tests.engine.scenery import SCHEME, home

LEEDS = (53.79, -1.54)
MOTION = ReadingIs(property="motion", values=("detected",))
OPEN = ReadingIs(property="contact", values=("open",), at=("door",))
VACANT = ReadingIs(property="occupancy", values=("vacant",))
OCCUPIED = ReadingIs(property="occupancy", values=("occupied",))
PRESSED = ReadingIs(property="trigger", values=("pressed",))
COLD = Compare(property="temperature", below=16.0, clear=17.0)
NIGHT = Window(start=22 * 60, end=6 * 60)
AWAY = (Absence.AWAY,)


def _rule(name: str, when: Condition, priority: Priority = Priority.URGENT) -> Rule:
    return Rule(name=name, when=when, priority=priority)


RICH_RULES: tuple[Rule, ...] = (
    replace(
        _rule("call", PRESSED),
        cancel_within=30 * SECOND,
        split_after=10 * MINUTE,
        confirm=Confirm(within=2 * MINUTE, none_of=(MOTION,)),
    ),
    replace(_rule("sos", PRESSED, Priority.LIFE_SAFETY), cancel_within=90 * SECOND),
    replace(
        _rule("not-up", NoneOf(of=(MOTION, OPEN), start=5 * 60, by=11 * 60)),
        unless=AWAY,
        downtime=Downtime(kind="pause"),
        values=(Values(applies_to=AppliesTo(tags=("early",)), values={"when.by": 600}),),
    ),
    replace(
        _rule("weekly", NoneOf(of=(MOTION,), start=22 * 60, by=2 * 60, holidays=Holidays.NEVER)),
        downtime=Downtime(kind="grace", grace=30 * MINUTE),
    ),
    replace(
        _rule(
            "left-bed",
            Without(first=replace(VACANT, between=(NIGHT,)), without=(OCCUPIED,), within=HOUR // 2),
        ),
        confirm=Confirm(within=5 * MINUTE, any_of=(OPEN,)),
    ),
    _rule(
        "wandering",
        Followed(
            first=VACANT,
            then=(Follow(act=MOTION, within=HOUR), Follow(act=OPEN, within=10 * MINUTE)),
        ),
    ),
    replace(
        _rule(
            "restless",
            Count(of=MOTION, at_least=3, within=2 * HOUR, apart=MINUTE),
            Priority.ROUTINE,
        ),
        max_per_day=2,
        unless=(Absence.AWAY, Absence.VISITOR),
    ),
    replace(
        _rule("cold", replace(COLD, duration=HOUR)), cooldown=HOUR, downtime=Downtime(kind="pause")
    ),
    _rule("freezing", replace(COLD, below=5.0, clear=None)),
    _rule("warming", Changes(property="temperature", within=HOUR, rises_by=5.0)),
    _rule(
        "strayed",
        Geofence(outside=Area(centre=LEEDS, radius=300.0), duration=10 * MINUTE),
        Priority.LIFE_SAFETY,
    ),
    replace(
        _rule("unit-misses", Silent(at=("alarm_unit",), every=15 * MINUTE, misses=3)),
        priority=Priority.TECHNICAL,
    ),
    replace(
        _rule("cold-and-open", AllOf(of=(COLD, OPEN), duration=10 * MINUTE)),
        clear=Clear(kind="reading", condition=replace(OPEN, values=("closed",))),
    ),
    replace(
        _rule(
            "quiet-or-cold",
            AnyOf(
                of=(
                    InactiveFor(
                        duration=3 * HOUR, of=("motion", "contact"), at_least=2, within=HOUR
                    ),
                    AllOf(
                        of=(
                            COLD,
                            Not(of=HeldFor(property="contact", values=("closed",), duration=HOUR)),
                        )
                    ),
                ),
                between=(Window(start=6 * 60, end=23 * 60, dates=(DateRange("03-01", "10-31"),)),),
            ),
        ),
        unless=AWAY,
        mode=Mode.WATCH,
    ),
)
"""Names are the stories' own; `clear`, `unless` and the like are spread so that each is met."""


def rich_home(number: int = 1, **changes: object) -> HomeRecord:
    """A home with a bed, a thermometer and a tracker besides, and a front door."""
    plain = home(number)

    def device(one: str, kind: DeviceKind, location: str | None = None) -> Device:
        topic = f"telecare/{SCHEME}/{plain.id}/{one}"
        return Device(id=one, kind=kind, profile="native", topic=topic, location=location)

    more = (
        device("bed", DeviceKind.BED_MONITOR, "bedroom"),
        device("thermo", DeviceKind.TEMPERATURE_SENSOR, "kitchen"),
        device("tracker", DeviceKind.TRACKER),
    )
    fields: dict[str, object] = {
        "devices": (*plain.devices, *more),
        "exits": ("door",),
        "tags": ("early",) if number % 2 else (),
        **changes,
    }
    return replace(plain, **fields)


HOLIDAYS = {"": tuple(f"2026-03-{day}" for day in (28, 30))}
