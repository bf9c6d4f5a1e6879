"""The script of whoever answers: an answer is a note like any other, and is found again in it."""

from telecared.core.alert_commands import Updated
from telecared.core.asking import answers_in, note_of
from telecared.core.plan import Ask, Rule
from telecared.core.vocabulary import Priority, Progress
from telecared.core.when import ReadingIs
from tests.core.conftest import Story

ASKED = (Ask(question="Are you hurt?", answers=("no", "yes")), Ask(question="Who can look?"))
PRESSED = Rule(
    name="pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
    ask=ASKED,
)


def test_the_last_answer_to_a_question_is_found_in_the_record(story: Story) -> None:
    """An answer is written down with who asked; a later one stands for the earlier."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    for answer in ("no", " yes, the hip "):
        note = note_of("Are you hurt?", answer)
        world.commands(
            Updated(
                input=world.next_input(), at=world.at, alert=1, by="Olga", note=note,
                progress=Progress.NOTE,
            )
        )  # fmt: skip
    reasons = [line.reason for line in world.records("alert.updated")]
    assert reasons[-1] == "Olga: Are you hurt? \N{EM DASH} yes, the hip"
    assert answers_in(reasons, ASKED) == {"Are you hurt?": "yes, the hip"}
    world.forget_messages()


def test_a_script_decides_nothing(story: Story) -> None:
    """The same rule without its questions tells the same people at the same time."""
    told = []
    for rule in (PRESSED, Rule(name="pressed", when=PRESSED.when, priority=PRESSED.priority)):
        world = story(rules=[rule])
        world.hears("pendant", trigger="pressed")
        world.advance(minutes=10)
        told.append([(one.at, one.to, one.text) for one in world.notifications()])
        world.forget_messages()
    assert told[0] == told[1]


def test_a_question_that_ends_like_another_gets_no_answer_of_its_own() -> None:
    """One operator must not read as asked what another never asked; an answer may quote, too."""
    asked = (Ask(question="hurt?"), Ask(question="Is anybody else hurt?"))
    whole = f"Olga: {note_of('Is anybody else hurt?', 'no')}"
    assert answers_in([whole], asked) == {"Is anybody else hurt?": "no"}
    quoted = f"Olga: {note_of('hurt?', note_of('Is anybody else hurt?', 'yes'))}"
    assert list(answers_in([quoted], asked)) == ["hurt?"]
    assert answers_in(["Olga: hurt?"], asked) == {}
