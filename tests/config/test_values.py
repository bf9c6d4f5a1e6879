"""Values of a rule for tags, schemes and single homes, and where each of them came from."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from telecared.config.homes import Surroundings
from telecared.config.positions import read_document
from telecared.config.rules import RuleSource
from telecared.config.values import ValueFrom, resolve_values, values_of
from telecared.core import plan, policy, when
from telecared.core.effective import rule_in
from telecared.core.plan import HomeRecord
from telecared.core.vocabulary import HOUR, MINUTE, Mode
from telecared.errors import ConfigError
from tests.config.support import plain, plan_of, refusals, rules_of

RULES = """\
rules:
  not-up:
    when: {none_of: [{property: motion, at: [kitchen, hall]}, {property: contact}], from: "05:00", by: "11:00"}
    unless: away
    days: "Mon-Fri"
    confirm: {none_of: {property: motion}, any_of: [{property: trigger, at: bed}], within: 90s}
    values:
      - {tags: dementia, by: "10:30", confirm.within: 60s}
      - {schemes: [northside], when.by: "10:00", mode: watch}
  bed:
    when: {property: occupancy, is: vacant, at: bed, without: {property: motion, at: hall}, within: 30m}
  walk:
    when: {property: contact, is: open, then: {property: motion, then: {property: contact}, within: 5m}, within: 10m}
  often:
    when: {count: {property: motion, at: bathroom, apart: 10m}, at_least: 8, within: 12h}
  cold:
    when: {property: temperature, below: 16, for: 2h, clear_above: 17}
    clear: {property: contact, is: open}
  fence:
    when: {property: location, outside: {centre: [51.5, -0.1], radius: 300}, for: 5m}
  both:
    when: {all: [{property: contact, is: open, for: 5m}, {not: {silent: hub, for: 1h}}], between: "22:00-06:00"}
  fall:
    when: {property: fall, is: detected}
    priority: life_safety
"""  # noqa: E501 - rules as people write them, one condition a line


@pytest.fixture
def sources(tmp_path: Path) -> Mapping[str, RuleSource]:
    """The rules of the stories."""
    found = rules_of(tmp_path, RULES)
    assert found.problems == []
    return found.rules


def resolved(source: RuleSource, text: str) -> tuple[dict[str, object], list[str]]:
    """What a home's own values, written as a flow mapping, become."""
    document = read_document(text, "h.yaml")
    return resolve_values(source, document.data, document, ())


@pytest.mark.parametrize(
    ("rule", "written", "expected"),
    [
        ("not-up", "{by: '09:00'}", {"when.by": 540}),
        ("not-up", "{when.by: '09:00', from: '04:00'}", {"when.by": 540, "when.start": 240}),
        ("not-up", "{when.none_of.0.at: lounge}", {"when.of.0.at": ["lounge"]}),
        (
            "not-up",
            "{when.none_of: {property: motion}}",
            {"when.of": [{"type": "reading", "property": "motion", "values": ["detected"]}]},
        ),
        (
            "not-up",
            "{days: Sat, dates: 12-25}",
            {
                "when.days": [5],
                "when.holidays": "as_days",
                "when.dates": [{"first": "12-25", "last": "12-25"}],
            },
        ),
        (
            "not-up",
            "{confirm.within: 45s, confirm.priority: urgent, confirm.any_of.0.at: chair}",
            {
                "confirm.within": 45_000_000,
                "confirm.priority": "urgent",
                "confirm.any_of.0.at": ["chair"],
            },
        ),
        ("not-up", "{confirm.none_of.at: hall}", {"confirm.none_of.0.at": ["hall"]}),
        ("bed", "{when.without.at: attic}", {"when.without.0.at": ["attic"]}),
        ("bed", "{when.at: chair}", {"when.first.at": ["chair"]}),
        ("bed", "{within: 10m}", {"when.within": 10 * MINUTE}),
        (
            "bed",
            "{days: Mon}",
            {"when.first.between": [{"start": 0, "end": 0, "days": [0]}]},
        ),
        ("walk", "{when.within: 1m}", {"when.then.0.within": MINUTE}),
        ("walk", "{when.then.within: 1m}", {"when.then.1.within": MINUTE}),
        ("walk", "{when.then.then.at: hall}", {"when.then.1.act.at": ["hall"]}),
        ("often", "{at: wc, apart: 5m}", {"when.of.at": ["wc"], "when.apart": 5 * MINUTE}),
        ("often", "{at_least: 9}", {"when.at_least": 9}),
        ("cold", "{below: 18, clear_above: 19}", {"when.below": 18.0, "when.clear": 19.0}),
        ("cold", "{clear.is: closed}", {"clear.condition.values": ["closed"]}),
        ("fence", "{radius: 500}", {"when.outside.radius": 500.0}),
        ("fence", "{centre: [1, 2]}", {"when.outside.centre": [1.0, 2.0]}),
        (
            "fence",
            "{outside: {points: [[1, 2], [3, 4], [5, 7]]}}",
            {"when.outside": {"points": [[1.0, 2.0], [3.0, 4.0], [5.0, 7.0]]}},
        ),
        ("both", "{when.all.0.for: 3m}", {"when.of.0.duration": 3 * MINUTE}),
        ("both", "{when.all.1.not.for: 3h}", {"when.of.1.of.duration": 3 * HOUR}),
        ("both", "{silent: unit}", {"when.of.1.of.at": ["unit"]}),
        (
            "both",
            "{when.between: '23:00-05:00'}",
            {"when.between": [{"start": 1380, "end": 300}]},
        ),
        ("fall", "{say: Fall!, cancel_within: 30s}", {"say": "Fall!", "cancel_within": 30_000_000}),
    ],
)
def test_a_home_names_a_key_or_its_path(
    sources: Mapping[str, RuleSource], rule: str, written: str, expected: dict[str, object]
) -> None:
    """A key that is unique in the rule suffices; the path is always possible."""
    found, problems = resolved(sources[rule], written)
    assert problems == []
    assert {key: _without_defaults(value) for key, value in found.items()} == expected


