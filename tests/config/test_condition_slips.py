"""Slips in conditions: each is told at its place, with what to write instead."""

import pytest

from telecared.config.condition_bodies import MAX_PATTERNS
from telecared.config.conditions import read_clear, read_condition, read_patterns
from telecared.config.positions import read_document
from telecared.core.when import ReadingIs


def problems_of(text: str) -> list[str]:
    """The sentences with which a condition is refused, without the file."""
    document = read_document(text, "a.yaml")
    condition, problems = read_condition(document, (), document.data)
    assert condition is None
    return [problem.removeprefix("a.yaml:1:") for problem in problems]


SHAPES = (
    "{property, is}, {property, is, for}, {property: location, inside or outside},"
    " {property, rises_by or falls_by, within}, {property, above or below},"
    " {property, is, then, within}, {property, is, without, within}, {not}, {any}, {all},"
    " {count, at_least, within}, {none_of, from, by}, {silent, for}, {inactive_for, of};"
    " most take at and between"
)
MOMENT = (
    '"trigger" happens in a moment and never holds beside other conditions; write a rule of its'
    " own for it, or a count"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # keys: missing, misspelt, of another kind
        ("{}", [f"1: the condition is empty; write one of: {SHAPES}"]),
        ("{is: open}", [f"1: no condition is complete; write one of: {SHAPES}"]),
        ("{propety: open}", ['2: "propety" is not known here; did you mean "property"?']),
        (
            "{property: motion, is: detected, witout: {property: contact}, within: 5m}",
            [
                '34: "witout" is not known here; did you mean "without"?',
                (
                    '63: "within" does not go with {property, is}; it goes with without, then,'
                    " count, rises_by, falls_by and at_least; add one of them"
                ),
            ],
        ),
        (
            "{property: motion, is: detected, colour: red}",
            ['34: "colour" is not known here; known here: at, between, is, property'],
        ),
        (
            "{count: {property: motion, att: hall}, at_least: 3, within: 1h}",
            ['28: "att" is not known here; did you mean "at"?'],
        ),
        (
            "{count: {property: motion}, at: hall, at_least: 3, within: 1h, apart: 5m}",
            [
                (
                    '29: "at" does not go with {count, at_least, within}; write it beside the'
                    " property whose places it names"
                ),
                (
                    '64: "apart" does not go with {count, at_least, within}; write it inside'
                    " count: {property: ..., apart: 10m}"
                ),
            ],
        ),
        (
            "{none_of: {property: motion, for: 3m}, from: '05:00', by: '11:00', between: Mon}",
            [
                (
                    '68: "between" does not go with {none_of, from, by}; from and by say the'
                    " hours, or write it beside a property"
                ),
                (
                    '30: "for" does not go with an act: {property, is, at, between}; within, or'
                    " from and by, say how long; remove it"
                ),
            ],
        ),
        (
            "{silent: hub, for: 1h, without: {property: motion}}",
            [
                (
                    '24: "without" does not go with {silent, for}; it is a condition of its own:'
                    " join the two with all: [{...}, {...}], or remove one"
                )
            ],
        ),
        ("{none_of: {property: motion}, from: '05:00'}", ['1: "by" is missing; add it']),
        (
            "{property: motion, is: detected, without: {property: contact}}",
            ['1: "within" is missing; add it'],
        ),
        ("{silent: hub}", ['1: "for" is missing; add it, or every: 15m with misses: 3']),
        # what stands inside
        ("{all: []}", ["7: must be a list of conditions; write [{property: ..., is: ...}, ...]"]),
        (
            "{any: {property: motion}}",
            ["7: must be a list of conditions; write [{property: ..., is: ...}, ...]"],
        ),
        (
            "{not: motion}",
            ["7: a condition has keys of its own; write {property: ..., is: ...}"],
        ),
        (
            "{none_of: motion, from: '05:00', by: '11:00'}",
            ["11: an act has keys of its own; write {property: ..., is: ...}"],
        ),
        (
            "{none_of: [], from: '05:00', by: '11:00'}",
            ["11: write 1 to 16 of them in this list"],
        ),
        (
            "{none_of: [{property: motion}, 3], from: '05:00', by: '11:00'}",
            ["32: an act has keys of its own; write {property: ..., is: ...}"],
        ),
        ("{all: [{property: trigger, is: pressed}]}", [f"19: {MOMENT}"]),
        (
            "{not: {property: motion, is: detected, then: {property: contact}, within: 5m}}",
            [
                (
                    '40: "then" is met in a moment and never holds beside other conditions; write'
                    " a rule of its own for it"
                )
            ],
        ),
        (
            "{property: contact, is: open, within: 5m, then: {property: motion, within: 3m}}",
            ['68: "within" goes with then; add it, or remove "within"'],
        ),
        (
            (
                "{property: contact, is: open, within: 5m,"
                " then: {property: motion, then: {property: motion}}}"
            ),
            ['68: "then" goes with within; add it, or remove "then"'],
        ),
        (
            "{property: contact, is: open, within: 5m, then: motion}",
            ["49: an act has keys of its own; write {property: ..., is: ...}"],
        ),
        (
            "{property: motion, is: detected, without: {property: contcat}, within: 5m}",
            ['54: "contcat" is no property; did you mean "contact"?'],
        ),
        # the vocabulary
        ("{and: [{property: motion, is: clear}]}", ['2: "and" is not known here; write all']),
        ("{fall: detected}", ['2: "fall" is a property; write {property: fall, ...}']),
        (
            "{proprety: motion, iss: clear}",
            [
                '2: "proprety" is not known here; did you mean "property"?',
                '20: "iss" is not known here; did you mean "is"?',
            ],
        ),
        (
            "{count: {property: motion}, atleast: 3, within: 1h}",
            ['29: "atleast" is not known here; did you mean "at_least"?'],
        ),
        (
            "{property: location, outside: {points: [[1, 2], [2, 3], [1, 2]]}}",
            ["40: `points` needs 3 to 64 different corners"],
        ),
        (
            "{property: motionn, is: detected}",
            ['12: "motionn" is no property; did you mean "motion"?'],
        ),
        (
            "{property: motion, is: [detected, {a: b}]}",
            ["35: \"{'a': 'b'}\" is no value of motion; write one of: clear, detected"],
        ),
        (
            "{property: temperature, is: cold}",
            ['12: "temperature" has no words; write above: or below: and a number in place of is'],
        ),
        (
            "{property: location, is: home}",
            ['12: "location" has no words; write inside: or outside: and an area in place of is'],
        ),
        (
            "{count: {property: smoke}, at_least: 2, within: 1h}",
            [('9: "is" is missing, and no word of smoke shows life; write is: with alarm, clear')],
        ),
        (
            "{inactive_for: 4h, of: [{a: b}]}",
            [
                (
                    "25: \"{'a': 'b'}\" is no property; known here: appliance, cancel, contact,"
                    " medication, motion, occupancy, presence, trigger, vibration"
                ),
            ],
        ),
        (
            "{inactive_for: 4h, of: motion, at_least: 2}",
            ['32: "at_least" goes with within; add it, or remove "at_least"'],
        ),
        (
            "{inactive_for: 4h, of: motion, within: 2h}",
            ['32: "within" goes with at_least; add it, or remove "within"'],
        ),
        # exactly one of two
        (
            "{property: temperature, above: 28, below: 16}",
            ['36: "below" stands beside "above"; keep one of the two'],
        ),
        (
            "{property: temperature, falls_by: 3, rises_by: 5, within: 1h}",
            ['38: "rises_by" stands beside "falls_by"; keep one of the two'],
        ),
        (
            "{silent: hub, for: 1h, every: 5m}",
            ['24: "every" stands beside "for"; keep one of the two'],
        ),
        (
            "{silent: hub, for: 1h, misses: 3}",
            ['24: "misses" goes with every; add it, or remove "misses"'],
        ),
        (
            "{property: temperature, below: 16, clear_below: 17}",
            ['36: "clear_below" goes with above; add it, or remove "clear_below"'],
        ),
        (
            "{property: temperature, above: 28, clear_below: 30}",
            [
                (
                    "49: 30 is more than above: 28, so that it would be over before it began;"
                    " write 28 or less"
                )
            ],
        ),
        (
            "{property: temperature, below: 16, clear_above: 15}",
            [
                (
                    "49: 15 is less than below: 16, so that it would be over before it began;"
                    " write 16 or more"
                )
            ],
        ),
        (
            "{property: motion, above: 3}",
            ['12: "motion" is no number; write is: with clear, detected'],
        ),
        (
            "{property: location, rises_by: 3, within: 1h}",
            ['12: "location" is no number; write inside: or outside: and an area'],
        ),
    ],
)
def test_a_slip_in_a_condition_is_told_with_its_place(text: str, expected: list[str]) -> None:
    """Every sentence says what to write instead, at the line and column of the slip."""
    assert problems_of(text) == expected


