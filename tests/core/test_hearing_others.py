"""A receiver and what it hears: whose message it is, and what a topic may also be called."""

import json

import pytest

from telecared.core.decode import compile_profile
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding, FieldMap, MessageShape, Profile, Section
from telecared.core.vocabulary import DeviceKind

DOOR = (
    FieldMap(property="contact", paths=(("open",),), words=(("true", "open"), ("false", "closed"))),
)
UNIT = DeviceBinding("larch-12", "unit", DeviceKind.ALARM_UNIT, "ear", "tele/ear")
LEVEL = DeviceBinding("larch-12", "all", DeviceKind.OTHER, "ear", "tele/ear", "hall")


def _directory(*bindings: DeviceBinding, named_only: bool) -> Directory:
    profile = Profile(
        name="ear",
        topics=("tele/{device}",),
        aliases={"stat": "tele"},
        messages=(
            MessageShape(),
            MessageShape(below="radio", fields=DOOR, address=("id",), named_only=named_only),
            MessageShape(
                below="{address}/mesh",
                sections=(
                    Section(path=("heard",), by_key=True, fields=DOOR, named_only=named_only),
                ),
            ),
        ),
    )
    return Directory(bindings, {"ear": compile_profile(profile)})


@pytest.mark.parametrize("named_only", [True, False])
def test_what_a_receiver_hears_of_somebody_else_is_its_own_only_where_the_profile_allows(
    *, named_only: bool
) -> None:
    """A name that nobody registered makes a stranger, unless the topic's device takes all."""
    heard = _directory(UNIT, named_only=named_only)
    for topic, message in (
        ("tele/ear/radio", {"id": "7c01", "open": True}),
        ("tele/ear/attic/mesh", {"heard": {"7c01": {"open": True}}}),
    ):
        found = heard.resolve(topic, json.dumps(message).encode())
        teller = next(each for each in (found, *found.more) if each.decoded.readings)
        assert (teller.binding is None) == named_only
        assert (teller.stranger is not None) == named_only


def test_what_names_nobody_stays_with_the_receiver() -> None:
    """Without a name there is no stranger to give it to."""
    found = _directory(UNIT, named_only=True).resolve("tele/ear/radio", b'{"open": false}')
    assert found.binding == UNIT
    assert [each.value for each in found.decoded.readings] == ["closed"]


def test_parts_of_a_message_that_is_claimed_as_a_whole_stay_with_the_claimant() -> None:
    """The level of the topic names the device; that its parts say another name changes nothing."""
    heard = _directory(LEVEL, named_only=True)
    found = heard.resolve("tele/ear/hall/mesh", b'{"heard": {"0x7c01": {"open": true}}}')
    assert found.binding == LEVEL
    assert [each.device for each in found.decoded.readings] == ["all"]


def test_a_topic_is_found_under_the_level_that_its_own_stands_for() -> None:
    """What comes under stat belongs to the device of tele, known or not."""
    heard = _directory(UNIT, named_only=True)
    assert heard.resolve("stat/ear/radio", b'{"open": true}').binding == UNIT
    unknown = heard.resolve("stat/nose/radio", b'{"open": true}')
    assert unknown.stranger == "tele/nose"
    assert heard.resolve("elsewhere/nose/radio", b'{"open": true}').profile is None
