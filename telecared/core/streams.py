"""Recorded streams: one MQTT message per JSON line, as `mosquitto_sub -F %j` and `%J` write it.

Here a line becomes a message. Opening files and unpacking gzip is the caller's part.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from telecared.core.vocabulary import Instant
from telecared.errors import ReplayError

MAX_LINE_CHARS: Final = 16 * 1024 * 1024
"""A longer line is refused: MQTT itself allows far more than any device sends."""

MAX_TOPIC_BYTES: Final = 65_535
"""MQTT's own limit."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_STAMP: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z)?(?:([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)


class StreamMessage(msgspec.Struct, frozen=True):
    """One recorded message.

    Attributes:
        tst: when it was recorded, or None when the line does not say.
        topic: as the broker named it.
        qos: 0, 1 or 2.
        retain: whether the broker had kept it.
        payload: the bytes on the wire.
    """

    tst: Instant | None
    topic: str
    qos: int
    retain: bool
    payload: bytes


class _Line(msgspec.Struct):
    topic: str
    tst: str | None = None
    qos: int = 0
    retain: int | bool = 0
    payload: msgspec.Raw = msgspec.Raw(b"null")
    payload_b64: str | None = None


_DECODER: Final = msgspec.json.Decoder(_Line)


def parse_stream_line(text: str) -> StreamMessage:
    """Return the message of one line.

    A string payload is the bytes on the wire, an object, list, number or switch its compact JSON,
    null or nothing an empty payload; `payload_b64` is binary and wins.

    Raises:
        ReplayError: the sentence says what is wrong, without quoting the line.
    """
    if len(text) > MAX_LINE_CHARS:
        raise ReplayError(f"the line is longer than {MAX_LINE_CHARS} characters; leave it out")
    try:
        line = _DECODER.decode(text.encode())
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise ReplayError(
            'the line is not a JSON object with a text "topic", a text "tst", a number "qos" and '
            'a "payload"; record with: mosquitto_sub -F %j'
        ) from None
    if line.qos not in (0, 1, 2):
        raise ReplayError('"qos" is not 0, 1 or 2; correct it')
    if not line.topic or "\0" in line.topic or len(line.topic.encode()) > MAX_TOPIC_BYTES:
        raise ReplayError(f'"topic" is empty, holds a NUL or exceeds {MAX_TOPIC_BYTES} bytes')
    instant = None if line.tst is None else parse_stamp(line.tst)
    return StreamMessage(instant, line.topic, line.qos, bool(line.retain), _payload(line))


def read_stream(lines: Iterable[str]) -> Iterator[StreamMessage]:
    """Yield the messages of a recording; blank lines are passed over.

    Raises:
        ReplayError: as `parse_stream_line`, with the number of the line.
    """
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            message = parse_stream_line(text)
        except ReplayError as error:
            raise ReplayError(f"line {number}: {error}") from None
        yield message


def parse_stamp(text: str) -> Instant:
    """Return the instant of `tst`: RFC 3339, `+0100` without a colon, or mosquitto's `Z+0000`.

    Raises:
        ReplayError: it is no such time, or has no offset.
    """
    match = _STAMP.fullmatch(text.strip())
    if match is None or not (match[4] or match[5]):
        raise ReplayError('"tst" is no time such as 2026-03-01T07:04:09.123456Z; correct it')
    day, clock, fraction, _, sign, hours, minutes = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}+00:00")
    except ValueError:
        raise ReplayError('"tst" names a day or time that does not exist; correct it') from None
    offset = timedelta()
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
    since = moment - _EPOCH - (offset if sign == "+" else -offset)
    return since // _MICROSECOND + int((fraction or "0").ljust(6, "0")[:6])


def stamp(instant: Instant) -> str:
    """Return `YYYY-MM-DDTHH:MM:SS.ffffffZ`.

    Raises:
        OverflowError: the instant lies outside the years 1 to 9999.
    """
    moment = _EPOCH + instant * _MICROSECOND
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def _payload(line: _Line) -> bytes:
    if line.payload_b64 is not None:
        try:
            return base64.b64decode(line.payload_b64, validate=True)
        except (binascii.Error, ValueError):
            raise ReplayError('"payload_b64" is not base64; encode the bytes again') from None
    raw = bytes(line.payload)
    if raw == b"null":
        return b""
    if raw.startswith(b'"'):
        return msgspec.json.decode(raw, type=str).encode()
    return msgspec.json.format(raw, indent=-1)