WHOLE = "must be a whole number; write it without quotes"
NUMBER = "must be a number; write it without quotes and without a unit"
POINT = "must be latitude and longitude in degrees; write [51.5, -0.12]"
METRES = "must be metres, more than 0 and at most 100,000; write like 300"
POINTS = "must be a list of 3 to 64 points; write [[51.5, -0.12], ...]"
EARTH = "no such place on earth; latitude is -90 to 90, longitude -180 to 180; write latitude first"
AREA = "write {centre: [51.5, -0.12], radius: 300} or {points: [[lat, lon], ...]}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{property: temperature, above: '28'}", f"32: {NUMBER}"),
        ("{property: temperature, above: true}", f"32: {NUMBER}"),
        ("{property: temperature, above: .inf}", f"32: {NUMBER}"),
        (
            "{property: temperature, above: 2e9}",
            "32: farther from 0 than 1,000,000; write a smaller number",
        ),
        (
            "{property: temperature, rises_by: -3, within: 1h}",
            "35: must be more than 0; falls_by and rises_by say the direction",
        ),
        ("{count: {property: motion}, at_least: '8', within: 1h}", f"39: {WHOLE}"),
        ("{count: {property: motion}, at_least: 2.5, within: 1h}", f"39: {WHOLE}"),
        (
            "{count: {property: motion}, at_least: 1, within: 1h}",
            "39: must be 2 to 200; for a single time write the reading without it",
        ),
        (
            "{count: {property: motion}, at_least: 201, within: 1h}",
            "39: must be 2 to 200; for a single time write the reading without it",
        ),
        (
            "{silent: hub, every: 5m, misses: 101}",
            "34: must be 0 to 100; a longer every needs fewer misses",
        ),
        (
            "{none_of: {property: motion}, from: 300, by: '11:00'}",
            (
                '37: 300 is a number and no time of day; write "05:00" in quotes, or "03:00" if'
                " that"
                " was meant"
            ),
        ),
        (
            "{property: motion, inside: {centre: [1, 2], radius: 3}}",
            '12: "motion" is no place; write property: location',
        ),
        ("{property: location, inside: home}", f"30: an area has keys of its own; {AREA}"),
        ("{property: location, inside: {}}", f"30: the area is empty; {AREA}"),
        (
            "{property: location, inside: {center: [1, 2], radius: 3}}",
            '31: "center" is not known here; did you mean "centre"?',
        ),
        ("{property: location, inside: {centre: [91, 2], radius: 3}}", f"39: {EARTH}"),
        ("{property: location, inside: {centre: [1, 181], radius: 3}}", f"39: {EARTH}"),
        ("{property: location, inside: {centre: ['1', 2], radius: 3}}", f"39: {POINT}"),
        ("{property: location, inside: {centre: [1], radius: 3}}", f"39: {POINT}"),
        ("{property: location, inside: {centre: [1, 2], radius: 0}}", f"55: {METRES}"),
        ("{property: location, inside: {centre: [1, 2], radius: 100001}}", f"55: {METRES}"),
        ("{property: location, inside: {centre: [1, 2], radius: '3'}}", f"55: {METRES}"),
        (
            "{property: location, inside: {centre: [1, 2]}}",
            '31: "centre" goes with radius; add it, or remove "centre"',
        ),
        (
            "{property: location, inside: {points: [[1, 2], [3, 4], [5, 6]], radius: 3}}",
            '65: "radius" goes with centre; add it, or remove "radius"',
        ),
        ("{property: location, inside: {points: [[1, 2], [3, 4]]}}", f"39: {POINTS}"),
        ("{property: location, inside: {points: 3}}", f"39: {POINTS}"),
        ("{property: location, inside: {points: [[1, 2], [3, 4], [5]]}}", f"56: {POINT}"),
        (
            (
                "{property: location, inside: {centre: [1, 2], radius: 3},"
                " outside: {centre: [1, 2], radius: 3}}"
            ),
            '59: "outside" stands beside "inside"; keep one of the two',
        ),
    ],
)
def test_numbers_times_and_areas_are_held_to_their_limits(text: str, expected: str) -> None:
    """Text is never taken for a number, and what cannot be meant is refused."""
    assert expected in problems_of(text)


