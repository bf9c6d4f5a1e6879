"""Every kind of condition against a naive reading of its words, on random days of a small home.

Compared is when a rule opens: late messages, outages, absences, both clock changes, midnight.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telecared.core.plan import Absence, Downtime, Rule
from telecared.core.site import LinkDown, LinkDrained, LinkUp, Started
from telecared.core.vocabulary import HOUR, MINUTE, Mode
from telecared.core.when import (
    AllOf,
    AnyOf,
    Area,
    Changes,
    Compare,
    Condition,
    Count,
    Follow,
    Followed,
    Geofence,
    HeldFor,
    InactiveFor,
    NoneOf,
    Not,
    ReadingIs,
    Silent,
    Window,
    Without,
)
from tests.core.oracle import UNIT, Oracle
from tests.core.oracle_day import TICK, Gap, Life, Said
from tests.core.oracle_home import DEVICES, IN, PLACES, UNIT_SILENT, WORDS
from tests.core.stating import suspends
from tests.core.world import World, record_of

FEW, MANY = 14, 400
TICKS = 2 * 144
FAR = 10**6
STARTS = ("2026-03-28T08:00Z", "2026-10-24T09:00Z", "2026-06-05T20:00Z")
WINDOWS = (
    (),
    (),
    (Window(start=22 * 60, end=6 * 60),),
    (Window(start=60, end=150), Window(start=150, end=240)),
    (Window(start=9 * 60, end=17 * 60, days=(0, 1, 2, 3, 4)),),
)
DOWNTIMES = (
    Downtime(),
    Downtime(kind="pause"),
    Downtime(kind="grace", grace=HOUR),
)


class Day(NamedTuple):
    """What happens, in the order in which it does: (tick, what it is)."""

    start: str
    happens: tuple[tuple[int, "Said | Gap | str"], ...]


# --- what may happen ----------------------------------------------------------------------------


@st.composite
def days(draw: st.DrawFn, names: Sequence[str], *, late: bool = True, away: bool = False) -> Day:
    """Two days: messages, at most one outage or restart, at most one stated absence."""
    outage = draw(st.none() | st.tuples(st.integers(20, 200), st.integers(1, 40), st.booleans()))
    down, until = (FAR, FAR) if outage is None else (outage[0], outage[0] + outage[1])
    gap = draw(st.none() | st.tuples(st.integers(5, 150), st.integers(3, 90))) if away else None
    happens: list[tuple[int, int, Said | Gap | str]] = []
    tick, seen = 0, set[tuple[int, int, str]]()  # a device tells a property once in a tick
    for wait, name, place, word, old in draw(st.lists(_messages(names), max_size=24)):
        tick += wait
        devices, values = WORDS[name]
        stamp = max(tick - (old if late else 0), 0)
        heard = until if down <= tick < until else tick
        if heard < TICKS and (heard, place % len(devices), name) not in seen:
            seen.add((heard, place % len(devices), name))
            value = values[word % len(values)]
            happens.append((heard, 1, Said(heard, devices[place], name, value, stamp)))
    if outage is not None:
        how = "stop" if outage[2] else "down"
        happens += [(down, 0, how), (until, 0, f"up after {how}"), (until, 2, "drained")]
    if gap is not None and not down <= gap[0] < until:
        happens.append((gap[0], 0, Gap(gap[0], gap[0] + gap[1])))
    ordered = sorted(happens, key=lambda one: one[:2])
    return Day(draw(st.sampled_from(STARTS)), tuple((one[0], one[2]) for one in ordered))


def _messages(names: Sequence[str]) -> st.SearchStrategy[tuple[int, str, int, int, int]]:
    waits = st.sampled_from((0, 1, 1, 2, 3, 6, 20, 60))
    return st.tuples(
        waits, st.sampled_from(names), st.integers(0, 1), st.integers(0, 5),
        st.sampled_from((0, 0, 0, 1, 3, 6)),
    )  # fmt: skip


# --- the two readings of a rule -----------------------------------------------------------------


def lived(rule: Rule, day: Day, *, repeats: bool = False) -> list[int]:
    """When the core opens the rule."""
    rules = [rule, UNIT_SILENT] if isinstance(rule.when, Silent) else [rule]
    world = World(rules=rules, record=record_of(devices=DEVICES, exits=()), start=day.start)
    began = stopped_at = world.at
    for tick, what in day.happens:
        at = began + tick * TICK
        if what == "up after stop":
            world.at = at
            world.site_hears(Started(at=at, last_at=stopped_at, clean=True))
            world.site_hears(LinkUp(at=at, resumed=True, protocol=4))
            continue
        world.until_instant(at)
        match what:
            case Said():
                stamp = began + what.stamp * TICK
                world.hears(what.device, stamp=stamp, **{what.property: what.value})  # type: ignore[arg-type] # a property
            case Gap():
                suspends(world, hours=(what.until - what.since) / 6)
            case "stop":
                stopped_at = at
            case "down":
                world.site_hears(LinkDown(at=at))
            case "up after down":
                world.site_hears(LinkUp(at=at, resumed=True, protocol=4))
            case _:
                world.site_hears(LinkDrained(at=at, canary=True))
    world.until_instant(began + TICKS * TICK)
    events = ("alert.opened", "alert.repeated") if repeats else ("alert.opened",)
    return sorted((line.at - began) // TICK for line in world.records()
                  if line.event in events and line.rule == rule.name)  # fmt: skip


class Reader:
    """Reads a day tick by tick, and says when the rule must open."""

    def __init__(self, rule: Rule, day: Day) -> None:
        start = datetime.fromisoformat(day.start)
        self.oracle = Oracle(rule, PLACES, start, "Europe/London", TICKS)
        self.rule = rule
        self.absence = _judges_silence(rule.when)
        self.life = Life(0, [], [], [])
        self.held = False
        self.opened: list[int] = []
        self.open: dict[str, int] = {}
        self.fired: set[tuple[str, int]] = set()
        self.since: dict[int, int] = {}
        self.resolved = -1
        for tick in range(TICKS + 1):
            self.life = self.life._replace(now=tick)
            self.look(None)
            for _, what in (one for one in day.happens if one[0] == tick):
                self.take(tick, what)
                self.look(what if isinstance(what, Said) else None)

    def take(self, tick: int, what: "Said | Gap | str") -> None:
        """Note what happens."""
        life = self.life
        match what:
            case Said():
                self.life = life._replace(said=[*life.said, what])
            case Gap():
                self.life = life._replace(away=[what] if self.rule.unless else [])
            case "down" | "stop":
                self.held = True
                self.life = life._replace(outages=[Gap(tick, FAR)])
            case "drained":
                self.held = False
                self.life = life._replace(outages=[Gap(life.outages[0].since, tick)])
            case _:
                pass

    def look(self, said: Said | None) -> None:
        """Look at the rule, after something was said or because time has passed."""
        when = self.rule.when
        if isinstance(when, Followed):
            self.look_at_sequence(when, said)
        elif isinstance(when, Count):
            self.look_at_count(when)
        else:
            self.look_at_stretches(when)

    def look_at_stretches(self, when: Condition) -> None:
        """What lasts: each stretch opens once, and ends what it has opened."""
        if isinstance(when, AllOf | AnyOf | Not):
            met = self.oracle.holds(self.life, when, self.since)
            found = [("", self.since[id(when)], self.life.now)] if met else []
            running = {("", self.since.get(id(when), -1))}
        else:
            found = self.oracle.met(self.life, when)
            running = {one[:2] for one in found}
        if isinstance(when, Silent):
            # Whatever the alarm unit does: only its own word ends what was found about a device.
            spoke = {one.device: one.heard for one in self.life.said}
            running |= {one for one in self.open.items() if spoke.get(one[0], 0) <= one[1]}
        self.open = {one: since for one, since in self.open.items() if (one, since) in running}
        if self.held and self.absence:
            return
        now = self.life.now
        for about, since, due in sorted(found, reverse=True):
            away = any(gap.since <= due and now < gap.until for gap in self.life.away)
            known = (about, since) in self.fired and not isinstance(when, Changes)
            if away or known:
                continue
            self.fired.add((about, since))
            if about not in self.open:
                self.opened.append(now)
            self.open.setdefault(about, since)

    def look_at_count(self, when: Count) -> None:
        """Enough acts open; it is over when they lie too far back, and they are used up."""
        enough, until = self.oracle.count(self.life, when, self.resolved)
        if self.open and self.life.now >= until:
            self.open, self.resolved = {}, self.life.now
            enough, _ = self.oracle.count(self.life, when, self.resolved)
        if enough and not self.open:
            self.open = {"": self.life.now}
            self.opened.append(self.life.now)

    def look_at_sequence(self, when: Followed, said: Said | None) -> None:
        """A sequence is found by the act that makes it whole, and uses up what came before."""
        if said is None:
            return
        before = self.oracle.chains(self.life._replace(said=self.life.said[:-1]), when)
        new = {
            last: chains
            for last, chains in self.oracle.chains(self.life, when).items()
            if last not in before
        }
        good = [
            last.stamp
            for last, chains in new.items()
            if any(in_order for _, in_order in chains)
            and max(at for at, in_order in chains if in_order) > self.resolved
        ]
        if good:
            self.opened.append(self.life.now)
            self.resolved = max(good)


def _judges_silence(when: Condition) -> bool:
    if isinstance(when, AllOf | AnyOf):
        return any(map(_judges_silence, when.of))
    if isinstance(when, Not):
        return _judges_silence(when.of)
    return isinstance(when, InactiveFor | NoneOf | Silent | Without)


def agree(
    when: Condition, day: Day, downtime: Downtime = DOWNTIMES[0], *, away: bool = False
) -> None:
    """Both readings of a rule open at the same instants."""
    rule = Rule(
        name="rule", when=when, mode=Mode.WATCH, downtime=downtime,
        unless=(Absence.AWAY,) if away else (),
    )  # fmt: skip
    expected = Reader(rule, day).opened
    assert lived(rule, day, repeats=isinstance(when, Followed)) == expected


# --- the kinds ----------------------------------------------------------------------------------

MOVED = ReadingIs(property="motion", values=("detected",))
OPENED = ReadingIs(property="contact", values=("open",))
VACANT = ReadingIs(property="occupancy", values=("vacant",))
PLACE = st.sampled_from(((), ("hall-pir",), ("bath",), ("hall", "bath")))
BETWEEN = st.sampled_from(WINDOWS)
DOWNTIME = st.sampled_from(DOWNTIMES)
LONG = st.sampled_from((10 * MINUTE, 20 * MINUTE, HOUR, 3 * HOUR, 7 * HOUR))


def _calm(windows: tuple[Window, ...], downtime: Downtime) -> Downtime:
    """Grace beside a window is another story: the count begins anew with the next opening."""
    return DOWNTIMES[0] if windows and downtime.kind == "grace" else downtime


@st.composite
def held(draw: st.DrawFn) -> tuple[Condition, Day, Downtime, bool]:
    """A level that lasts, or a number beyond a limit, or a tracker far away."""
    windows, needed, at = draw(BETWEEN), draw(LONG), draw(PLACE)
    kinds: tuple[Condition, ...] = (
        HeldFor(property="motion", values=("detected",), duration=needed, at=at, between=windows),
        HeldFor(property="occupancy", values=("occupied",), duration=needed, between=windows),
        HeldFor(property="contact", values=("open", "closed"), duration=needed, between=windows),
        Compare(property="temperature", below=16.0, clear=17.0, duration=needed, between=windows),
        Compare(property="temperature", above=16.0, between=windows),
        Geofence(outside=Area(centre=IN, radius=300.0), duration=needed, between=windows),
        Geofence(inside=Area(centre=IN, radius=300.0), between=windows),
    )  # fmt: skip
    when = draw(st.sampled_from(kinds))
    name = "location" if isinstance(when, Geofence) else when.property  # type: ignore[union-attr] # of the rest
    away = draw(st.booleans())
    return when, draw(days((name,), away=away)), _calm(windows, draw(DOWNTIME)), away


@st.composite
def absent(draw: st.DrawFn) -> tuple[Condition, Day, Downtime, bool]:
    """What judges silence."""
    windows, needed, at = draw(BETWEEN), draw(LONG), draw(PLACE)
    own = (Window(start=22 * 60, end=6 * 60),) if draw(st.booleans()) else ()
    first = ReadingIs(property="occupancy", values=("vacant",), between=own)
    kinds: tuple[Condition, ...] = (
        InactiveFor(duration=needed, of=("motion", "contact"), at=at, between=windows,
                    occupied_at_most=5 * HOUR),
        InactiveFor(duration=needed, of=("motion",), at_least=2, within=40 * MINUTE,
                    between=windows),
        Silent(at=("hall",), duration=needed),
        NoneOf(of=(MOVED,), start=5 * 60, by=11 * 60),
        NoneOf(of=(OPENED, VACANT), start=22 * 60, by=2 * 60, days=(4, 5, 6)),
        NoneOf(of=(MOVED,), start=90, by=100),
        Without(first=first, without=(MOVED,), within=needed),
        Without(first=OPENED, without=(VACANT, MOVED), within=needed),
    )  # fmt: skip
    when = draw(st.sampled_from(kinds))
    away = draw(st.booleans()) and not isinstance(when, Silent)
    calm = _calm(windows if isinstance(when, InactiveFor) else (), draw(DOWNTIME))
    return when, draw(days(("motion", "contact", "occupancy"), away=away)), calm, away


@st.composite
def behind(draw: st.DrawFn) -> tuple[Condition, Day, Downtime, bool]:
    """Silence of what stands behind an alarm unit, which is silent or offline at times itself."""
    when = Silent(at=("hall", UNIT), duration=draw(LONG), behind="alarm_unit")
    names = ("motion", "contact", "heartbeat", "heartbeat", "heartbeat", "link")
    return when, draw(days(names, late=False)), draw(DOWNTIME), False


@st.composite
def acted(draw: st.DrawFn) -> tuple[Condition, Day, Downtime, bool]:
    """What acts meet, one after the other or often enough."""
    gated = ReadingIs(property="motion", values=("detected",), between=draw(BETWEEN))
    kinds: tuple[Condition, ...] = (
        Count(of=gated, at_least=3, within=4 * HOUR),
        Count(of=gated, at_least=2, within=HOUR, apart=20 * MINUTE),
        Followed(first=VACANT, then=(Follow(act=OPENED, within=HOUR),)),
        Followed(first=VACANT, then=(Follow(act=gated, within=HOUR),
                                     Follow(act=OPENED, within=30 * MINUTE))),
        Changes(property="temperature", rises_by=4.0, within=2 * HOUR),
        Changes(property="temperature", falls_by=3.0, within=50 * MINUTE),
    )  # fmt: skip
    when = draw(st.sampled_from(kinds))
    names = ("temperature",) if isinstance(when, Changes) else ("motion", "contact", "occupancy")
    return when, draw(days(names)), DOWNTIMES[0], False


@st.composite
def joined(draw: st.DrawFn) -> tuple[Condition, Day, Downtime, bool]:
    """A few of them joined by all, any and not."""
    cold = Compare(property="temperature", below=16.0, clear=17.0)
    lasts = HeldFor(property="contact", values=("open",), duration=draw(LONG))
    parts: tuple[Condition, ...] = (
        MOVED, OPENED, VACANT, cold, lasts, Not(of=OPENED), Not(of=lasts, duration=HOUR),
        AnyOf(of=(cold, MOVED), duration=20 * MINUTE),
        InactiveFor(duration=2 * HOUR, of=("motion",)),
    )  # fmt: skip
    of = draw(st.lists(st.sampled_from(parts), min_size=2, max_size=3, unique_by=id))
    every = draw(st.booleans())
    needed = draw(st.sampled_from((0, 30 * MINUTE, 2 * HOUR)))
    windows = draw(BETWEEN)
    when: Condition = AnyOf(of=tuple(of), duration=needed, between=windows)
    if every:
        when = AllOf(of=tuple(of), duration=needed, between=windows)
    return when, draw(days(tuple(WORDS)[:4], late=False)), DOWNTIMES[0], False


KINDS = {
    "held": held(), "absent": absent(), "behind": behind(), "acted": acted(), "joined": joined(),
}  # fmt: skip


def _holds(kind: str, examples: int) -> None:
    @settings(max_examples=examples, deadline=None, derandomize=True, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(KINDS[kind])
    def both_agree(case: tuple[Condition, Day, Downtime, bool]) -> None:
        when, day, downtime, away = case
        agree(when, day, downtime, away=away)

    both_agree()


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_opens_when_its_words_say(kind: str) -> None:
    """A few days of each kind, the same ones each time."""
    _holds(kind, FEW)


@pytest.mark.acceptance
@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_opens_when_its_words_say_on_many_days(kind: str) -> None:
    """Many more days of each kind."""
    _holds(kind, MANY)
