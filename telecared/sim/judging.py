"""What came of a scenario held against what was expected: met, missing, not expected.

Values only. Playing is `sim.scenarios`, showing is `sim.timelines`.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from telecared.config.scenario_expect import ACKNOWLEDGED, QUEUED
from telecared.config.scenario_format import Expectation, Place, Scenario
from telecared.core.messages import reply_code
from telecared.core.vocabulary import SECOND, Duration, Instant
from telecared.core.windows import duration_text
from telecared.sim.behaviour import CODE_PLACE
from telecared.sim.lines import ReplayLine

OPENED: Final = "alert.opened"

_THANKS: Final = "Thank you. You have it until"
"""What whoever takes an alert is sent at once: it belongs to the acknowledgement."""


class Got(NamedTuple):
    """One line of the record, with its instant."""

    at: Instant
    line: ReplayLine


class Mismatch(NamedTuple):
    """One way in which a scenario failed.

    Attributes:
        place: of the expectation; of the scenario, where something was not expected.
        message: a sentence.
        expected: what should have been, or None.
        got: what was, or None.
        others: the same again later, told in the same sentence.
    """

    place: Place
    message: str
    expected: Expectation | None = None
    got: Got | None = None
    others: tuple[Got, ...] = ()


class Outcome(NamedTuple):
    """What came of a scenario.

    Attributes:
        got: everything that happened in the home, in order.
        met: expectation -> what met it (None for those that nothing happens), as pairs.
        mismatches: why it failed; empty when it passed.
    """

    scenario: Scenario
    got: list[Got]
    met: list[tuple[Expectation, Got | None]]
    mismatches: list[Mismatch]

    @property
    def passed(self) -> bool:
        """Whether everything came as expected, and nothing else."""
        return not self.mismatches


def judge(
    scenario: Scenario, got: list[Got], watching: set[str], refused: Sequence[Mismatch]
) -> Outcome:
    """Hold what happened against what was expected.

    Args:
        scenario: what was expected.
        got: everything that happened in its home, in order.
        watching: rules that page nobody, whose alerts need not be expected.
        refused: what failed while it was played.
    """
    wanted = [each for each in scenario.expect if each.event]
    pairs = _pair(wanted, got)
    taken = set(pairs.values())
    met: list[tuple[Expectation, Got | None]] = [
        (wanted[index], got[place]) for index, place in pairs.items()
    ]
    covered = _thanks(met, got)
    strange = [
        place
        for place, one in enumerate(got)
        if place not in taken
        and place not in covered
        and _must_be_expected(one.line, watching)
        and not {one.line.rule, one.line.priority} & scenario.ignore
    ]
    mismatches = list(refused)
    for index, each in enumerate(wanted):
        if index not in pairs:
            free = [place for place in range(len(got)) if place not in taken]
            mismatches.append(_missing(each, got, free))
            near = mismatches[-1].got
            if near is not None:
                place = next(place for place in free if got[place] is near)
                taken.add(place)
                strange = [one for one in strange if one != place]
    for each in scenario.expect:
        if not each.event:
            mismatches += _noise(each, got, watching, scenario)
            met.append((each, None))
    told = {id(one) for wrong in mismatches for one in (wrong.got, *wrong.others)}
    untold = [got[place] for place in strange if id(got[place]) not in told]
    mismatches += _grouped(scenario.place, "not expected", untold)
    return Outcome(scenario, got, met, mismatches)


def _grouped(place: Place, what: str, several: Sequence[Got]) -> list[Mismatch]:
    """Return one mismatch for all lines that say the same: a centre may be told all night."""
    groups: dict[str, list[Got]] = {}
    for one in several:
        groups.setdefault(described(one.line), []).append(one)
    found = []
    for told, (first, *others) in groups.items():
        often = f" ({len(others) + 1} times)" if others else ""
        found.append(Mismatch(place, f"{what}: {told}{often}", None, first, tuple(others)))
    return found


def _must_be_expected(line: ReplayLine, watching: set[str]) -> bool:
    """Whether a line fails a scenario that does not expect it: a message, or what pages."""
    if line.event == QUEUED:
        return True
    return line.event == OPENED and line.rule not in watching


def _noise(
    quiet: Expectation, got: Sequence[Got], watching: set[str], scenario: Scenario
) -> list[Mismatch]:
    noise = [
        one
        for one in got
        if _in_span(quiet, one)
        and _must_be_expected(one.line, watching)
        and not {one.line.rule, one.line.priority} & scenario.ignore
    ]
    return _grouped(quiet.place, "nothing may happen then", noise)


def _pair(wanted: Sequence[Expectation], got: Sequence[Got]) -> dict[int, int]:
    """Return expectation -> line, as many as can be met at once, each line once.

    Earlier lines are preferred, and the narrowest expectations choose first. Kuhn's way of
    augmenting: one may push another on to a later line, so that their order does not matter.
    """
    fits = [
        [place for place, one in enumerate(got) if _in_span(each, one) and _is_meant(each, one)]
        for each in wanted
    ]
    holder: dict[int, int] = {}

    def place_for(index: int, tried: set[int]) -> bool:
        for place in fits[index]:
            if place not in tried:
                tried.add(place)
                if place not in holder or place_for(holder[place], tried):
                    holder[place] = index
                    return True
        return False

    for index in sorted(range(len(wanted)), key=lambda index: wanted[index].length):
        place_for(index, set())
    return {index: place for place, index in sorted(holder.items())}


def _in_span(each: Expectation, one: Got) -> bool:
    """Whether a line came in time, compared to the second as people write it."""
    second = one.at // SECOND
    return each.first // SECOND <= second <= each.last // SECOND


def _is_meant(each: Expectation, one: Got) -> bool:
    return _is_alike(each, one.line) and _says(each, one.line)


def _is_alike(each: Expectation, line: ReplayLine) -> bool:
    """Whether a line is of the kind that is expected, whatever it says."""
    if each.event != line.event or (each.rule is not None and each.rule != line.rule):
        return False
    if each.event == ACKNOWLEDGED and each.to is not None:
        return each.to == line.to or line.reason.startswith(f"{each.to} has it")
    if each.because is not None and each.because not in line.reason:
        return False
    return each.to in (None, line.to) and each.channel in (None, line.channel)


def _says(each: Expectation, line: ReplayLine) -> bool:
    if each.priority is not None and each.priority != line.priority:
        return False
    if each.says is None:
        return True
    code = reply_code(line.alert) if line.alert else ""
    return each.says.replace(CODE_PLACE, code) in (line.text or "")


def _thanks(met: Sequence[tuple[Expectation, Got | None]], got: Sequence[Got]) -> set[int]:
    """Return the lines that thank for an acknowledgement that was expected."""
    taken = {
        (one.at, one.line.alert, one.line.to)
        for each, one in met
        if one is not None and each.event == ACKNOWLEDGED
    }
    return {
        place
        for place, one in enumerate(got)
        if one.line.event == QUEUED
        and (one.at, one.line.alert, one.line.to) in taken
        and (one.line.text or "").startswith(_THANKS)
    }


def _missing(each: Expectation, got: Sequence[Got], free: Sequence[int]) -> Mismatch:
    """Say what became of an expectation that nothing met."""
    expected = f"expected {each.what} ({each.shown})"
    alike = [got[place] for place in free if _is_alike(each, got[place].line)]
    for one in alike:
        if _in_span(each, one):
            text = one.line.text if each.says is not None else one.line.priority
            wanted = each.says if each.says is not None else each.priority
            message = f'{expected}; it came, but not with "{wanted}": "{text}"'
            return Mismatch(each.place, message, each, one)
    # The nearest in time: what came a little too late is what was meant.
    meant = sorted((one for one in alike if _says(each, one.line)), key=lambda one: _off(each, one))
    if meant:
        one = meant[0]
        how = "late" if one.at > each.last else "early"
        message = f"{expected}; it came {duration_text(_off(each, one))} too {how}"
        return Mismatch(each.place, message, each, one)
    return Mismatch(each.place, f"{expected}; it did not happen", each)


def _off(each: Expectation, one: Got) -> Duration:
    second = SECOND
    first, at, last = each.first // second, one.at // second, each.last // second
    return max(first - at, at - last) * second


_SHORT: Final = {
    "alert.opened": "opened",
    "alert.repeated": "repeated",
    "alert.updated": "updated",
    "alert.escalated": "escalated",
    "alert.snoozed": "snoozed",
    "alert.lapsed": "lapsed",
    "alert.planned": "planned",
    "alert.aged": "aged",
    "alert.resolved": "resolved",
}


def described(line: ReplayLine) -> str:
    """Return a line of the record in the words in which scenarios expect it."""
    if line.event == QUEUED:
        return f'{line.channel}: {line.to}, "{line.text}"'
    if line.event == ACKNOWLEDGED:
        return f"acknowledged_by: {line.to or line.reason}"
    word = _SHORT.get(line.event, line.event)
    told = f" ({line.reason})" if line.reason else ""
    return f"{word}: {line.rule}{told}"
