"""YAML that a person wrote, read so that every complaint can name its line and column.

Here are the reader (YAML 1.2: `22:30` and `on` stay text), the place of each key and value, and
the translation of pydantic's errors into sentences. What the keys mean is not known here.
"""

import difflib
import types
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from telecared.errors import ConfigError

MAX_DOCUMENT_CHARS: Final = 32 * 1024 * 1024
"""A longer file is refused before it is parsed."""

MAX_NODES: Final = 2_000_000
"""Values in one document after its aliases are expanded; more is a mistake or an attack."""

MAX_NAMED_KEYS: Final = 12
"""How many known keys a sentence lists at most."""

_TAG: Final = "tag:yaml.org,2002:"

Part = str | int
Path = tuple[Part, ...]


class Document:
    """One parsed YAML file: plain data, and where each part of it stands.

    Attributes:
        name: the file's name as the person knows it; sentences begin with it.
        data: dicts, lists and scalars. Dates and times stay text (pydantic reads them), and so
            does a whole number with a leading zero (`0471` is a code, not 471).
    """

    def __init__(self, name: str, data: object, root: Node | None) -> None:
        self.name = name
        self.data: Any = data  # pydantic and the loaders decide what it is
        self._root = root

    def position(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        """Return the 1-based line and column of the value at `path`, or of its key.

        A part that does not exist is passed over (pydantic puts names of union members into its
        locations), so that the nearest enclosing value is meant.
        """
        node, mark = self._root, None
        for part in path:
            found = _child(node, part)
            if found is not None:
                mark, node = found
        if node is None:
            return 1, 1
        if not key or mark is None:
            mark = node.start_mark
        return mark.line + 1, mark.column + 1


def sentence(document: Document, path: Path, message: str, *, key: bool = False) -> str:
    """Return `file:line:col: message` for the value at `path`, or for its key."""
    line, column = document.position(path, key=key)
    return f"{document.name}:{line}:{column}: {message}"


def read_document(text: str, name: str) -> Document:
    """Parse one YAML document.

    Raises:
        ConfigError: with every duplicate key, unknown tag and unusable value at once, or with
            the first syntax error (after which nothing can be told).
    """
    if len(text) > MAX_DOCUMENT_CHARS:
        raise ConfigError(
            [f"{name}:1:1: the file is longer than {MAX_DOCUMENT_CHARS} characters; split it"]
        )
    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except MarkedYAMLError as error:
        raise ConfigError([_syntax_sentence(name, error)]) from None
    except ReaderError as error:
        raise ConfigError([_reader_sentence(name, text, error)]) from None
    except (YAMLError, ValueError) as error:
        raise ConfigError([f"{name}:1:1: not YAML ({type(error).__name__}); rewrite it"]) from None
    except RecursionError:
        raise ConfigError([f"{name}:1:1: nested too deeply; write it flatter"]) from None
    if root is None:
        return Document(name, None, None)
    builder = _Builder(name, yaml)
    try:
        data = builder.build(root)
    except RecursionError:
        raise ConfigError([f"{name}:1:1: nested too deeply; write it flatter"]) from None
    if builder.problems:
        raise ConfigError([text for _, text in sorted(builder.problems)])
    return Document(name, data, root)


def describe(
    document: Document,
    error: ValidationError,
    prefix: Path = (),
    *,
    model: type[BaseModel] | None = None,
    told: Collection[Path] = (),
    misspelt: Iterable[str] = (),
) -> list[str]:
    """Return one sentence per problem of `error`, in file order, without repeats.

    Args:
        document: what was validated.
        error: pydantic's findings.
        prefix: the path of the validated part within the document.
        model: what was validated against; with it an unknown key is answered with the nearest
            known one. Values are never quoted: they may be somebody's name or number.
        told: paths about which something is said already; nothing more is said of them.
        misspelt: unknown keys that are told already. A missing key that one of these was meant
            to be is not missed as well.
    """
    found: list[tuple[int, int, str]] = []
    details = error.errors(include_url=False)
    strangers = [each["loc"] for each in details if each["type"] == "extra_forbidden"]
    strangers += [(word,) for word in misspelt]
    for detail in details:
        path, at_key = _place(detail)
        if detail["type"] == "missing":
            *beside, missing = detail["loc"]
            words = [str(word) for *place, word in strangers if place == beside]
            if any(closest(word, [str(missing)]) for word in words):
                continue
        elif any(each[: len(prefix + path)] == prefix + path for each in told):
            continue
        line, column = document.position(prefix + path, key=at_key)
        found.append((line, column, _message(detail, path, model)))
    unique = sorted(set(found))
    return [f"{document.name}:{line}:{column}: {message}" for line, column, message in unique]


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return which of the known words was probably meant, however it is capitalised, or None."""
    names = {name.lower(): name for name in sorted(set(known))}
    found = difflib.get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    return names[found[0]] if found else None


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `did you mean "x"?` or what is known, as the end of a sentence."""
    names = sorted(set(known))
    close = closest(word, names)
    if close is not None:
        return f'did you mean "{close}"?'
    if not names:
        return "remove it"
    listed = ", ".join(names[:MAX_NAMED_KEYS]) + (", ..." if len(names) > MAX_NAMED_KEYS else "")
    return f"known here: {listed}"


# --- reading ----------------------------------------------------------------------------------


def _child(node: Node | None, part: Part) -> tuple[StringMark, Node] | None:
    """Return the mark of the key (or item) and the node that `part` names below `node`."""
    if isinstance(node, SequenceNode):
        if isinstance(part, int) and 0 <= part < len(node.value):
            item = node.value[part]
            return item.start_mark, item
    elif isinstance(node, MappingNode):
        for key, value in reversed(node.value):
            if isinstance(key, ScalarNode) and key.value == _written(part):
                return key.start_mark, value
    return None


def _written(part: object) -> str:
    if part is None:
        return "null"  # how else it may be written nobody uses for a name
    return str(part).lower() if isinstance(part, bool) else str(part)


class _Builder:
    """Turns nodes into plain data and gathers what is wrong with them."""

    def __init__(self, name: str, yaml: YAML) -> None:
        self._name = name
        self._construct = yaml.constructor.construct_object
        self._open: set[int] = set()
        self._count = 0
        self.problems: list[tuple[tuple[int, int], str]] = []

    def build(self, node: Node) -> object:
        self._count += 1
        if self._count > MAX_NODES:
            raise ConfigError(
                [f"{self._name}:1:1: more than {MAX_NODES} values; split the file"]
            ) from None
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if id(node) in self._open:
            self._problem(node, "this alias contains itself; write the value out")
            return None
        if node.tag not in (_TAG + "map", _TAG + "seq"):
            self._problem(node, "a YAML tag is not known here; remove the word with the !")
            return None
        self._open.add(id(node))
        built: object
        if isinstance(node, MappingNode):
            built = self._mapping(node)
        else:
            built = [self.build(item) for item in node.value]
        self._open.discard(id(node))
        return built

    def _mapping(self, node: MappingNode) -> dict[object, object]:
        built: dict[object, object] = {}
        first: dict[tuple[type, object], int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._problem(key_node, "a key must be a single word; write a word before the :")
                continue
            if key_node.tag == _TAG + "merge":
                self._problem(key_node, "merge keys (<<) are not read; write the keys out")
                continue
            key = self._scalar(key_node)
            seen = first.get((type(key), key))
            if seen is not None:
                self._problem(
                    key_node,
                    f'"{key_node.value}" was already given in line {seen}; keep one of the two',
                )
                continue
            first[type(key), key] = key_node.start_mark.line + 1
            built[key] = self.build(value_node)
        return built

    def _scalar(self, node: ScalarNode) -> object:
        tag, text = str(node.tag), str(node.value)
        if tag in (_TAG + "str", _TAG + "timestamp", _TAG + "value"):
            return text
        if tag == _TAG + "int" and len(text) > 1 and text[0] == "0" and text.isdigit():
            return text
        if tag in (_TAG + "int", _TAG + "float", _TAG + "bool", _TAG + "null"):
            try:
                value: object = self._construct(node)
            except (ValueError, YAMLError):
                self._problem(node, "not a number that can be read; write it in quotes")
                return None
            return value
        self._problem(node, "a YAML tag is not known here; remove the word with the !")
        return None

    def _problem(self, node: Node, message: str) -> None:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        self.problems.append(((line, column), f"{self._name}:{line}:{column}: {message}"))


_SYNTAX: Final[Mapping[str, str]] = {
    "found character '\\t'": "a tab cannot indent; use spaces",
    "mapping values are not allowed here": (
        'a ":" is not possible here; put the text in quotes, or check the indentation'
    ),
    "found another document": "a second document begins; remove the --- line or split the file",
    "found undefined alias": "this alias names no anchor; write the value out",
    "unexpected end of stream": "a quote is never closed; add the closing quote",
    "but got '<stream end>'": "a bracket is never closed; add the closing ] or }",
    "that cannot start any token": "a value cannot begin with this character; put it in quotes",
    "expected <block end>": "the indentation or the quotes do not fit the lines above; align it",
    "found duplicate anchor": "this anchor was already given; choose another name",
}


def _syntax_sentence(name: str, error: MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    problem = error.problem or ""
    for part, message in _SYNTAX.items():
        if part in problem:
            return f"{name}:{line}:{column}: {message}"
    context = f" {error.context}" if error.context else ""
    return f"{name}:{line}:{column}: not YAML{context}; check quotes, brackets and indentation"


def _reader_sentence(name: str, text: str, error: ReaderError) -> str:
    before = text[: error.position]
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return f"{name}:{line}:{column}: a character that YAML does not allow; remove it"


# --- pydantic's errors ------------------------------------------------------------------------


def _place(detail: ErrorDetails) -> tuple[Path, bool]:
    """Return the path to point at and whether its key is meant rather than its value."""
    path = tuple(detail["loc"])
    kind = detail["type"]
    if kind == "missing":
        path = path[:-1]
        return path, bool(path) and isinstance(path[-1], str)
    if path and path[-1] == "[key]":
        return path[:-1], True
    return path, kind == "extra_forbidden"


def _message(detail: ErrorDetails, path: Path, model: type[BaseModel] | None) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return f'"{detail["loc"][-1]}" is missing; add it'
    if kind == "extra_forbidden":
        word = str(path[-1])
        known = known_keys(model, path[:-1]) if model is not None else ()
        return f'"{word}" is not known here; {nearest(word, known)}'
    if kind in ("literal_error", "enum"):
        return f"not a word that is known here; write {context.get('expected', 'another')}"
    if kind == "value_error":
        return str(context.get("error", detail["msg"].removeprefix("Value error, ")))
    if kind == "string_type" and isinstance(detail["input"], list | dict):
        return "must be a single text; write one"
    fixed = _KINDS.get(kind)
    if fixed is not None:
        return fixed
    text = detail["msg"]
    for opening in ("Input should ", "String should ", "List should ", "Dictionary should "):
        if text.startswith(opening):
            return "must " + text.removeprefix(opening)
    return text[:1].lower() + text[1:]


_KINDS: Final[Mapping[str, str]] = {
    "string_type": "must be text; put it in quotes",
    "int_type": "must be a whole number; write it without quotes",
    "int_parsing": "must be a whole number; write it without quotes",
    "int_from_float": "must be a whole number; write it without a fraction",
    "float_type": "must be a number; write it without quotes",
    "float_parsing": "must be a number; write it without quotes",
    "finite_number": "must be a finite number; write another",
    "bool_type": "must be true or false; write it without quotes",
    "bool_parsing": "must be true or false; write it without quotes",
    "list_type": "must be a list; write [one, two] or lines that begin with -",
    "tuple_type": "must be a list; write [one, two] or lines that begin with -",
    "set_type": "must be a list; write [one, two] or lines that begin with -",
    "frozen_set_type": "must be a list; write [one, two] or lines that begin with -",
    "dict_type": "must have keys of its own; write {key: value} or indented lines",
    "model_type": "must have keys of its own; write {key: value} or indented lines",
    "model_attributes_type": "must have keys of its own; write {key: value} or indented lines",
    "none_required": "must be left out; remove it",
}


def known_keys(model: type[BaseModel], path: Path) -> frozenset[str]:
    """Return the keys that `model` knows at `path`, over all members of its unions."""
    candidates: list[object] = [model]
    for part in path:
        following = [step for each in candidates for step in _step(each, part)]
        if following:  # a name of a union member in the location leads nowhere
            candidates = following
    keys: set[str] = set()
    for each in candidates:
        for found in _models(each):
            keys.update(field.alias or name for name, field in found.model_fields.items())
    return frozenset(keys)


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _models(member)
    elif get_origin(annotation) is not None and hasattr(annotation, "__metadata__"):
        yield from _models(get_args(annotation)[0])


def _step(annotation: object, part: Part) -> Iterator[object]:
    """Yield the annotations that `part` leads to from `annotation`."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if part in (name, field.alias):
                yield field.annotation
    elif origin in (Union, types.UnionType):
        for member in arguments:
            yield from _step(member, part)
    elif hasattr(annotation, "__metadata__"):
        yield from _step(arguments[0], part)
    elif origin is Literal or not arguments:
        return
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield arguments[1]
    elif isinstance(part, int):
        yield arguments[0]
