"""Whatever stands in a rule file, reading it ends in a rule or in sentences, never in a crash."""

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from telecared.config.conditions import ALL_KEYS, OF_THE_RULE
from telecared.config.positions import Document
from telecared.config.rule_paths import places_of
from telecared.config.rules import read_rule
from telecared.config.spelling import in_words, spell_rule
from telecared.config.values import read_values, resolve_values, values_of
from telecared.core.effective import rule_in
from telecared.core.plan import HomeRecord, Rule
from tests.config.any_rule import rules

WORDS = ("motion", "temperature", "trigger", "open", "away", "5m", "05:00", "Mon-Fri", "{code}")
scalars = st.sampled_from([*WORDS, None, True, 0, 3, -1, 2.5, "", float("nan")])
keys = st.sampled_from(sorted(ALL_KEYS)) | st.sampled_from(
    ["centre", "radius", "points", "none_of", "any_of", "tags", "when.by", "colour", 7]
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
conditions = st.dictionaries(keys, anything, max_size=5)
RULE_KEYS = st.sampled_from(sorted(OF_THE_RULE)) | keys
HOME = HomeRecord(id="a", scheme="s", timezone="UTC", tags=("dementia",))


def check(raw: Mapping[Any, Any]) -> None:
    """Read a rule with its values, and whatever can be done with what comes of it."""
    reading = read_rule(Document("a.yaml", raw, None), (), "x", raw, "a.yaml")
    assert all(problem.startswith("a.yaml:1:1: ") for problem in reading.problems)
    if reading.source is None:
        assert reading.problems
        return
    source, problems = read_values(reading.source)
    assert all(problem.startswith("a.yaml:1:1: ") for problem in problems)
    assert spell_rule(source.rule)["when"]
    assert in_words(source.rule)
    assert values_of(source.rule, HOME)


def spots(raw: object) -> Iterator[tuple[Any, Any]]:
    """Every place of a spelled rule: the mapping or list, and the key or index in it."""
    inside = enumerate(raw) if isinstance(raw, list) else ()
    for key, value in raw.items() if isinstance(raw, dict) else inside:
        yield raw, key
        yield from spots(value)


@given(conditions | anything, st.dictionaries(RULE_KEYS, anything | conditions, max_size=4))
@settings(max_examples=40, deadline=None)
def test_nothing_that_stands_in_a_rule_breaks_its_reading(
    condition: object, rest: dict[object, object]
) -> None:
    """Each slip is a sentence with a place; what is read can be spelled, said and explained."""
    raw = {**rest, "when": condition}
    check(raw)


@given(rules(), st.data())
@settings(max_examples=40, deadline=None)
def test_a_good_rule_with_one_thing_wrong_breaks_nothing(rule: Rule, data: st.DataObject) -> None:
    """One value of a rule is something else; or it is what a home wants to have there."""
    raw = spell_rule(rule)
    inside, key = data.draw(st.sampled_from(list(spots(raw))))
    inside[key] = data.draw(anything)
    check(raw)


@given(rules(), st.data())
@settings(max_examples=40, deadline=None)
def test_a_home_may_write_anything_anywhere(rule: Rule, data: st.DataObject) -> None:
    """A value of a home is taken, and holds in that home, or it is told what is wrong."""
    raw = spell_rule(rule)
    document = Document("a.yaml", raw, None)
    source = read_rule(document, (), "x", raw, "a.yaml").source
    assert source is not None
    path: Any = data.draw(st.sampled_from(sorted(places_of(source.rule, raw))) | keys)
    values, problems = resolve_values(source, {path: data.draw(anything)}, document, ())
    assert bool(values) is not bool(problems)
    record = replace(HOME, rule_values={"x": values})
    assert rule_in(source.rule, record).dropped == ()
    assert values_of(source.rule, record)