def _without_defaults(value: object) -> object:
    """A stored value without what is as by default, as JSON leaves it out nowhere."""
    if isinstance(value, list):
        return [_without_defaults(item) for item in value]
    if not isinstance(value, dict):
        return value
    usual = {
        "days": [0, 1, 2, 3, 4, 5, 6], "holidays": "as_days", "dates": [], "at": [],
        "between": [], "centre": None, "radius": 0.0,
    }  # fmt: skip
    return {key: item for key, item in value.items() if key not in usual or item != usual[key]}


@pytest.mark.parametrize(
    ("rule", "written", "expected"),
    [
        (
            "not-up",
            "{at: lounge}",
            (
                '1:2: "at" stands in several places of not-up; write when.none_of.0.at or'
                " confirm.any_of.0.at"
            ),
        ),
        (
            "both",
            "{for: 3m}",
            (
                '1:2: "for" stands in several places of both; write when.all.0.for or'
                " when.all.1.not.for"
            ),
        ),
        ("bed", "{bye: 3m}", '1:2: "bye" is no key of rule bed; known here: ages, at, between,'),
        ("not-up", "{bye: '3:00'}", '1:2: "bye" is no key of rule not-up; did you mean "by"?'),
        (
            "not-up",
            "{when.none_of.at: hall}",
            '1:2: "when.none_of.at" is no key of rule not-up; did you mean "when.none_of.1.at"?',
        ),
        (
            "bed",
            "{when.without.property: contact}",
            (
                '1:2: "when.without.property" is the same in every home; write a rule of its own'
                " instead"
            ),
        ),
        (
            "bed",
            "{applies_to: {tags: x}}",
            '1:2: "applies_to" is the same in every home; write a rule of its own instead',
        ),
        (
            "not-up",
            "{by: soon}",
            "1:6: not a time of day: 'soon'; write it in quotes, like \"05:00\"",
        ),
        ("often", "{at_least: '9'}", "1:12: must be a whole number; write it without quotes"),
        (
            "cold",
            "{clear_above: 15}",
            (
                "1:15: 15 is less than below: 16, so that it would be over before it began; write"
                " 16 or more"
            ),
        ),
        ("cold", "{above: 30}", '1:2: "above" stands beside "below"; keep one of the two'),
        (
            "both",
            "{silent: []}",
            "1:10: the list is empty; write at least one word or remove the key",
        ),
        (
            "fall",
            "{unless: away}",
            ("1:2: life safety is never held back; remove unless, or choose another priority"),
        ),
        (
            "fall",
            "{mode: 'off'}",
            "1:1: rule fall is life safety: no home may turn it off; remove the device",
        ),
        ("fall", "{priority: urgent}", "1:1: rule fall is life safety in every home; leave its"),
    ],
)
def test_a_slip_in_a_value_is_told_at_the_value(
    sources: Mapping[str, RuleSource], rule: str, written: str, expected: str
) -> None:
    """The changed rule is read as a whole, and every complaint points into the home's file."""
    found, problems = resolved(sources[rule], written)
    assert found == {}
    assert any(problem.startswith(f"h.yaml:{expected}") for problem in problems), problems


