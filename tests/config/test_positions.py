"""Every complaint about a file names its line and column, and what to write instead."""

from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from telecared.config import positions
from telecared.config.positions import describe, known_keys, read_document, sentence
from telecared.errors import ConfigError


class Step(BaseModel):
    """One step of a pretend file."""

    model_config = ConfigDict(extra="forbid")
    notify: str
    wait: int = 0
    by: Literal["sms", "voice"] = "sms"


class Pretend(BaseModel):
    """A pretend file with the shapes that real ones have."""

    model_config = ConfigDict(extra="forbid")
    title: str
    steps: list[Step] = []
    named: dict[str, Step | int] = {}


def _problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_document(text, "a.yaml")
    return caught.value.problems


def _complaints(text: str) -> list[str]:
    document = read_document(text, "a.yaml")
    with pytest.raises(ValidationError) as caught:
        Pretend.model_validate(document.data)
    return describe(document, caught.value, model=Pretend)


def test_words_that_yaml_1_1_would_change_stay_as_they_were_written() -> None:
    """A time, a switch word, a date and a code with a leading zero are text; numbers are not."""
    text = "a: 22:30\nb: on\nc: 2026-03-28\nd: 0471\ne: 12\nf: 1.5\ng: true\nh:\n"
    assert read_document(text, "a.yaml").data == {
        "a": "22:30",
        "b": "on",
        "c": "2026-03-28",
        "d": "0471",
        "e": 12,
        "f": 1.5,
        "g": True,
        "h": None,
    }


def test_an_empty_file_is_no_data_and_is_blamed_at_its_beginning() -> None:
    """A file of comments alone parses to nothing, and a complaint about it points at 1:1."""
    document = read_document("# nothing yet\n", "a.yaml")
    assert document.data is None
    assert sentence(document, ("title",), "missing") == "a.yaml:1:1: missing"


def test_a_value_and_its_key_have_different_columns() -> None:
    """The column of an unknown key is the key's own, that of a bad value the value's."""
    document = read_document("title: x\nsteps:\n  - {notify: ben, wait: 3}\n", "a.yaml")
    assert document.position(("steps", 0, "wait")) == (3, 25)
    assert document.position(("steps", 0, "wait"), key=True) == (3, 19)
    assert document.position(("steps", 0)) == (3, 5)
    assert document.position(("steps", 7, "wait")) == (3, 3)


def test_keys_that_are_no_text_are_found_again() -> None:
    """A switch or a number may be a key of a value table, and has a position too."""
    document = read_document("true: wet\n1: dry\n", "a.yaml")
    assert document.position((True,)) == (1, 7)
    assert document.position((1,)) == (2, 4)


def test_all_duplicate_keys_are_told_at_once() -> None:
    """Two duplicates in different places give two sentences in file order."""
    assert _problems("a: 1\nb: {c: 1, c: 2}\na: 3\n") == [
        'a.yaml:2:11: "c" was already given in line 2; keep one of the two',
        'a.yaml:3:1: "a" was already given in line 1; keep one of the two',
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n\tb: 1\n", "a.yaml:2:1: a tab cannot indent; use spaces"),
        ("a: [1\n", "a.yaml:2:1: a bracket is never closed; add the closing ] or }"),
        ('a: "x\n', "a.yaml:2:1: a quote is never closed; add the closing quote"),
        ("a: 1\n---\nb: 1\n", "a.yaml:2:1: a second document begins; remove the --- line"),
        ("a: *x\n", "a.yaml:1:4: this alias names no anchor"),
        ("a: &x [*x]\n", "a.yaml:1:4: this alias contains itself"),
        ("a: !inc x\n", "a.yaml:1:4: a YAML tag is not known here"),
        ("a: {<<: {b: 1}}\n", "a.yaml:1:5: merge keys (<<) are not read"),
        ("? [a]\n: b\n", "a.yaml:1:3: a key must be a single word"),
        ("a: 1\nb: \x07\n", "a.yaml:2:4: a character that YAML does not allow"),
        ("a: " + "9" * 5000 + "\n", "a.yaml:1:4: not a number that can be read"),
        ("[" * 5000, "a.yaml:1:1: nested too deeply"),
    ],
)
def test_what_is_not_yaml_is_told_with_its_place(text: str, expected: str) -> None:
    """Tabs, open quotes, tags and the like become a sentence, never a traceback."""
    assert _problems(text)[0].startswith(expected)


def test_an_alias_bomb_is_refused_before_it_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nine levels of nine aliases each would be 3 thousand million values."""
    monkeypatch.setattr(positions, "MAX_NODES", 10_000)
    lines = ['a0: &a0 ["x"]']
    for level in range(1, 10):
        lines.append(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]")
    assert "split the file" in _problems("\n".join(lines))[0]


def test_every_problem_is_told_in_file_order_with_a_remedy() -> None:
    """Unknown keys name the nearest known one, which then is not missed too; values their kind."""
    text = "steps:\n  - {notfy: ben, wait: soon}\n  - {notify: 12, by: fax}\ntitel: x\n"
    assert _complaints(text) == [
        'a.yaml:2:6: "notfy" is not known here; did you mean "notify"?',
        "a.yaml:2:24: must be a whole number; write it without quotes",
        "a.yaml:3:14: must be text; put it in quotes",
        "a.yaml:3:22: not a word that is known here; write 'sms' or 'voice'",
        'a.yaml:4:1: "titel" is not known here; did you mean "title"?',
    ]


def test_a_complaint_never_quotes_a_value() -> None:
    """A value may be a name or a number of a person, so that no sentence repeats it."""
    told = "\n".join(_complaints("title: [Mrs Ada Hall]\nsteps: +447700900123\n"))
    assert "Ada" not in told
    assert "447700900123" not in told


def test_a_part_of_a_document_is_described_from_its_place() -> None:
    """A loader that validates one entry gives the entry's path as prefix."""
    document = read_document("title: x\nsteps:\n  - {notify: a}\n  - {}\n", "a.yaml")
    with pytest.raises(ValidationError) as caught:
        Step.model_validate(document.data["steps"][1])
    expected = ['a.yaml:4:5: "notify" is missing; add it']
    assert describe(document, caught.value, ("steps", 1)) == expected


def test_known_keys_are_found_through_lists_tables_and_unions() -> None:
    """The keys of a nested model are known whatever stands between."""
    assert known_keys(Pretend, ("steps", 3)) == {"notify", "wait", "by"}
    assert known_keys(Pretend, ("named", "x", "Step")) == {"notify", "wait", "by"}
    assert known_keys(Pretend, ()) == {"title", "steps", "named"}
