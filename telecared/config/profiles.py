"""Device profiles as people write them: `devices/*.yaml`, checked and turned into core values.

From the keys of `profile_format` to what `decode` needs. The examples inside each file are read
and run by `examples`; applying a profile to a message is `telecared.core.decode`.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path as FilePath
from typing import Final

import msgspec
from pydantic import ValidationError

from telecared.config.examples import beginning_of_examples, differing, examples_in
from telecared.config.positions import Document, describe, read_document, sentence
from telecared.config.profile_format import (
    ExamplePart,
    MessagePart,
    ModelPart,
    ProfilePart,
    ReadingPart,
    Scalar,
    SectionPart,
    TimePart,
)
from telecared.core.decode import CompiledProfile, compile_profile
from telecared.core.profiles import (
    FALSY,
    TRUTHY,
    FieldMap,
    MessageShape,
    ModelSpec,
    Path,
    Profile,
    Section,
    TimeField,
    every_property,
)
from telecared.errors import ConfigError

Words = tuple[str, ...]

MAX_PROFILE_BYTES: Final = 1024 * 1024
"""A longer profile file is refused."""


MAX_KNOWN_PROFILES: Final = 64
"""Profiles that are kept compiled in one process, by their text."""


class LoadedProfile(msgspec.Struct, frozen=True):
    """A profile that was read from a file, and the text in which its examples stand."""

    profile: Profile
    compiled: CompiledProfile
    document: Document
    text: str

    @property
    def examples(self) -> tuple[ExamplePart, ...]:
        """The examples of the file, read when asked for. Raises `ConfigError` as they do."""
        return self.read_examples()[1]

    def read_examples(self) -> tuple[Document, tuple[ExamplePart, ...]]:
        """Return the examples, and the document in which they have their places.

        Raises:
            ConfigError: with every problem of the examples.
        """
        return examples_in(self.text, self.document.name)


def read_profile(text: str, name: str) -> LoadedProfile:
    """Read one profile; its examples wait until they are asked for.

    Raises:
        ConfigError: with every problem found, as `file:line:col: what, and what to write instead`.
    """
    document, part = _written(text, name)
    shapes = [_shape("", part), *(_shape(below, each) for below, each in part.below.items())]
    profile = Profile(
        name=part.profile,
        topics=tuple(part.topics),
        ignored=tuple(part.ignored),
        messages=tuple(shapes),
        models={_word(name): _model(each) for name, each in part.models.items()},
        burst=part.burst,
        strangers=part.strangers == "tell",
        aliases=part.aliases,
    )
    try:
        compiled = compile_profile(profile)
    except ValueError as error:
        raise ConfigError([sentence(document, (), str(error))]) from None
    return LoadedProfile(profile, compiled, document, text)


def _written(text: str, name: str) -> tuple[Document, ProfilePart]:
    """Return what a file says, without its examples where all else is in order."""
    at = beginning_of_examples(text)
    if at is not None:
        try:
            document = read_document(text[:at], name)
            return document, ProfilePart.model_validate(document.data)
        except (ConfigError, ValidationError):
            pass  # the whole file is read, so that all its problems come at once
    document = read_document(text, name)
    try:
        return document, ProfilePart.model_validate(document.data)
    except ValidationError as error:
        raise ConfigError(describe(document, error, model=ProfilePart)) from None


def load_profiles(paths: Iterable[FilePath]) -> dict[str, LoadedProfile]:
    """Read profile files, and all `*.yaml` of directories, and return them by name.

    Raises:
        ConfigError: with the problems of all files at once; two files of one name are one too.
    """
    problems: list[str] = []
    found: dict[str, LoadedProfile] = {}
    for path in _files(paths, problems):
        try:
            loaded = _known_profile(_text(path), str(path))
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


@lru_cache(maxsize=MAX_KNOWN_PROFILES)
def _known_profile(text: str, name: str) -> LoadedProfile:
    """Read a profile once: a reload, which seldom changes one, finds the others compiled."""
    return read_profile(text, name)


def run_examples(loaded: LoadedProfile) -> list[str]:
    """Return one sentence for each example that does not decode to what it promises.

    Raises:
        ConfigError: the examples cannot be read; with everything that is wrong in them.
    """
    return differing(loaded.compiled, *loaded.read_examples())


# --- from file to core ------------------------------------------------------------------------


def _shape(below: str, part: MessagePart) -> MessageShape:
    fields = tuple(_field(each) for each in part.readings)
    return MessageShape(
        below=below,
        payload=part.payload,
        fields=(*(every_property() if part.vocabulary else ()), *fields),
        text=tuple(_field(each) for each in part.text),
        attributes=part.attributes,
        strict_keys=part.unknown_keys == "error",
        time=_time(part.time),
        sequence=_maybe_path(part.sequence),
        address=tuple(_names(part.address)),
        identity=tuple(_names(part.identity)),
        sections=tuple(_section(each) for each in part.sections),
        acts=_maybe_path(part.acts),
        speaks_of=_maybe_path(part.speaks_of),
        named_only=part.named_only,
        unpack=tuple((_path(field), name) for field, name in part.unpack.items()),
    )


def _section(part: SectionPart) -> Section:
    inside = part.keys if part.each is None else part.each
    return Section(
        path=_path(inside) if inside else (),  # an empty text is the message itself
        by_key=part.keys is not None,
        match=part.match,
        fields=tuple(_field(each) for each in part.readings),
        time=_time(part.time),
        address=tuple(_names(part.address)),
        acts=_maybe_path(part.acts),
        history=part.history,
        fills_in=part.fills_in,
        named_only=part.named_only,
    )


def _model(part: ModelPart) -> ModelSpec:
    return ModelSpec(
        kind=part.kind,
        invert=tuple(part.invert),
        fields=tuple(_field(each) for each in part.readings),
    )


def _time(part: TimePart | None) -> TimeField | None:
    if part is None:
        return None
    return TimeField(_path(part.from_), tuple(part.format), part.unknown == "ignore")


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
        where=_others(part.where),
        unless=_others(part.unless),
        bit=part.bit,
        threshold=part.threshold,
        pair=None if part.pair is None else (_path(part.pair[0]), _path(part.pair[1])),
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


def _others(written: Mapping[str, Scalar | list[Scalar]]) -> tuple[tuple[Path, Words], ...]:
    return tuple(
        (_path(name), tuple(_word(word) for word in _words(allowed)))
        for name, allowed in written.items()
    )


def _path(text: str) -> Path:
    return tuple(text.split("."))


def _maybe_path(text: str | None) -> Path | None:
    return None if text is None else _path(text)


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
