"""Bits, thresholds and other fields that a switch is read from."""

import pytest

from telecared.core.decode import compile_profile, decode
from telecared.core.profiles import FieldMap, MessageShape, Profile

ON_OFF = (("true", "open"), ("false", "closed"))
PROFILE = compile_profile(
    Profile(
        name="p",
        topics=("t/{device}",),
        burst=5,
        messages=(
            MessageShape(
                fields=(
                    FieldMap(property="tamper", paths=(("bits",),), words=ON_OFF, bit=2),
                    FieldMap(
                        property="battery",
                        paths=(("volt",),),
                        words=(("true", "ok"), ("false", "low")),
                        threshold=2.6,
                    ),
                    FieldMap(
                        property="trigger",
                        constant="pressed",
                        where=((("key",), ("*",)),),
                        unless=((("key",), ("idle",)),),
                    ),
                )
            ),
        ),
    )
)


def _told(payload: bytes) -> dict[str, object]:
    """What a message tells."""
    return {each.property: each.value for each in decode(PROFILE, "t/x", payload).readings}


@pytest.mark.parametrize("written", [b"4", b'"0x24"', b'"36"', b"4.0"])
def test_a_bit_is_read_from_a_number_however_it_is_written(written: bytes) -> None:
    """The third bit of 4, 36 and 0x24 is set."""
    assert _told(b'{"bits":%s}' % written) == {"tamper": "open"}


@pytest.mark.parametrize("written", [b"true", b"1.5", b'"many"', b"[]", b'"%s"' % (b"9" * 50)])
def test_what_is_no_whole_number_has_no_bits(written: bytes) -> None:
    """It is on record, and tells nothing."""
    assert _told(b'{"bits":%s}' % written) == {}


def test_a_threshold_tells_low_from_enough() -> None:
    """Numbers may be text; a switch is no number."""
    assert _told(b'{"volt":"2.6"}') == {"battery": "ok"}
    assert _told(b'{"volt":1}') == {"battery": "low"}
    assert decode(PROFILE, "t/x", b'{"volt":true}').error is not None


def test_a_message_counts_unless_another_field_forbids_it() -> None:
    """And a press has the profile's burst window."""
    assert _told(b'{"key":"idle"}') == {}
    assert _told(b'{"key":null}') == {}
    told = decode(PROFILE, "t/x", b'{"key":"a"}').readings
    assert [(each.value, each.burst) for each in told] == [("pressed", 5)]
