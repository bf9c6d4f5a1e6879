"""A rule written back: what is spelled reads as the same rule, and plain English says it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from msgspec.structs import replace

from telecared.config.positions import Document
from telecared.config.rulefiles import read_rule_files
from telecared.config.rules import read_rule
from telecared.config.shipped import rules_folder
from telecared.config.spelling import (
    default_at,
    in_words,
    spell_rule,
    spelled_at,
    spelled_text,
)
from telecared.config.values import read_values
from telecared.core.plan import Rule
from telecared.core.vocabulary import Priority
from telecared.core.when import Holidays, ReadingIs, Window
from tests.config.any_rule import rules
from tests.config.support import rules_of


def read_back(rule: Rule) -> Rule:
    """The rule that its spelled form reads as, with its values."""
    spelled = spell_rule(rule)
    reading = read_rule(Document("x.yaml", spelled, None), (), rule.name, spelled, "")
    assert reading.problems == []
    assert reading.source is not None
    source, problems = read_values(reading.source)
    assert problems == []
    values = tuple(replace(each, source="") for each in source.rule.values)
    return replace(source.rule, source="", values=values)


@given(rules())
@settings(max_examples=60, deadline=None)
def test_what_is_spelled_reads_as_the_same_rule(rule: Rule) -> None:
    """Nothing is lost between the struct and its YAML, whatever the rule is."""
    assert read_back(rule) == rule


@given(rules())
@settings(max_examples=40, deadline=None)
def test_every_rule_can_be_said_in_words(rule: Rule) -> None:
    """Each paragraph is one line of whole sentences, without brackets of Python."""
    said = in_words(rule)
    assert said.startswith("When ")
    assert said.endswith(".")
    assert "  " not in said
    assert "None" not in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "text",
    [
        '{property: fall, is: suspected, between: "Mon-Fri 07:00-22:00"}',
        "{property: fall, is: suspected}",
        '{none_of: {property: motion}, from: "05:00", by: "11:00"}',
        "{property: motion, is: detected, without: {property: contact}, within: 5m}",
        "{property: motion, is: detected, then: {property: contact}, within: 5m}",
        "{count: {property: motion}, at_least: 3, within: 1h}",
        "{all: [{property: motion, is: detected}]}",
    ],
)
@pytest.mark.parametrize(
    "days",
    [
        "dates: [12-24..01-02]",
        "days: Mon, dates: [12-24..01-02]",
        'days: "not holidays"',
        'days: "Sat-Sun, holidays"',
        "days: holidays, dates: 2026-12-25",
    ],
)
def test_days_and_dates_come_back_as_they_were(tmp_path: Path, text: str, days: str) -> None:
    """Days may stand with the hours then; what they mean is the same."""
    found = rules_of(tmp_path, f"rules:\n  x: {{when: {text}, {days}}}\n")
    if found.problems:  # hours that name days already
        assert "Mon-Fri" in text
        assert "days: " in days
        return
    rule = replace(found.rules["x"].rule, source="")
    assert read_back(rule) == rule


def test_values_for_tags_and_schemes_are_spelled_with_their_paths(tmp_path: Path) -> None:
    """What was written with a key is spelled with its path, defaults included."""
    text = """\
rules:
  not-up:
    when: {none_of: [{property: motion, at: hall}, {property: contact}], from: "05:00", by: "11:00"}
    days: Mon-Fri
    mode: watch
    clear: person
    values:
      - {tags: dementia, by: "10:30", mode: page, clear: auto}
      - {schemes: [north, south], days: Mon-Sun, when.none_of.0.at: lounge}
      - {tags: [a, b], schemes: east, confirm: {none_of: {property: motion}, within: 90s}}
"""
    rule = rules_of(tmp_path, text).rules["not-up"].rule
    assert spell_rule(rule)["values"] == [
        {"tags": "dementia", "mode": "page", "clear": "auto", "when.by": "10:30"},
        {"schemes": ["north", "south"], "days": "Mon-Sun", "when.none_of.0.at": "lounge"},
        {
            "tags": ["a", "b"],
            "schemes": "east",
            "confirm": {"none_of": {"property": "motion", "is": "detected"}, "within": "1m30s"},
        },
    ]
    plain = replace(rule, source="", values=tuple(replace(v, source="") for v in rule.values))
    assert read_back(rule) == plain


def test_values_may_take_back_what_the_rule_says(tmp_path: Path) -> None:
    """A text, a policy, a second sensor, and days can be undone for a tag."""
    text = """\
rules:
  x:
    when: {none_of: {property: motion}, from: "05:00", by: "11:00"}
    say: "Look."
    policy: technical
    confirm: {any_of: {property: trigger}, within: 90s, priority: urgent}
    values:
      - {tags: a, say: null, policy: null, confirm: null}
      - {tags: b, days: Mon-Sun}
