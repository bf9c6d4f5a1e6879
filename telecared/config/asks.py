"""The questions of a rule as they are written in YAML: what is asked, and the answers on offer.

Their limits, and sentences for what is wrong. What an answer becomes is `core.asking`.
"""

from collections.abc import Sequence
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator

from telecared.config.fields import Between, Body
from telecared.core.plan import Ask

MAX_QUESTIONS: Final = 12
"""Questions of one rule: more are a form, and nobody fills in a form at three in the morning."""

MAX_ANSWERS: Final = 8
"""Answers on offer to one question: as many as fit under a thumb."""

MAX_QUESTION_CHARS: Final = 200
MAX_ANSWER_CHARS: Final = 60

_DASH: Final = "\N{EM DASH}"


def _line(value: object, most: int, example: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"must be text; write {example}, in quotes")
    if not value.isprintable() or _DASH in value:
        raise ValueError(f"must be one line without {_DASH}; write {example}")
    if len(value) > most:
        raise ValueError(f"longer than {most} characters; write a shorter one")
    return value.strip()


def _question(value: object) -> str:
    return _line(value, MAX_QUESTION_CHARS, "a question like Are you hurt?")


def _answers(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_ANSWERS:
        raise ValueError(f"at most {MAX_ANSWERS} answers can be offered; leave some out")
    answers = [_line(item, MAX_ANSWER_CHARS, "an answer like not hurt") for item in items]
    if len(set(answers)) < len(answers):
        raise ValueError("an answer stands here twice; remove one of them")
    return tuple(answers)


class AskBody(Body):
    """`question`, `answers`: what whoever answers the alert is to ask; no answers for free text."""

    question: Annotated[str, BeforeValidator(_question)]
    answers: Annotated[tuple[str, ...], BeforeValidator(_answers)] = ()


def _each_once(asked: tuple[AskBody, ...]) -> tuple[AskBody, ...]:
    questions = [one.question for one in asked]
    if len(set(questions)) < len(questions):
        raise ValueError("the same is asked twice; remove one of the two questions")
    return asked


Asks = Annotated[
    tuple[AskBody, ...], BeforeValidator(Between(1, MAX_QUESTIONS)), AfterValidator(_each_once)
]
"""The key `ask` of a rule."""


def asks_of(asked: tuple[AskBody, ...]) -> tuple[Ask, ...]:
    """Return questions as the plan holds them."""
    return tuple(Ask(question=one.question, answers=one.answers) for one in asked)


def asked_in_words(asked: Sequence[Ask]) -> str:
    """Return what whoever answers asks, each with the answers on offer; "" for nothing."""
    if not asked:
        return ""
    offered = [
        f'"{one.question}"' + (f" ({' / '.join(one.answers)})" if one.answers else "")
        for one in asked
    ]
    return f"Whoever answers asks {'; '.join(offered)}."
