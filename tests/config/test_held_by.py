"""`held_by` as it is written: read, spelled back, said in plain English, refused where it mutes."""

from pathlib import Path

import pytest

from telecared.config.check import check
from telecared.config.spelling import in_words, spell_rule
from telecared.errors import ConfigError
from tests.config.support import POLICIES, plan_of

MAINS = "  mains-lost: {when: {property: mains, is: lost}, priority: technical}\n"


def offline(held_by: str, priority: str = "technical") -> str:
    """A file with a rule that is held by something."""
    when = "when: {property: link, is: offline}"
    return f"rules:\n{MAINS}  link-offline: {{{when}, priority: {priority}, held_by: {held_by}}}\n"


@pytest.mark.parametrize("written", ["mains-lost", "[mains-lost, power, mains-lost]"])
def test_it_is_read_and_spelled_back(tmp_path: Path, written: str) -> None:
    """One name or several, each once; plain English says for how long."""
    loaded = plan_of(tmp_path, POLICIES + offline(written))
    rule = next(one for one in loaded.plan.rules if one.name == "link-offline")
    assert rule.held_by[0] == "mains-lost"
    assert len(set(rule.held_by)) == len(rule.held_by)
    names = list(rule.held_by)
    assert spell_rule(rule)["held_by"] == (names[0] if len(names) == 1 else names)
    assert "it is held back, for twelve hours at most" in in_words(rule)


def test_life_safety_is_held_by_nothing(tmp_path: Path) -> None:
    """Refused where it is written."""
    with pytest.raises(ConfigError, match="life safety is never held back; remove held_by"):
        plan_of(tmp_path, POLICIES + offline("mains-lost", "life_safety"))


def test_a_name_that_nobody_knows_is_told_with_its_place(tmp_path: Path) -> None:
    """By `check`, as an error in the file."""
    file = tmp_path / "own.yaml"
    file.write_text(POLICIES + offline("mains-lots"), encoding="utf-8")
    found = [one for one in check(rules=[file]) if one.code == "unknown-rule"]
    assert len(found) == 1
    assert found[0].level == "error"
    assert 'held by "mains-lots"' in found[0].message
    assert (found[0].file, found[0].line) == (str(file), 8)
