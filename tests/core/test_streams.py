"""Recorded streams as `mosquitto_sub` writes them, and as people write them by hand."""

import pytest

from telecared.core.streams import (
    MAX_LINE_CHARS,
    parse_stamp,
    parse_stream_line,
    read_stream,
    stamp,
)
from telecared.errors import ReplayError

AT = 1_772_348_649_123_456


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T07:04:09.123456Z",
        "2026-03-01T07:04:09.123456Z+0000",
        "2026-03-01T08:04:09.123456+0100",
        "2026-03-01T01:34:09.123456-05:30",
    ],
)
def test_all_ways_to_write_the_time_of_a_line_are_read(text: str) -> None:
    """Mosquitto's `Z+0000`, offsets with and without a colon, and plain RFC 3339."""
    assert parse_stamp(text) == AT
    assert stamp(AT) == "2026-03-01T07:04:09.123456Z"


@pytest.mark.parametrize("text", ["2026-03-01T07:04:09", "2026-02-30T07:04:09Z", "today", ""])
def test_a_time_without_offset_or_sense_is_refused(text: str) -> None:
    """A time that is nowhere on earth cannot be replayed."""
    with pytest.raises(ReplayError, match="tst"):
        parse_stamp(text)


@pytest.mark.parametrize(
    ("written", "wire"),
    [
        ('"a\\u00e9 {}"', b"a\xc3\xa9 {}"),
        ('{"x" : 1.00, "y": [1, 2], "z": "a b"}', b'{"x":1.00,"y":[1,2],"z":"a b"}'),
        ("21.50", b"21.50"),
        ("true", b"true"),
        ("null", b""),
        ('""', b""),
    ],
)
def test_a_payload_becomes_the_bytes_on_the_wire(written: str, wire: bytes) -> None:
    """Text is itself, JSON is compact with its numbers untouched, null is an empty payload."""
    assert parse_stream_line(f'{{"topic": "a", "payload": {written}}}').payload == wire


def test_binary_payloads_come_as_base64() -> None:
    """`payload_b64` wins over a payload beside it."""
    assert parse_stream_line('{"topic":"a","payload":"x","payload_b64":"//4A"}').payload == (
        b"\xff\xfe\0"
    )


def test_a_line_of_mosquitto_sub_is_read_whole() -> None:
    """Keys that nobody needs are passed over."""
    line = (
        '{"tst":"2026-03-01T07:04:09.123456Z+0000","topic":"a/b c","qos":1,"retain":1,'
        '"payloadlen":4,"mid":7,"payload":"open"}'
    )
    message = parse_stream_line(line)
    assert (message.tst, message.topic, message.qos) == (AT, "a/b c", 1)
    assert (message.retain, message.payload) == (True, b"open")


@pytest.mark.parametrize(
    "line",
    [
        "",
        "[]",
        "{}",
        '{"topic": 7}',
        '{"topic": ""}',
        '{"topic": "a", "qos": 3}',
        '{"topic": "a", "payload_b64": "%"}',
        '{"topic": "a", "payload": NaN}',
        '{"topic": "\\u0000"}',
        '{"topic": "a", "payload": ' + "[" * 100_000,
    ],
)
def test_a_line_that_is_no_message_is_a_sentence(line: str) -> None:
    """No traceback, and no part of the line in the sentence."""
    with pytest.raises(ReplayError):
        parse_stream_line(line)


def test_blank_lines_are_passed_over_and_errors_name_their_line() -> None:
    """A recording may be cut by hand; the number of the bad line is told."""
    assert [each.topic for each in read_stream(["", '{"topic":"a"}\n', "  \n"])] == ["a"]
    with pytest.raises(ReplayError, match="line 3: "):
        list(read_stream(['{"topic":"a"}', "", "oops"]))


def test_a_line_that_is_too_long_is_refused_unread() -> None:
    """Whatever it holds, a telecare message is not so long."""
    with pytest.raises(ReplayError, match="longer than"):
        parse_stream_line("x" * (MAX_LINE_CHARS + 1))
