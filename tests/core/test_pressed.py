"""What a pressed key means, and what the voice says to it in each language."""

import msgspec
import pytest

from telecared.core.alert_commands import Acknowledged, Declined
from telecared.core.policy import Policy, Step
from telecared.core.pressed import came_to, is_carried_out, resolve_key
from telecared.core.prompts import Prompt, spoken
from telecared.core.state import Alert
from telecared.core.stated import Going
from telecared.core.vocabulary import AlertState, Priority


def alert(**more: object) -> Alert:
    """An open alert of which Ben was told."""
    fields: dict[str, object] = {
        "n": 3,
        "rule": "fall",
        "key": "fall|pendant",
        "priority": Priority.LIFE_SAFETY,
        "policy": Policy(name="p", steps=(Step(notify=("carer",)),)),
        "text": "Fall.",
        "about": "fall",
        "code": "4711",
        "opened_at": 1,
        **more,
    }
    return Alert(**{name: fields[name] for name in fields if name in Alert.__struct_fields__})  # type: ignore[arg-type]


def test_one_accepts_two_declines_and_nothing_else_means_anything() -> None:
    """A slip of the finger takes nothing and refuses nothing."""
    accepted = resolve_key("1", alert(), "ben", "Ben Hall")
    declined = resolve_key("2", alert(), "ben", "Ben Hall")
    assert isinstance(accepted, Acknowledged)
    assert (accepted.alert, accepted.by, accepted.contact) == (3, "Ben Hall", "ben")
    assert isinstance(declined, Declined)
    assert resolve_key("7", alert(), "ben", "Ben Hall") is None


def test_a_key_that_was_carried_out_changes_nothing_more() -> None:
    """Unless its owner was called again, or is to take over, and answers."""
    going = (Going("ben", "Ben Hall", 1, 9),)
    held = alert(state=AlertState.ACKNOWLEDGED, going=going)
    asked = msgspec.structs.replace(held.handled, handover=1)
    assert is_carried_out("1", held, "ben")
    assert not is_carried_out("1", held, "cara")
    assert not is_carried_out("1", msgspec.structs.replace(held, update_by=9), "ben")
    assert not is_carried_out("1", msgspec.structs.replace(held, handled=asked), "ben")
    assert not is_carried_out("1", alert(), "ben")
    assert not is_carried_out("1", alert(going=going), "ben")
    assert is_carried_out("2", alert(declined=("ben",)), "ben")
    assert not is_carried_out("2", alert(), "ben")


def test_what_a_key_came_to() -> None:
    """Carried out, or refused because somebody else has it."""
    assert came_to("1", done=True) is Prompt.YOURS
    assert came_to("2", done=True) is Prompt.REFUSED
    assert came_to("1", done=False) is Prompt.TAKEN


@pytest.mark.parametrize("language", ["en", "cy", "de", "fr", "es", "pl", "de-AT", "EN"])
def test_every_prompt_is_there_in_every_language(language: str) -> None:
    """None is missing, and each is its own."""
    assert len({spoken(prompt, language) for prompt in Prompt}) == len(Prompt)


def test_a_language_that_we_do_not_have_is_spoken_to_in_english() -> None:
    """Better than silence."""
    assert spoken(Prompt.YOURS, "tlh") == spoken(Prompt.YOURS, "en")
    assert spoken(Prompt.YOURS, "de") != spoken(Prompt.YOURS, "en")