def test_tags_and_schemes_have_values_of_their_own(
    tmp_path: Path, sources: Mapping[str, RuleSource]
) -> None:
    """`values:` becomes part of the rule, in the order in which it was written."""
    assert sources["not-up"].rule.values == (
        plan.Values(
            applies_to=policy.AppliesTo(tags=("dementia",)),
            values={"when.by": 630, "confirm.within": 60_000_000},
            source=f"{tmp_path.name}/a.yaml:8",
        ),
        plan.Values(
            applies_to=policy.AppliesTo(schemes=("northside",)),
            values={"when.by": 600, "mode": "watch"},
            source=f"{tmp_path.name}/a.yaml:9",
        ),
    )
    stored = plan.decode_plan(plan.encode_plan(plan.Plan(rules=(sources["not-up"].rule,))))
    assert stored.rules == (sources["not-up"].rule,)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ("3", "a.yaml:2:61: must be a list of 1 to 64 entries; write values: [{tags: dementia,"),
        ("[]", "a.yaml:2:61: must be a list of 1 to 64 entries; write values: [{tags: dementia,"),
        ("[3]", "a.yaml:2:62: an entry says whose values they are, and the values; write values:"),
        ("[{cooldown: 1h}]", "a.yaml:2:62: whose values are these? write tags: or schemes:"),
        ("[{tag: x, cooldown: 1h}]", 'a.yaml:2:63: "tag" is not known here; did you mean "tags"?'),
        ("[{tags: x}]", "a.yaml:2:62: the entry has no values; write values: [{tags: dementia,"),
        (
            "[{homes: larch-12, cooldown: 1h}]",
            (
                "a.yaml:2:63: a single home's values stand in the home: rules: {NAME: {...}}; write"
                " them there"
            ),
        ),
        (
            "[{tags: [], cooldown: 1h}]",
            "a.yaml:2:69: the list is empty; write at least one word or remove the key",
        ),
        (
            "[{tags: x, cooldwn: 1h}]",
            'a.yaml:2:72: "cooldwn" is no key of rule x; did you mean "cooldown"?',
        ),
        (
            "[{tags: x, cooldown: soon}]",
            "a.yaml:2:82: not a duration: 'soon'; write 90s, 15m, 12h or 1h30m",
        ),
        (
            "[{tags: x, values: []}]",
            'a.yaml:2:72: "values" is the same in every home; write a rule',
        ),
    ],
)
def test_a_slip_in_values_is_told_with_its_place(
    tmp_path: Path, values: str, expected: str
) -> None:
    """Values are held against the rule when the rule is read, not when a home is."""
    text = f"rules:\n  x: {{when: {{property: contact, is: open, for: 5m}}, values: {values}}}\n"
    told = plain(tmp_path, rules_of(tmp_path, text).problems)
    assert [each for each in told if each.startswith(expected)], told


def test_a_policy_of_a_value_must_exist(tmp_path: Path) -> None:
    """A tag that sends its alerts to nobody is a slip."""
    text = (
        "rules:\n  x:\n    when: {property: fall, is: detected}\n"
        "    values: [{tags: x, policy: family-then-center}]\n"
    )
    with pytest.raises(ConfigError, match="no policy family-then-center") as caught:
        plan_of(tmp_path, text)
    assert "a.yaml:4:32: " in str(caught.value)


def test_homes_tell_slips_in_their_own_values(sources: Mapping[str, RuleSource]) -> None:
    """In the file of homes the place is the value's own."""
    text = "homes:\n  - {id: a, scheme: s, rules: {not-up: {by: soon}}}\n"
    told = refusals(text, Surroundings(sources=sources))
    assert told == ["h.yaml:2:45: not a time of day: 'soon'; write it in quotes, like \"05:00\""]


