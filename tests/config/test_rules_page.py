"""The page that teaches the rule language: every example on it is read, and checked for doubts."""

import re
from pathlib import Path

import pytest

from telecared.config.check import check
from telecared.config.conditions import KINDS
from telecared.config.in_words import in_words
from telecared.config.rulefiles import read_rule_files
from tests.conftest import REPOSITORY

PAGE = REPOSITORY / "docs" / "rules.md"


def examples() -> list[str]:
    """The YAML of the page, block by block."""
    return re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("number", range(len(examples())))
def test_an_example_of_the_page_is_read_without_a_doubt(number: int, tmp_path: Path) -> None:
    """Whoever copies it gets no complaint, and reads in words what it does."""
    file = tmp_path / "example.yaml"
    file.write_text(examples()[number])
    assert [one.message for one in check(rules=[file]) if one.level == "error"] == []
    found = read_rule_files([file])
    assert found.rules
    for source in found.rules.values():
        assert in_words(source.rule).endswith(".")


def test_the_page_shows_every_kind_of_condition() -> None:
    """A kind that nobody can look up is not there."""
    text = "\n".join(examples())
    missing = [kind.shape for kind in KINDS if not any(f"{mark}:" in text for mark in kind.marks)]
    assert missing == []
