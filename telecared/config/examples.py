"""The examples inside a device profile: found in its text, read when asked for, and run.

They are most of a file, and only `check` and the tests need them: whoever decodes does not wait
for them to be parsed. The keys are `profile_format`'s, the rest of the file is `profiles`'.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Final

import msgspec
from pydantic import ValidationError

from telecared.config.positions import Document, describe, read_document, sentence
from telecared.config.profile_format import (
    ExamplePart,
    ExampleReading,
    ExamplesPart,
    ProfilePart,
)
from telecared.core.decode import CompiledProfile, Decoded
from telecared.core.decode import decode as decode_message
from telecared.core.directory import Directory
from telecared.core.profiles import DeviceBinding
from telecared.core.streams import parse_stamp
from telecared.core.vocabulary import DeviceKind
from telecared.errors import ConfigError

_KEY: Final = re.compile(r"^examples:(?=[ \r\n]|\Z)", re.MULTILINE)
_NOT_INSIDE: Final = re.compile(r"^(?![ #\r\n]|-[ \r\n]|\Z)", re.MULTILINE)


def beginning_of_examples(text: str) -> int | None:
    """Return where the key `examples` begins, or None unless it is surely the last of the file.

    Surely: no line after it begins at the margin but comments and items of a list, and no line
    before it changes what YAML is.
    """
    found = _KEY.search(text)
    if found is None or text.startswith("%") or "\n%" in text:
        return None
    return None if _NOT_INSIDE.search(text, found.end()) else found.start()


def examples_in(text: str, name: str) -> tuple[Document, tuple[ExamplePart, ...]]:
    """Return the examples of a profile's text, and the document in which they have their places.

    Raises:
        ConfigError: with every problem of the examples, or of the file where they stand apart
            from its end.
    """
    at = beginning_of_examples(text)
    if at is not None:
        try:  # empty lines stand for what comes before, so that every place is that of the file
            document = read_document("\n" * text.count("\n", 0, at) + text[at:], name)
            return document, tuple(ExamplesPart.model_validate(document.data).examples)
        except (ConfigError, ValidationError):
            pass  # an alias may name what stands before: only the whole file tells
    document = read_document(text, name)
    try:
        return document, tuple(ProfilePart.model_validate(document.data).examples)
    except ValidationError as error:
        raise ConfigError(describe(document, error, model=ProfilePart)) from None


def differing(
    compiled: CompiledProfile, document: Document, examples: Iterable[ExamplePart]
) -> list[str]:
    """Return one sentence for each example that does not decode to what it promises."""
    mismatches: list[str] = []
    for number, example in enumerate(examples):
        try:
            payload = _payload(example)
            told = _tell(compiled, example, payload)
        except ValueError as error:
            mismatches.append(sentence(document, ("examples", number), str(error)))
            continue
        mismatches.extend(
            sentence(document, ("examples", number), message)
            for message in _differences(example, told)
        )
    return mismatches


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
    """Decode an example: registered where it says anything of its device, else by the topic."""
    registered = example.kind or example.invert or example.own_topic or example.address
    if not (registered or example.model or example.codes):
        return decode_message(compiled, example.topic, payload)
    name = compiled.profile.name
    binding = DeviceBinding(
        "home",
        "device",
        example.kind or DeviceKind.OTHER,
        name,
        example.own_topic or compiled.split(example.topic)[0],
        address=example.address,
        invert=tuple(example.invert),
        model=example.model,
        codes=tuple(
            (code, told, word)
            for code, words in example.codes.items()
            for told, word in words.items()
        ),
    )
    found = Directory([binding], {name: compiled}).resolve(example.topic, payload)
    readings = [reading for each in (found, *found.more) for reading in each.decoded.readings]
    return msgspec.structs.replace(found.decoded, readings=tuple(readings))


def _differences(example: ExamplePart, told: Decoded) -> list[str]:
    if isinstance(example.readings, list):
        differences = _listed_differences(example.readings, told)
    else:
        differences = _differences_by_property(example.readings, told)
        at = None if example.at is None else parse_stamp(example.at)
        if any(each.at != at for each in told.readings):
            differences.append("its readings do not carry the time that it promises")
    if example.error != (told.error is not None):
        differences.append(f"promises error {example.error} but decodes to {told.error}")
    if example.seq != told.seq:
        differences.append(f"promises seq {example.seq} but decodes to {told.seq}")
    if example.device is not None and example.device != told.device:
        differences.append(f"promises device {example.device} but decodes to {told.device}")
    if example.identity is not None and example.identity != told.identity:
        differences.append(f"promises identity {example.identity} but decodes to {told.identity}")
    return differences


def _differences_by_property(
    promised: Mapping[str, str | float | list[float]], told: Decoded
) -> list[str]:
    wanted: dict[str, object] = {name: _value(value) for name, value in promised.items()}
    found: dict[str, object] = {}
    differences = []
    for each in told.readings:
        if each.property in found and found[each.property] != each.value:
            differences.append(f"tells {each.property} twice; write its readings as a list")
        found[each.property] = each.value
    return differences + [
        f"promises {name} {wanted.get(name, 'nothing')} but decodes to {found.get(name, 'nothing')}"
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]


def _listed_differences(promised: list[ExampleReading], told: Decoded) -> list[str]:
    """Compare reading by reading, in order; a device that is not written may be any."""
    differences = []
    for place, (wanted, found) in enumerate(zip_longest(promised, told.readings), 1):
        if wanted is None or found is None:
            what = found or wanted
            missing = "is not promised" if wanted is None else "is promised but not told"
            differences.append(f"reading {place} ({what.property}) {missing}")
            continue
        pairs: dict[str, tuple[object, object]] = {
            "property": (wanted.property, found.property),
            "value": (_value(wanted.value), found.value),
            "at": (None if wanted.at is None else parse_stamp(wanted.at), found.at),
            "act": (wanted.act, found.act),
            "history": (wanted.history, found.history),
        }
        if wanted.device is not None:
            pairs["device"] = (wanted.device, found.device)
        differences += [
            f"reading {place} promises {key} {mine} but decodes to {its}"
            for key, (mine, its) in pairs.items()
            if mine != its
        ]
    return differences


def _value(value: str | float | list[float]) -> object:
    return tuple(value) if isinstance(value, list) else value