# --- where each value comes from --------------------------------------------------------------


def test_every_value_says_where_it_comes_from(
    tmp_path: Path, sources: Mapping[str, RuleSource]
) -> None:
    """A default, the rule, the values of a tag, the home: each line has its source."""
    own, problems = resolved(sources["not-up"], "{days: Sat, confirm.any_of.0.at: chair}")
    assert problems == []
    home = HomeRecord(
        id="larch-12",
        scheme="southside",
        timezone="UTC",
        tags=("dementia",),
        rule_values={"not-up": own},
    )
    file = f"{tmp_path.name}/a.yaml"
    written = f"{file}:2"
    assert values_of(sources["not-up"].rule, home) == [
        ValueFrom("when.none_of.0.property", "motion", written),
        ValueFrom("when.none_of.0.is", "detected", written),
        ValueFrom("when.none_of.0.at", "[kitchen, hall]", written),
        ValueFrom("when.none_of.1.property", "contact", written),
        ValueFrom("when.none_of.1.is", "[closed, open]", written),
        ValueFrom("when.from", "05:00", written),
        ValueFrom("when.by", "10:30", f"{file}:8"),
        ValueFrom("days", "Sat", "the home"),
        ValueFrom("unless", "away", written),
        ValueFrom("confirm.none_of.property", "motion", written),
        ValueFrom("confirm.none_of.is", "detected", written),
        ValueFrom("confirm.any_of.property", "trigger", written),
        ValueFrom("confirm.any_of.is", "pressed", written),
        ValueFrom("confirm.any_of.at", "chair", "the home"),
        ValueFrom("confirm.within", "1m", f"{file}:8"),
        ValueFrom("priority", "urgent", "default"),
        ValueFrom("mode", "page", "default"),
        ValueFrom("cooldown", "0s", "default"),
        ValueFrom("split_after", "0s", "default"),
        ValueFrom("cancel_within", "0s", "default"),
        ValueFrom("clear", "auto", "default"),
        ValueFrom("downtime", "count", "default"),
        ValueFrom("confirm.priority", "life_safety", "default"),
    ]


def test_a_value_that_makes_a_rule_as_usual_has_a_source_too(tmp_path: Path) -> None:
    """A home that pages what the rule only watches is told as the one who says so."""
    text = "rules:\n  x: {when: {property: fall, is: suspected}, mode: watch}\n"
    rule = rules_of(tmp_path, text).rules["x"].rule
    home = HomeRecord(id="a", scheme="s", timezone="UTC", rule_values={"x": {"mode": "page"}})
    assert ValueFrom("mode", "page", "the home") in values_of(rule, home)


def test_a_whole_part_that_a_home_sets_is_the_homes_in_every_line(
    sources: Mapping[str, RuleSource],
) -> None:
    """Who replaces `confirm` answers for each value inside."""
    own, problems = resolved(
        sources["not-up"], "{confirm: {none_of: {property: contact, at: hall}, within: 45s}}"
    )
    assert problems == []
    home = HomeRecord(
        id="a", scheme="northside", timezone="UTC", tags=("dementia",), rule_values={"not-up": own}
    )
    told = {each.path: each.source for each in values_of(sources["not-up"].rule, home)}
    assert {told[path] for path in told if path.startswith("confirm.")} == {"the home"}
    assert told["when.by"].endswith("a.yaml:9")
    assert rule_in(sources["not-up"].rule, home).rule.mode is Mode.WATCH


def test_a_rule_without_values_tells_all_that_it_says(tmp_path: Path) -> None:
    """Patterns of one form, areas and silences are told like the rest."""
    text = "rules:\n  x: {when: {silent: hub, every: 5m, misses: 0}, applies_to: {tags: [a, b]}}\n"
    rule = rules_of(tmp_path, text).rules["x"].rule
    assert isinstance(rule.when, when.Silent)
    told = values_of(rule, HomeRecord(id="a", scheme="s", timezone="UTC"))
    assert [(each.path, each.value) for each in told][:4] == [
        ("when.silent", "hub"),
        ("when.every", "5m"),
        ("when.misses", "0"),
        ("applies_to.tags", "[a, b]"),
    ]
