"""What random lives of a home are made of: rules that need each other, records, devices' words."""

from msgspec.structs import replace

from telecared.core.plan import Absence, Ageing, Clear, Confirm, Downtime, Rule
from telecared.core.vocabulary import HOUR, MINUTE, SECOND, Mode, Priority, Value
from telecared.core.when import (
    Count,
    Follow,
    Followed,
    HeldFor,
    InactiveFor,
    NoneOf,
    ReadingIs,
    Silent,
    Window,
    Without,
)
from tests.core.world import BEN, FAMILY, plan_of, record_of

NIGHT = (Window(start=22 * 60, end=6 * 60),)
DOOR = HeldFor(property="contact", values=("open",), duration=10 * MINUTE)
MOVED = ReadingIs(property="motion", values=("detected",))
STILL = Confirm(within=2 * MINUTE, none_of=(MOVED,))
RULES = (
    Rule(name="pressed", when=ReadingIs(property="trigger", values=("pressed",)),
         priority=Priority.LIFE_SAFETY, cancel_within=2 * MINUTE),
    Rule(name="smoke", when=ReadingIs(property="smoke", values=("alarm",)),
         priority=Priority.LIFE_SAFETY, confirm=STILL, split_after=HOUR),
    Rule(name="door", when=DOOR, priority=Priority.ROUTINE, cooldown=20 * MINUTE),
    Rule(name="night-door", downtime=Downtime(kind="pause"),
         when=HeldFor(property="contact", values=("open",), duration=5 * MINUTE, between=NIGHT)),
    Rule(name="quiet", downtime=Downtime(kind="grace", grace=30 * MINUTE),
         when=InactiveFor(duration=2 * HOUR, of=("motion", "contact"), occupied_at_most=6 * HOUR)),
    Rule(name="still", unless=(Absence.AWAY,), priority=Priority.ROUTINE,
         when=InactiveFor(duration=3 * HOUR, of=("motion",))),
    Rule(name="silent", when=Silent(at=("unit", "hall"), duration=45 * MINUTE),
         priority=Priority.TECHNICAL, ages=Ageing(every=3 * HOUR)),
    Rule(name="trial", mode=Mode.WATCH, when=ReadingIs(property="motion", values=("detected",)),
         priority=Priority.LIFE_SAFETY, clear=Clear(kind="person")),
    Rule(name="wet", when=HeldFor(property="water", values=("wet",), duration=15 * MINUTE),
         priority=Priority.TECHNICAL, clear=Clear(
             kind="reading", condition=ReadingIs(property="cancel", values=("pressed",)))),
    Rule(name="leaks", when=ReadingIs(property="water", values=("wet",)), confirm=STILL,
         cancel_within=30 * SECOND, split_after=HOUR),
    Rule(name="stirs", when=ReadingIs(property="occupancy", values=("vacant",)), max_per_day=2,
         priority=Priority.ROUTINE, cancel_within=MINUTE, confirm=Confirm(
             within=7 * MINUTE, priority=Priority.URGENT, any_of=(
                 ReadingIs(property="contact", values=("open",)),))),
    Rule(name="ajar", when=DOOR, priority=Priority.ROUTINE, max_per_day=1, split_after=HOUR),
    Rule(name="tried", mode=Mode.WATCH, when=ReadingIs(property="trigger", values=("pressed",)),
         cancel_within=MINUTE, confirm=STILL, split_after=HOUR),
    Rule(name="behind", when=Silent(at=("hall", "smoke", "bed"), duration=2 * HOUR,
                                    behind="alarm_unit"),
         priority=Priority.TECHNICAL, ages=Ageing(every=4 * HOUR, of="all")),
    Rule(name="gone", when=HeldFor(property="link", values=("offline",), duration=10 * MINUTE),
         priority=Priority.TECHNICAL, ages=Ageing(every=3 * HOUR, between=())),
)  # fmt: skip
GRAVE = replace(RULES[2], name="ajar", priority=Priority.LIFE_SAFETY, cooldown=0)
OPENED = ReadingIs(property="contact", values=("open",))
VACATED = ReadingIs(property="occupancy", values=("vacant",))
ACTS = (
    Rule(name="not-up", when=NoneOf(of=(MOVED, OPENED), start=5 * 60, by=11 * 60),
         confirm=Confirm(within=HOUR, none_of=(VACATED,))),
    Rule(name="left-bed", split_after=2 * HOUR, cancel_within=5 * MINUTE,
         when=Without(first=VACATED, without=(MOVED,), within=20 * MINUTE)),
    Rule(name="wanders", priority=Priority.ROUTINE, max_per_day=2, cooldown=HOUR,
         unless=(Absence.AWAY, Absence.VISITOR),
         when=Followed(first=VACATED, then=(Follow(act=OPENED, within=30 * MINUTE),))),
    Rule(name="often", priority=Priority.ROUTINE, max_per_day=1,
         when=Count(of=OPENED, at_least=3, within=6 * HOUR, apart=MINUTE)),
    RULES[2], *RULES[4:8], *RULES[9:],
)  # fmt: skip
TWO = replace(FAMILY, needed=2)
_PLANS = (
    plan_of(RULES),
    plan_of(RULES[:5], policies=(TWO,)),
    plan_of([*RULES[:2], *ACTS], centre=None),
    plan_of([*RULES[3:], *RULES[:2]], policies=()),
    plan_of(
        [
            *RULES[:2],
            *(replace(one, mode=Mode.PAGE) for one in RULES[5:] if one.name != "ajar"),
            GRAVE,
        ]
    ),
)
PLANS = tuple(
    # These lives are not about how often the centre is told again.
    replace(one, centre=replace(one.centre, repeat=HOUR))
    for one in _PLANS
)
RECORDS = (
    record_of(),
    record_of(contacts=(BEN,)),
    record_of(rule_values={"door": {"mode": "off"}}),
)

WORDS: dict[str, list[tuple[str, Value]]] = {
    "pendant": [("trigger", "pressed"), ("cancel", "pressed"), ("battery", 9.0)],
    "hall-pir": [("motion", "detected"), ("motion", "clear")],
    "front-door": [("contact", "open"), ("contact", "closed")],
    "bed": [("occupancy", "occupied"), ("occupancy", "vacant")],
    "smoke": [("smoke", "alarm"), ("smoke", "clear")],
    "unit": [
        ("heartbeat", "seen"),
        ("link", "offline"),
        ("link", "online"),
        ("water", "wet"),
        ("water", "dry"),
    ],
    "ghost": [("trigger", "pressed"), ("motion", "clear")],
}
