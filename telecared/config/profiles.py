"""Device profiles as people write them: `devices/*.yaml`, checked and turned into core values.

Here are the file format, its sentences, the examples inside each file and what `decode` and
`check` need of them. Applying a profile to a message is `telecared.core.decode`.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Final

import msgspec
from pydantic import ValidationError

from telecared.config.positions import Document, describe, read_document, sentence
from telecared.config.profile_format import (
    ExamplePart,
    MessagePart,
    ProfilePart,
    ReadingPart,
    Scalar,
)
from telecared.core.decode import CompiledProfile, Decoded, compile_profile
from telecared.core.decode import decode as decode_message
from telecared.core.directory import Directory
from telecared.core.profiles import (
    FALSY,
    TRUTHY,
    DeviceBinding,
    FieldMap,
    MessageShape,
    Path,
    Profile,
    TimeField,
    every_property,
)
from telecared.core.streams import parse_stamp, parse_stream_line, stamp
from telecared.core.vocabulary import DeviceKind
from telecared.errors import ConfigError, ReplayError

MAX_PROFILE_BYTES: Final = 1024 * 1024
"""A longer profile file is refused."""


class LoadedProfile(msgspec.Struct, frozen=True):
    """A profile that was read from a file, with its examples and where they stand."""

    profile: Profile
    compiled: CompiledProfile
    examples: tuple[ExamplePart, ...]
    document: Document


def read_profile(text: str, name: str) -> LoadedProfile:
    """Read one profile.

    Raises:
        ConfigError: with every problem found, as `file:line:col: what, and what to write instead`.
    """
    document = read_document(text, name)
    try:
        part = ProfilePart.model_validate(document.data)
    except ValidationError as error:
        raise ConfigError(describe(document, error, model=ProfilePart)) from None
    shapes = [_shape("", part), *(_shape(below, each) for below, each in part.below.items())]
    profile = Profile(
        name=part.profile,
        topics=tuple(part.topics),
        ignored=tuple(part.ignored),
        messages=tuple(shapes),
    )
    try:
        compiled = compile_profile(profile)
    except ValueError as error:
        raise ConfigError([sentence(document, (), str(error))]) from None
    return LoadedProfile(profile, compiled, tuple(part.examples), document)


def load_profiles(paths: Iterable[FilePath]) -> dict[str, LoadedProfile]:
    """Read profile files, and all `*.yaml` of directories, and return them by name.

    Raises:
        ConfigError: with the problems of all files at once; two files of one name are one too.
    """
    problems: list[str] = []
    found: dict[str, LoadedProfile] = {}
    for path in _files(paths, problems):
        try:
            loaded = read_profile(_text(path), str(path))
        except ConfigError as error:
            problems.extend(error.problems)
            continue
        earlier = found.setdefault(loaded.profile.name, loaded)
        if earlier is not loaded:
            message = f"this profile is also in {earlier.document.name}; rename one of the two"
            problems.append(sentence(loaded.document, ("profile",), message))
    if problems:
        raise ConfigError(problems)
    return found


def run_examples(loaded: LoadedProfile) -> list[str]:
    """Return one sentence for each example that does not decode to what it promises."""
    mismatches: list[str] = []
    for number, example in enumerate(loaded.examples):
        try:
            payload = _payload(example)
            told = _tell(loaded.compiled, example, payload)
        except ValueError as error:
            mismatches.append(sentence(loaded.document, ("examples", number), str(error)))
            continue
        mismatches.extend(
            sentence(loaded.document, ("examples", number), message)
            for message in _differences(example, told)
        )
    return mismatches


def decode_line(
    profiles: Mapping[str, CompiledProfile],
    profile: str | None,
    directory: Directory | None,
    line: str,
) -> dict[str, object]:
    """Return what `telecared decode` writes for one line of a stream.

    With `profile` its patterns name the device and home is null. Otherwise `directory` finds the
    registered device; without either every profile is tried. Never raises for any line: what is
    wrong stands under `error`.
    """
    try:
        message = parse_stream_line(line)
    except ReplayError as error:
        return {"topic": None, "readings": [], "error": str(error)}
    home: str | None = None
    if profile is not None:
        decoded = decode_message(profiles[profile], message.topic, message.payload)
    else:
        resolved = (directory or Directory((), profiles)).resolve(message.topic, message.payload)
        home, decoded = resolved.home, resolved.decoded
    readings = [
        {
            "home": home,
            "device": reading.device or None,
            "property": reading.property,
            "value": reading.value,
            "at": None if reading.at is None else stamp(reading.at),
        }
        for reading in decoded.readings
    ]
    return {"topic": message.topic, "readings": readings, "error": decoded.error}


# --- from file to core ------------------------------------------------------------------------


def _shape(below: str, part: MessagePart) -> MessageShape:
    fields = tuple(_field(each) for each in part.readings)
    time = part.time
    return MessageShape(
        below=below,
        payload=part.payload,
        fields=(*(every_property() if part.vocabulary else ()), *fields),
        text=tuple(_field(each) for each in part.text),
        attributes=part.attributes,
        strict_keys=part.unknown_keys == "error",
        time=None if time is None else TimeField(_path(time.from_), tuple(time.format)),
        sequence=None if part.sequence is None else _path(part.sequence),
        address=tuple(_path(each) for each in _names(part.address)),
    )


def _field(part: ReadingPart) -> FieldMap:
    words = {_word(theirs): ours for theirs, ours in part.values.items()}
    for ours, switch in ((part.on, TRUTHY), (part.off, FALSY)):
        if ours is not None:
            words.update({theirs: ours for theirs in switch if theirs not in words})
    low, high = part.between or (None, None)
    return FieldMap(
        property=part.property,
        paths=tuple(_path(each) for each in _names(part.from_)),
        words=tuple(words.items()),
        number=part.number,
        scale=part.scale,
        offset=part.offset,
        low=low,
        high=high,
        constant=part.value,
        where=tuple(
            (_path(name), tuple(_word(word) for word in _words(allowed)))
            for name, allowed in part.where.items()
        ),
        kinds=tuple(part.kinds),
        except_kinds=tuple(part.except_kinds),
        invert=part.invert,
        clears_after=part.clears_after,
        burst=part.burst,
        history=part.history,
        ignore_unknown=part.unknown == "ignore",
    )


def _word(value: Scalar) -> str:
    return str(value).strip().casefold()


def _words(value: Scalar | list[Scalar]) -> list[Scalar]:
    return value if isinstance(value, list) else [value]


def _names(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def _path(text: str) -> Path:
    return tuple(text.split("."))


def _files(paths: Iterable[FilePath], problems: list[str]) -> list[FilePath]:
    found: list[FilePath] = []
    for path in paths:
        if path.is_dir():
            found.extend(sorted(path.glob("*.yaml")))
        elif path.is_file():
            found.append(path)
        else:
            problems.append(f"{path}:1:1: there is no such file or folder; correct the path")
    return found


def _text(path: FilePath) -> str:
    try:
        if path.stat().st_size > MAX_PROFILE_BYTES:
            raise ConfigError([f"{path}:1:1: longer than {MAX_PROFILE_BYTES} bytes; shorten it"])
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigError([f"{path}:1:1: not UTF-8 text; save it as UTF-8"]) from None
    except OSError as error:
        raise ConfigError([f"{path}:1:1: cannot be read ({error.strerror})"]) from None


# --- examples ---------------------------------------------------------------------------------


def _payload(example: ExamplePart) -> bytes:
    if example.payload_b64 is not None:
        try:
            return base64.b64decode(example.payload_b64, validate=True)
        except binascii.Error:
            raise ValueError("payload_b64 is not base64; encode the bytes again") from None
    if isinstance(example.payload, str):
        return example.payload.encode()
    return b"" if example.payload is None else msgspec.json.encode(example.payload)


def _tell(compiled: CompiledProfile, example: ExamplePart, payload: bytes) -> Decoded:
    if example.kind is None and not example.invert and example.own_topic is None:
        return decode_message(compiled, example.topic, payload)
    own = example.own_topic or compiled.split(example.topic)[0]
    kind = example.kind or DeviceKind.OTHER
    name = compiled.profile.name
    binding = DeviceBinding("home", "device", kind, name, own, invert=tuple(example.invert))
    return decode_message(compiled, example.topic, payload, binding)


def _differences(example: ExamplePart, told: Decoded) -> list[str]:
    wanted: dict[str, object] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in example.readings.items()
    }
    found: dict[str, object] = {each.property: each.value for each in told.readings}
    differences = [
        f"promises {name} {wanted.get(name, 'nothing')} but decodes to {found.get(name, 'nothing')}"
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]
    if example.error != (told.error is not None):
        differences.append(f"promises error {example.error} but decodes to {told.error}")
    if example.seq != told.seq:
        differences.append(f"promises seq {example.seq} but decodes to {told.seq}")
    if example.device is not None and example.device != told.device:
        differences.append(f"promises device {example.device} but decodes to {told.device}")
    at = None if example.at is None else parse_stamp(example.at)
    if any(each.at != at for each in told.readings):
        differences.append("its readings do not carry the time that it promises")
    return differences
