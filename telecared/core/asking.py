"""What whoever answers an alert is to ask: the note that an answer becomes, and answers read back.

The questions stand in the rule (`plan.Ask`), an answer in the record as a note like any other.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from telecared.core.plan import Ask

_ANSWERED: Final = " \N{EM DASH} "
"""Between a question and its answer; no question may hold it."""


def note_of(question: str, answer: str) -> str:
    """Return the note by which an answer is recorded (`Updated` with `Progress.NOTE`)."""
    return f"{question}{_ANSWERED}{answer.strip()}"


def answers_in(texts: Iterable[str], asked: Sequence[Ask]) -> dict[str, str]:
    """Return question -> its last answer, of those that were answered.

    Args:
        texts: reasons of the record's lines, oldest first; each tells who wrote it, and the note.
        asked: the rule's questions.
    """
    found: dict[str, str] = {}
    for text in texts:
        begun = [(text.find(f"{one.question}{_ANSWERED}"), one.question) for one in asked]
        begun = [each for each in begun if each[0] >= 0]
        if begun:
            # One question may end as another does, and an answer may repeat one: the first counts.
            at, question = min(begun)
            found[question] = text[at + len(question) + len(_ANSWERED) :]
    return found
