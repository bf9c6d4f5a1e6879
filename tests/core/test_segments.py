"""How many SMS a text costs: alphabets, letters that take two places, codes that must be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telecared.core.segments import (
    MAX_SEGMENTS,
    first_segment,
    fitted,
    is_wide,
    names_code,
    plain,
    segments,
)

ANYTHING = st.text(alphabet="aA1 é€{ž😀\n.", max_size=400)


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("ž" * 70, 1),
        ("ž" * 71, 2),
        ("ž" * 134, 2),
        ("ž" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_a_text_costs_as_many_sms_as_networks_count(text: str, cost: int) -> None:
    """160 letters in one, 153 in each of several; 70 and 67 outside the GSM alphabet."""
    assert segments(text) == cost


def test_a_letter_of_two_places_is_never_parted() -> None:
    """It moves to the next segment whole, and leaves a place empty."""
    text = "x" * 152 + "€" + "y" * 10
    assert first_segment(text) == "x" * 152
    assert segments("x" * 152 + "€" + "y" * 151) == 2
    assert segments("x" * 152 + "€" + "y" * 152) == 3
    emoji = "ž" * 66 + "😀" + "ž" * 5
    assert first_segment(emoji) == "ž" * 66


def test_typographic_signs_do_not_halve_the_room() -> None:
    """What a word processor puts in is told as a typewriter writes it."""
    said = plain("\u201cDon\u2019t wait\u201d \u2013 it is 5\u00a0p.m.\u2026")
    assert said == '"Don\'t wait" - it is 5 p.m....'
    assert not is_wide(said)


def test_a_code_is_found_by_itself_only() -> None:
    """4711 in 14711 or 4711b is a house number, not the way to answer."""
    assert names_code("Reply 4711.", "4711")
    assert names_code("14711 Elm Row, reply 4711", "4711")
    assert not names_code("14711 Elm Row 4711b", "4711")


def test_a_code_behind_the_first_segment_is_put_in_front() -> None:
    """The second SMS of a text may be lost, or come an hour later."""
    said = fitted("x" * 170 + " Reply 4711.", "4711", "... Reply 4711.")
    assert said.startswith("4711: xxx")
    assert said.endswith("Reply 4711.")
    assert fitted("Reply 4711. " + "x" * 170, "4711", "...") == "Reply 4711. " + "x" * 170


@given(ANYTHING, st.sampled_from(["4711", ""]))
def test_whatever_is_said_fits_and_can_be_answered(text: str, code: str) -> None:
    """Two SMS at most, the code in the first, and what fits is not touched."""
    ending = f"... Reply {code}." if code else "..."
    said = fitted(text, code, ending)
    assert segments(said) <= MAX_SEGMENTS
    if code:
        assert names_code(first_segment(said), code)
    if segments(text) <= MAX_SEGMENTS and (not code or names_code(first_segment(text), code)):
        assert said == plain(text)
    assert fitted(said, code, ending) == said
