"""`rules` as people and scripts use it: in plain English, and where each value comes from."""

from pathlib import Path

import msgspec

from telecared.cli import lines
from tests.cli.conftest import Call

RULES = """
rules:
  not-up:
    when: {none_of: {property: motion}, from: "05:00", by: "11:00"}
    values:
      - {tags: dementia, by: "10:00"}
  elsewhere:
    when: {property: fall, is: detected}
    applies_to: {homes: [oak-1]}
policies:
  family-then-centre:
    steps: [{notify: monitoring_centre}]
"""


def test_each_rule_is_told_in_plain_english(site: Path, call: Call) -> None:
    """Without a home, as written; with one, only those that apply there."""
    (site / "rules.yaml").write_text(RULES, encoding="utf-8")

    every = call("rules", "--rules", "rules.yaml")
    here = call("rules", "larch-12", "--rules", "rules.yaml", "--homes", "homes.yaml")

    assert every.code == here.code == 0
    assert "not-up (urgent, page; rules.yaml:3)" in every.out
    assert "elsewhere" in every.out
    assert "elsewhere" not in here.out


def test_where_each_value_comes_from_is_told(site: Path, call: Call) -> None:
    """The file with its line, a tag's line, or the home itself."""
    (site / "rules.yaml").write_text(RULES, encoding="utf-8")
    homes = (site / "homes.yaml").read_text(encoding="utf-8")
    tagged = homes.replace("    address: 12 Larch Close", "    tags: [dementia]", 1)
    own = homes.replace("    address: 12", '    rules: {not-up: {by: "09:30"}}\n    address: 12', 1)
    (site / "tagged.yaml").write_text(tagged, encoding="utf-8")
    (site / "own.yaml").write_text(own, encoding="utf-8")

    def source(file: str) -> list[tuple[str, str]]:
        (one,) = call(
            "rules", "larch-12", "--rule", "not-up", "--rules", "rules.yaml", "--homes", file,
            "--json",
        ).objects  # fmt: skip
        told = msgspec.convert(one, lines.RuleLine)
        return [(each.value, each.source) for each in told.values if each.path == "when.by"]

    assert source("homes.yaml") == [("11:00", "rules.yaml:3")]
    assert source("tagged.yaml") == [("10:00", "rules.yaml:6")]
    assert source("own.yaml") == [("09:30", "the home")]
    assert "RuleLine" in str(call("schema", "--output", "rules").objects[0])


def test_the_store_is_asked_where_no_homes_are_given(registered: Path, call: Call) -> None:
    """The home as it is registered; slips are sentences."""
    assert "the home's own policy" in call("rules", "larch-12", "--rule", "fall").out
    for arguments, sentence in (
        (("rules", "oak-1"), "there is no home oak-1 in the store"),
        (("rules", "--rule", "fal"), 'there is no rule fal; did you mean "fall"?'),
        (("rules", "larch-12", "--rule", "fal"), "there is no rule fal for larch-12"),
        (("rules", "oak-1", "--homes", "homes.yaml"), "there is no home oak-1 in --homes"),
    ):
        said = call(*arguments)
        assert (said.code, said.out) == (2, "")
        assert sentence in said.err


def test_without_a_store_a_home_needs_its_file(tmp_path: Path, site: Path, call: Call) -> None:
    """The sentence says what to add."""
    (site / "telecared.yaml").unlink()

    assert "add --homes FILE" in call("rules", "larch-12").err