"""
    rule = rules_of(tmp_path, text).rules["x"].rule
    assert spell_rule(rule)["values"] == [
        {"tags": "a", "say": None, "policy": None, "confirm": None},
        {"tags": "b", "days": "Mon-Sun"},
    ]
    plain = replace(rule, source="", values=tuple(replace(v, source="") for v in rule.values))
    assert read_back(rule) == plain


def test_the_rules_that_ship_come_back_as_they_were() -> None:
    """Every rule of the packs, with its values, is the same after it was spelled."""
    found = read_rule_files([rules_folder()])
    assert found.problems == []
    for source in found.rules.values():
        values = tuple(replace(each, source="") for each in source.rule.values)
        assert read_back(source.rule) == replace(source.rule, source="", values=values)


def test_what_stands_at_a_path_and_what_holds_when_nothing_does() -> None:
    """A path that leads nowhere finds nothing; a default depends on the priority for `clear`."""
    spelled = {"when": {"all": [{"property": "motion"}]}}
    assert spelled_at(spelled, ("when", "all", 0, "property")) == "motion"
    assert spelled_at(spelled, ("when", "all", 1, "property")) is None
    assert spelled_at(spelled, ("when", "all", "0")) is None
    calm = Rule(name="x", when=ReadingIs(property="fall", values=("detected",)))
    assert default_at("clear", calm) == "auto"
    assert default_at("clear", replace(calm, priority=Priority.LIFE_SAFETY)) == "person"
    assert default_at("confirm.priority", calm) == "life_safety"
    assert default_at("when.count.apart", calm) == "0s"
    assert default_at("when.at", calm) is None


def test_values_are_told_on_one_line() -> None:
    """Mappings and lists look as in flow YAML."""
    value = {"points": [[51.5, -0.12], [1, 2]], "at": "hall"}
    assert spelled_text(value) == "{points: [[51.5, -0.12], [1, 2]], at: hall}"
    assert spelled_text(None) == ""


# --- in plain English -------------------------------------------------------------------------


def words_of(folder: Path, rule: str) -> str:
    """What is said of a rule."""
    found = rules_of(folder, f"rules:\n  x: {rule}\n")
    assert found.problems == []
    return in_words(found.rules["x"].rule)


OWN = "People are told by the home's own policy."
STAYS = "When that is no longer so, the alert says so; only a person closes it."


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            (
                '{when: {inactive_for: 4h, of: [motion, contact], between: "07:00-22:00"},'
                " unless: [away, visitor], downtime: grace 30m}"
            ),
            (
                "When nothing of motion or contact was seen for 4 h between 07:00 and 22:00,"
                " counting only that time, not counting up to 14 h in bed or a chair, unless the"
                " resident is"
                f" away or a visitor is declared, an urgent alert opens. {OWN} {STAYS} After"
                f" telecared"
                " or its link was down, nothing opens before another 30 min have passed."
            ),
        ),
        (
            (
                "{when: {inactive_for: 1d, of: motion, at: [hall, attic], never: cat-flap,"
                " at_least: 2, within: 90s}, clear: {property: motion, is: detected},"
                " priority: routine, max_per_day: 3, split_after: 2h, cooldown: 1h, mode: watch}"
            ),
            (
                "When nothing of motion at hall or attic (never counting cat-flap) (told 2 times"
                " within 1 min 30 s) was seen for 1 day, not counting up to 14 h in bed or a"
                " chair, a"
                " routine alert opens. It is only watched: it is logged and shown, and nobody is"
                " told. A repeat joins the open alert; one 2 h after the last is an alert of its"
                " own."
                " For 1 h after it was closed nothing opens again. It opens 3 times a day at"
                " most. It"
                " closes by itself when the motion sensor says detected."
            ),
        ),
        (
            (
                "{when: {property: fall, is: [detected, suspected]}, priority: life_safety,"
                " cancel_within: 30s, applies_to: {tags: [a, b], schemes: north, homes: larch-12}}"
            ),
            (
                "When the fall detector says detected or suspected, a life-safety alert opens."
                " It is"
                " only for homes with the tag a or b, and only homes of the scheme north, and only"
                f" the home larch-12. {OWN} People are told at once; when the resident cancels"
                f" within"
                " 30 s, they hear of it, and the alert stays open. Only a person closes it."
            ),
        ),
        (
            (
                "{when: {property: fall, is: suspected}, cancel_within: 30s, policy: quick,"
                " confirm: {none_of: {property: motion}, any_of: {property: trigger}, within: 90s}}"
            ),
            (
                "When the fall detector says suspected, an urgent alert opens. People are told"
                " by the"
                " policy quick. The resident may cancel it within 30 s; nobody is told before"
                " that has"
                " passed. When within 1 min 30 s of the opening it does not happen that the motion"
                " sensor says detected, it becomes a life-safety alert. As soon as within 1 min"
                " 30 s"
                " of the opening the call button says pressed, it becomes a life-safety alert."
                f" {STAYS}"
            ),
        ),
        (
            (
                '{when: {none_of: [{property: motion}, {property: contact}], from: "05:00",'
                ' by: "11:00"}, days: "Mon-Fri, not holidays", dates: 01-01..03-31, mode: off,'
                " priority: routine}"
            ),
            (
                "When from 05:00 to 11:00 (only on Mon-Fri, not holidays; 01-01..03-31) none of"
                " this"
                " happens: (1) the motion sensor says detected; (2) the door contact says closed or"
                " open, a routine alert opens. It is off: it does nothing. It closes by itself when"
                " that is no longer so."
            ),
        ),
        (
            (
                "{when: {property: occupancy, is: vacant, at: bed, without: {property: motion},"
                " within: 30m}, dates: 12-24}"
            ),
            (
                "When the bed or chair sensor at bed says vacant, on 12-24 only and within 30 min"
                " after that it does not happen that the motion sensor says detected, an urgent"
                " alert"
                f" opens. {OWN} {STAYS}"
            ),
        ),
        (
            (
                "{when: {property: contact, is: open, then: {property: motion}, within: 5m},"
                " downtime: pause}"
            ),
            (
                "When the door contact says open, then the motion sensor says detected within 5"
                " min,"
                f" an urgent alert opens. {OWN} Only a person closes it. While telecared or its"
                f" link"
                " was down, no time counts."
            ),
        ),
        (
            (
                "{when: {count: {property: motion, apart: 10m}, at_least: 8, within: 12h},"
                " max_per_day: 1, priority: routine}"
            ),
            (
                "When the motion sensor says detected 8 times or more within 12 h (those"
                " less than 10 min"
                f" apart count as one), a routine alert opens. {OWN} It opens once a day at most."
                " It closes by itself when that is no longer so."
            ),
        ),
        (
            "{when: {property: temperature, below: 16.5, for: 2h, clear_above: 17}}",
            (
                "When the temperature is below 16.5 (over when back at 17) for 2 h, an urgent alert"
                f" opens. {OWN} {STAYS}"
            ),
        ),
        (
            "{when: {property: temperature, above: 28}, days: Sat}",
            (f"When the temperature is above 28 on Sat, an urgent alert opens. {OWN} {STAYS}"),
        ),
        (
            "{when: {property: power, rises_by: 5, within: 1h}}",
            f"When the power rises by 5 or more within 1 h, an urgent alert opens. {OWN} {STAYS}",
        ),
        (
            "{when: {property: power, falls_by: 5, within: 1h}}",
            f"When the power falls by 5 or more within 1 h, an urgent alert opens. {OWN} {STAYS}",
        ),
        (
            "{when: {property: location, outside: {centre: [51.5, -0.12], radius: 300}, for: 5m}}",
            (
                "When the tracker is outside the circle of 300 m around 51.5, -0.12 for 5 min, an"
                f" urgent alert opens. {OWN} {STAYS}"
            ),
        ),
        (
            "{when: {property: location, inside: {points: [[1, 2], [3, 4], [5, 7]]}}}",
            (
                "When the tracker is inside the area of 3 corners, an urgent alert opens."
                f" {OWN} {STAYS}"
            ),
        ),
        (
            "{when: {not: {property: occupancy, is: occupied}, for: 30m}}",
            (
                "When for 30 min it is not so that the bed or chair sensor last said occupied, an"
                f" urgent alert opens. {OWN} {STAYS}"
            ),
        ),
        (
            "{when: {silent: hub, every: 15m, misses: 3}, priority: technical}",
            (
                "When hub sends nothing at all for 1 h (what it sends every 15 min fails 4"
                " times), a"
                f" technical alert opens. {OWN} It closes by itself when that is no longer so."
            ),
        ),
        (
            (
                "{when: {all: [{property: contact, is: open, for: 5m}, {any: [{not: {property:"
                " motion,"
                " is: detected}}, {silent: hub, for: 1h}]}], for: 2m}}"
            ),
            (
                "When all of this is so at once for 2 min: (1) the door contact keeps saying"
                " open for"
                " 5 min and (2) any of this is so: (a) it is not so that the motion sensor last"
                " said"
                " detected or (b) hub sends nothing at all for 1 h, an urgent alert opens."
                f" {OWN} {STAYS}"
            ),
        ),
    ],
)
def test_a_rule_says_in_plain_english_what_it_does(
    tmp_path: Path, rule: str, expected: str
) -> None:
    """Whoever wrote a rule can read back what it will do."""
    assert words_of(tmp_path, rule) == expected


def test_hours_on_some_days_are_said_as_they_are_written() -> None:
    """Holidays and days stand with the hours."""
    hours = (Window(start=420, end=600, days=(0, 1), holidays=Holidays.NEVER),)
    rule = Rule(name="x", when=ReadingIs(property="contact", values=("open",), between=hours))
    twice = (Window(start=0, end=60), Window(start=420, end=600))
    rest = replace(rule, when=ReadingIs(property="contact", values=("open",), between=twice))
    assert "says open in 00:00-01:00, 07:00-10:00, an" in in_words(rest)
    assert "says open on Mon-Tue not holidays 07:00-10:00, an" in in_words(rule)