def test_more_conditions_than_anybody_oversees_are_refused_once() -> None:
    """The limit counts every condition, however deeply it stands, and is told at the first more."""
    nested = "{not: " * 40 + "{property: motion, is: detected}" + "}" * 40
    told = problems_of(nested)
    assert told == [f"{24 * 6 + 1}: more than 24 conditions in one rule; write two rules"]
    many = ", ".join(["{property: motion, is: detected}"] * 30)
    assert [each.partition(": ")[2] for each in problems_of(f"{{any: [{many}]}}")] == [
        "more than 24 conditions in one rule; write two rules"
    ]


def test_a_sequence_has_an_end() -> None:
    """Nobody can follow more than a handful of acts in a row."""
    steps = MAX_PATTERNS + 1
    text = "{property: motion, is: detected, within: 5m"
    text += ", then: {property: motion, within: 5m" * steps
    text = text.removesuffix(", within: 5m") + "}" * (steps + 1)
    (told,) = problems_of(text)
    assert told.endswith(": more than 16 acts in a row; write a shorter sequence")


def test_every_slip_of_a_condition_comes_at_once() -> None:
    """Three slips in three corners are three sentences."""
    told = problems_of(
        "{all: [{property: motoin, is: detected}, {silent: hub, for: soon},"
        " {property: location, inside: {centre: [1, 2], radius: -1}}]}"
    )
    assert [each.partition(":")[0] for each in told] == ["19", "61", "122"]


def test_the_reading_that_clears_is_a_plain_one() -> None:
    """`clear` takes property, is and at, and nothing else."""
    document = read_document("{property: contact, is: closed, for: 5m}", "a.yaml")
    reading, problems = read_clear(document, (), document.data)
    assert reading is None
    assert problems == [
        (
            'a.yaml:1:33: "for" does not go with a reading: {property, is, at}; within, or from and'
            " by, say how long; remove it"
        )
    ]


def test_acts_can_be_read_by_themselves() -> None:
    """`confirm` asks for acts in the same words."""
    document = read_document("[{property: motion}, {property: motoin}]", "a.yaml")
    assert read_patterns(document, (0,), document.data[0]) == (
        (ReadingIs(property="motion", values=("detected",)),),
        [],
    )
    assert read_patterns(document, (1,), document.data[1])[1] == [
        'a.yaml:1:33: "motoin" is no property; did you mean "motion"?'
    ]
