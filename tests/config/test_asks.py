"""The questions of a rule: read, spelled, said in words, refused with a sentence and a place."""

from pathlib import Path

import pytest

from telecared.config.asks import MAX_ANSWERS, MAX_QUESTIONS
from telecared.config.in_words import in_words
from telecared.config.rulefiles import read_rule_files
from telecared.config.shipped import rules_folder
from telecared.core.plan import Ask
from tests.config.support import plain, rules_of

FALL = "when: {property: fall, is: detected}"


def test_a_rule_says_what_is_asked_and_which_answers_are_on_offer(tmp_path: Path) -> None:
    """Answers are offered in their order; without any the answer is written freely."""
    found = rules_of(
        tmp_path,
        f"rules:\n  x:\n    {FALL}\n    ask:\n"
        "      - {question: 'Hurt?', answers: [no, yes]}\n      - {question: 'Who looks?'}\n",
    )
    rule = found.rules["x"].rule
    assert rule.ask == (Ask(question="Hurt?", answers=("no", "yes")), Ask(question="Who looks?"))
    assert in_words(rule).endswith('Whoever answers asks "Hurt?" (no / yes); "Who looks?".')


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        ("[]", f"a.yaml:4:10: write 1 to {MAX_QUESTIONS} of them in this list"),
        ("[{question: ''}]", "a.yaml:4:22: must be text; write a question like Are you hurt?"),
        ("[{question: 7}]", "a.yaml:4:22: must be text; write a question like Are you hurt?"),
        ('[{question: "a\\nb"}]', "a.yaml:4:22: must be one line without"),
        (f"[{{question: {'a' * 201}}}]", "a.yaml:4:22: longer than 200 characters"),
        ("[{question: a}, {question: a}]", "a.yaml:4:10: the same is asked twice"),
        ("[{question: a, answers: [b, b]}]", "a.yaml:4:34: an answer stands here twice"),
        (f"[{{question: a, answers: [{'x, ' * 9}]}}]", f"at most {MAX_ANSWERS} answers"),
        ("[{question: a, answer: b}]", 'a.yaml:4:25: "answer" is not known here'),
    ],
)
def test_a_slip_in_a_question_is_told_with_its_place(
    tmp_path: Path, ask: str, expected: str
) -> None:
    """What to write instead stands in each sentence."""
    found = rules_of(tmp_path, f"rules:\n  x:\n    {FALL}\n    ask: {ask}\n")
    assert found.rules == {}
    assert expected in "\n".join(plain(tmp_path, found.problems))


def test_no_tag_and_no_home_has_questions_of_its_own(tmp_path: Path) -> None:
    """A centre works by one procedure; a value for some homes is refused."""
    values = "values: [{tags: dementia, ask: [{question: a}]}]"
    found = rules_of(tmp_path, f"rules:\n  x:\n    {FALL}\n    {values}\n")
    assert "a.yaml:4:31: " in "\n".join(plain(tmp_path, found.problems))


def test_the_rules_that_ship_bring_scripts_for_what_operators_hear_most() -> None:
    """A fall, a pendant, smoke, CO, a quiet home, an empty bed, a door, a dose, a fault."""
    rules = read_rule_files([rules_folder()]).rules
    asked = {name for name, source in rules.items() if source.rule.ask}
    assert asked >= {
        "fall", "pendant-pressed", "smoke", "carbon-monoxide", "no-movement", "left-bed-not-back",
        "front-door-at-night", "not-up", "medication-missed", "alarm-unit-silent", "battery-low",
    }  # fmt: skip
