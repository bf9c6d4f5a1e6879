"""When a rule must open, worked out the naive way: every ten minutes, from the whole list of acts.

Straight from what the conditions are said to mean; it shares no code with them. All times are
ticks of ten minutes since the home was registered. Slow, and only for one rule in one small home.
"""

from collections.abc import Sequence
from itertools import pairwise

from telecared.core.vocabulary import PROPERTIES, Duration, Value
from telecared.core.when import (
    AllOf,
    AnyOf,
    Changes,
    Compare,
    Condition,
    Count,
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
from tests.core.oracle_day import TICK, Day, Gap, Life, Said, Told

UNIT = "unit"
UNIT_LIMIT = 6
"""The alarm unit of the stories may be silent for an hour."""

Stretch = tuple[str, int, int]
"""The device it is about, "" for the home; the tick at which it began; when it became due."""


class Oracle(Day):
    """One rule in one home."""

    def met(self, life: Life, when: Condition) -> list[Stretch]:
        """The stretches for which a condition is met now."""
        match when:
            case ReadingIs(property=name, values=values, at=at):
                stretches = self._of_words(life, name, values, at)
                return [(device, since, life.now) for device, since in stretches.items()]
            case HeldFor(property=name, values=values, at=at, duration=needed, between=windows):
                stretches = self._of_words(life, name, values, at)
            case Compare(property=name, at=at, duration=needed, between=windows):
                stretches = self._of_numbers(life, when)
            case Geofence(at=at, duration=needed, between=windows):
                stretches = self._of_places(life, when)
            case Silent(at=at, limit=needed, behind=behind):
                heard = [(one.device, one.heard) for one in life.said]
                stretches = dict.fromkeys(self.named(at), 0)
                stretches |= {one: tick for one, tick in heard if one in stretches}
                windows = ()
                if behind:
                    return self._behind(life, stretches, needed)
            case InactiveFor():
                return self._inactive(life, when)
            case Without():
                return self._without(life, when)
            case NoneOf():
                return self._none_of(life, when)
            case Changes():
                return self._changes(life, when)
            case _:
                raise AssertionError(when)
        return self._full(life, stretches, needed, windows)

    def _full(
        self,
        life: Life,
        stretches: dict[str, int],
        needed: Duration,
        windows: tuple[Window, ...] = (),
        rests: Sequence[Gap] = (),
    ) -> list[Stretch]:
        found = []
        for device, since in stretches.items():
            due = self.full(life, since, needed, windows, rests)
            if due is not None:
                found.append((device, since, due))
        return found

    def _behind(self, life: Life, heard: dict[str, int], needed: Duration) -> list[Stretch]:
        """Who is silent though the alarm unit was not when it became too long."""
        spoke = [0, *(one.heard for one in life.said if one.device == UNIT)]
        away = [Gap(one + UNIT_LIMIT, back) for one, back in pairwise(spoke)]
        away = [gap for gap in away if gap.since <= gap.until]
        began = min(spoke[-1] + UNIT_LIMIT, self._offline(life, spoke[-1]))
        found = []
        for device, last in heard.items():
            if device == UNIT:
                continue  # a unit stands behind no other
            since = max([last, *(gap.until for gap in away if last < gap.since)])
            full = self._full(life, {device: since}, needed)
            found += [one for one in full if not since < began <= one[2]]
        return found

    def _offline(self, life: Life, spoke: int) -> int:
        """Since when the unit's last will stands, and nothing that it said after it."""
        since = 10**6
        for one in life.said:
            if one.property == "link":
                since = min(since, one.heard) if one.value == "offline" else 10**6
        return since if spoke <= since else 10**6

    def _of_words(
        self, life: Life, name: str, values: tuple[Value, ...], at: tuple[str, ...]
    ) -> dict[str, int]:
        return self.stretches(
            life, name, at, values.__contains__, lambda value: value not in values
        )

    def _of_numbers(self, life: Life, when: Compare) -> dict[str, int]:
        above = when.above is not None
        limit = (when.above if above else when.below) or 0.0

        def number(value: Value) -> float:
            assert isinstance(value, float)
            return value if above else -value

        edge = limit if above else -limit
        clear = when.clear if above or when.clear is None else -when.clear
        return self.stretches(
            life,
            when.property,
            when.at,
            lambda value: number(value) > edge,
            lambda value: number(value) <= edge if clear is None else number(value) < clear,
        )

    def _of_places(self, life: Life, when: Geofence) -> dict[str, int]:
        """Places of the stories are far inside or far outside: one degree is a long way."""
        area = when.outside or when.inside
        assert area is not None
        assert area.centre is not None
        centre, wants_in = area.centre, when.inside is not None

        def met(value: Value) -> bool:
            assert isinstance(value, tuple)
            near = abs(value[0] - centre[0]) + abs(value[1] - centre[1]) < 1
            return near == wants_in

        return self.stretches(life, "location", when.at, met, lambda value: not met(value))

    def _inactive(self, life: Life, when: InactiveFor) -> list[Stretch]:
        signs = sorted(
            {
                (told.said.stamp, told.said.device)
                for name in when.of
                for told, _ in self.news(life, name, when.at)
                if told.said.value in PROPERTIES[name].activity
            }
        )
        counted = [0]
        for number, (stamp, _) in enumerate(signs):
            first = number - when.at_least + 1
            if first >= 0 and (
                when.at_least == 1 or (stamp - signs[first][0]) * TICK < when.within
            ):
                counted.append(stamp)
        rests, since = [], dict[str, int]()
        for told, _ in self.news(life, "occupancy", ()):
            if told.late:
                continue
            if told.said.value == "occupied":
                since[told.said.device] = told.said.stamp
            elif told.said.device in since:
                rests.append((since.pop(told.said.device), told.said.stamp))
        rests += [(began, 10**6) for began in since.values()]
        at_most = when.occupied_at_most // TICK
        capped = [Gap(began, min(ended, began + at_most)) for began, ended in rests]
        last = max(counted)
        return self._full(life, {"": last}, when.duration, when.between, capped)

    def _without(self, life: Life, when: Without) -> list[Stretch]:
        answers = [one.said for pattern in when.without for one in self.acts(life, pattern)]
        found: dict[str, int] = {}
        for told in self.acts(life, when.first):
            asked = told.said
            if told.late or any(_follows(asked, one) for one in answers):
                continue
            found[asked.device] = min(asked.stamp, found.get(asked.device, asked.stamp))
        return self._full(life, found, when.within)

    def _none_of(self, life: Life, when: NoneOf) -> list[Stretch]:
        acts = [one.said.stamp for pattern in when.of for one in self.acts(life, pattern)]
        missing = [
            gap
            for gap in self.openings(when.window)
            if 0 <= gap.since <= life.now
            and gap.since < gap.until
            and not any(stamp >= gap.since for stamp in acts)
            # Who is away at the end of it is not expected to have done it by then.
            and not any(away.since < gap.until < away.until for away in life.away)
        ]
        return [
            one
            for gap in missing
            for one in self._full(life, {"": gap.since}, (gap.until - gap.since) * TICK)
        ]

    def _changes(self, life: Life, when: Changes) -> list[Stretch]:
        up = when.rises_by is not None
        amount = (when.rises_by if up else when.falls_by) or 0.0
        found = []
        for device in self.named(when.at):
            told = sorted(
                (one.said.stamp, number, one.said.value)
                for number, (one, _) in enumerate(self.news(life, when.property, (device,)))
            )
            for (_, _, value), (replaced, _, _) in pairwise(told):
                assert isinstance(value, float)
                latest = told[-1][2]
                assert isinstance(latest, float)
                moved = latest - value if up else value - latest
                if moved >= amount and (life.now - replaced) * TICK < when.within:
                    found.append((device, -1, life.now))
                    break
        return found

    def count(self, life: Life, when: Count, resolved: int) -> tuple[bool, int]:
        """Whether there are enough acts now, and when there are no longer enough of those known."""
        kept: list[Told] = []
        for told in self.acts(life, when.of):
            gaps = [abs(told.said.stamp - one.said.stamp) * TICK for one in kept]
            if not any(gap < when.apart for gap in gaps):
                kept.append(told)
        kept = sorted((one for one in kept if one.said.stamp > resolved),
                      key=lambda one: (one.said.stamp, one.said.device))  # fmt: skip
        within, enough = when.within // TICK, False
        for last in range(when.at_least - 1, len(kept)):
            first = kept[last - when.at_least + 1].said.stamp
            near = kept[last].said.stamp - first < within and life.now < first + within
            enough = enough or (near and not kept[last].late)
        number = when.at_least
        return enough, kept[-number].said.stamp + within if len(kept) >= number else 0

    def chains(self, life: Life, when: Followed) -> dict[Said, list[tuple[int, bool]]]:
        """Each last act of a sequence, with (when one began, whether some of it is in order)."""
        chains: list[tuple[tuple[Said, ...], bool]]
        chains = [((told.said,), not told.late) for told in self.acts(life, when.first)]
        for step in when.then:
            chains = [
                ((*acts, told.said), in_order or not told.late)
                for acts, in_order in chains
                for told in self.acts(life, step.act)
                if _follows(acts[-1], told.said)
                and (told.said.stamp - acts[-1].stamp) * TICK <= step.within
            ]
        found: dict[Said, list[tuple[int, bool]]] = {}
        for acts, in_order in chains:
            found.setdefault(acts[-1], []).append((acts[0].stamp, in_order))
        return found

    def holds(self, life: Life, when: Condition, since: dict[int, int]) -> bool:
        """Whether a condition is true now; `since` remembers since when a combination is."""
        if not isinstance(when, AllOf | AnyOf | Not):
            return bool(self.met(life, when))
        if isinstance(when, Not):
            true = not self.holds(life, when.of, since)
        else:
            parts = [self.holds(life, one, since) for one in when.of]
            true = all(parts) if isinstance(when, AllOf) else any(parts)
        if not true:
            since.pop(id(when), None)
            return False
        began = since.setdefault(id(when), life.now)
        return self.full(life, began, when.duration, when.between) is not None


def _follows(before: Said, after: Said) -> bool:
    """Whether an act comes after another: later, or at the same instant from another device."""
    if before.stamp == after.stamp:
        return before.device != after.device
    return after.stamp > before.stamp
