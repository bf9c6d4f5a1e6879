"""The `when` of a rule: which kind of condition it is, its keys, and what each becomes.

`KINDS` is the one table of kinds; a new one is a model in `condition_bodies`, a check in
`condition_checks` and a line here. Whether a condition holds is `core.conditions`; the rest of a
rule is `rules`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import ValidationError

from telecared.config import condition_bodies as bodies
from telecared.config import condition_checks as checks
from telecared.config.condition_checks import Raw, Slips
from telecared.config.fields import Body
from telecared.config.positions import Document, Path, describe, nearest
from telecared.core import when
from telecared.core.conditions.traces import default_values
from telecared.core.vocabulary import PROPERTIES

_Body = TypeVar("_Body", bound=Body)


class Kind(NamedTuple):
    """One kind of condition.

    Attributes:
        marks: the keys by which it is known.
        shape: its compulsory keys, as sentences show them.
        model: its keys.
        check: tells what pydantic cannot find.
        build: makes the struct of the model's fields.
        nested: key -> what stands inside it: `patterns`, `counted`, `steps`, `area`,
            `conditions` or `condition`.
        lasts: whether it can hold beside other conditions; the others are met in a moment.
    """

    marks: tuple[str, ...]
    shape: str
    model: type[Body]
    check: Callable[[Slips, Path, Raw], None]
    build: Callable[[dict[str, Any]], when.Condition]
    nested: Mapping[str, str] = {}
    lasts: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key of it, as written in a file."""
        return keys_of(self.model)


def keys_of(model: type[Body]) -> tuple[str, ...]:
    """Return the keys of a model as they are written in a file."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


def kind_of(raw: Raw) -> Kind | None:
    """Return the kind that the keys of a condition tell, or None."""
    return next((kind for kind in KINDS if any(mark in raw for mark in kind.marks)), None)


def read_condition(
    document: Document, path: Path, raw: Raw
) -> tuple[when.Condition | None, list[str]]:
    """Return the condition at `path` of `document`, or the sentences that say why it is none."""
    reader = _Reader(document)
    condition = reader.condition(path, raw)
    sentences = reader.slips.sentences
    return (None if sentences else condition), sentences


def read_patterns(
    document: Document, path: Path, raw: object
) -> tuple[tuple[when.ReadingIs, ...], list[str]]:
    """Return the act or the list of acts at `path`, or the sentences that say why it is none."""
    reader = _Reader(document)
    found = reader.patterns(path, raw)
    return found or (), reader.slips.sentences


def read_clear(document: Document, path: Path, raw: Raw) -> tuple[when.ReadingIs | None, list[str]]:
    """Return the reading at `path` that ends a finding, or why it is none."""
    reader = _Reader(document)
    reader.known_keys(path, raw, keys_of(bodies.ClearBody), "a reading: {property, is, at}")
    checks.check_reading(reader.slips, path, raw)
    body = reader.validated(path, raw, bodies.ClearBody)
    sentences = reader.slips.sentences
    if sentences or body is None:
        return None, sentences
    return when.ReadingIs(**dict(body)), []


class _Reader:
    """Reads one condition with all that it contains, and gathers what is wrong."""

    def __init__(self, document: Document) -> None:
        self.slips = Slips(document)
        self._count = 0

    def condition(self, path: Path, raw: object, *, joined: bool = False) -> when.Condition | None:
        """Return the condition at `path`; `joined` when it stands inside another."""
        self._count += 1
        if self._count > when.MAX_CONDITIONS:
            if self._count == when.MAX_CONDITIONS + 1:
                message = f"more than {when.MAX_CONDITIONS} conditions in one rule; write two rules"
                self.slips.add(path, message)
            return None
        if not isinstance(raw, dict):
            message = "a condition has keys of its own; write {property: ..., is: ...}"
            self.slips.add(path, message)
            return None
        kind = kind_of(raw)
        if kind is None:
            self._no_kind(path, raw)
            return None
        self.known_keys(path, raw, kind.keys, kind.shape)
        kind.check(self.slips, path, raw)
        if joined:
            self._check_joined(path, raw, kind)
        fields = dict(raw)
        for key, what in kind.nested.items():
            if key in fields:
                fields[key] = self._nested(what, (*path, key), raw[key])
        body = self.validated(path, fields, kind.model)
        if body is None or self.slips.sentences:
            return None
        return kind.build(dict(body))

    def patterns(self, path: Path, raw: object) -> tuple[when.ReadingIs, ...] | None:
        """Return one act or several; None and the problems told."""
        if not isinstance(raw, list):
            body = self._act(path, raw, bodies.PatternBody)
            return None if body is None else (_reading(dict(body)),)
        if not 0 < len(raw) <= bodies.MAX_PATTERNS:
            self.slips.add(path, f"write 1 to {bodies.MAX_PATTERNS} of them in this list")
            return None
        found = []
        for index, item in enumerate(raw):
            body = self._act((*path, index), item, bodies.PatternBody)
            if body is not None:
                found.append(_reading(dict(body)))
        return tuple(found)

    def known_keys(self, path: Path, raw: Raw, keys: tuple[str, ...], shape: str) -> None:
        """Tell every key that is not among `keys`: misspelt, or of another kind."""
        for key in raw:
            if key in keys:
                continue
            self.slips.add((*path, key), _stranger(str(key), keys, shape), key=True)

    def validated(self, path: Path, raw: Raw, model: type[_Body]) -> _Body | None:
        """Return the model of the keys that it knows, or None and the problems told."""
        known = keys_of(model)
        try:
            return model.model_validate({key: raw[key] for key in raw if key in known})
        except ValidationError as error:
            slips = self.slips
            strangers = [str(key) for key in raw if key not in known]
            slips.sentences += describe(
                slips.document, error, path, model=model, told=slips.told, misspelt=strangers
            )
            return None

    def _nested(self, what: str, path: Path, inside: object) -> object:
        if what == "patterns":
            return self.patterns(path, inside)
        if what == "counted":
            return self._act(path, inside, bodies.CountedBody)
        if what == "steps":
            return self._steps(path, inside)
        if what == "area":
            return checks.read_area(self.slips, path, inside)
        if what == "condition":
            return self.condition(path, inside, joined=True)
        if not isinstance(inside, list) or not inside:
            message = "must be a list of conditions; write [{property: ..., is: ...}, ...]"
            self.slips.add(path, message)
            return None
        return [
            self.condition((*path, index), item, joined=True) for index, item in enumerate(inside)
        ]

    def _act(self, path: Path, raw: object, model: type[_Body]) -> _Body | None:
        if not isinstance(raw, dict):
            self.slips.add(path, "an act has keys of its own; write {property: ..., is: ...}")
            return None
        before = len(self.slips.sentences)
        self.known_keys(path, raw, keys_of(model), "an act: {property, is, at, between}")
        checks.check_pattern(self.slips, path, raw)
        body = self.validated(path, raw, model)
        return body if len(self.slips.sentences) == before else None

    def _steps(self, path: Path, raw: object) -> list[bodies.StepBody] | None:
        """Return the further acts of a sequence, each with how long the next may take."""
        found: list[bodies.StepBody] = []
        while True:
            if len(found) == bodies.MAX_PATTERNS:
                message = f"more than {bodies.MAX_PATTERNS} acts in a row; write a shorter sequence"
                self.slips.add(path, message)
                return None
            body = self._act(path, raw, bodies.StepBody)
            if body is None or not isinstance(raw, dict):
                return None
            found.append(body)
            checks.goes_with(self.slips, path, raw, "within", ("then",))
            if "then" not in raw:
                return found
            checks.goes_with(self.slips, path, raw, "then", ("within",))
            path, raw = (*path, "then"), raw["then"]

    def _check_joined(self, path: Path, raw: Raw, kind: Kind) -> None:
        if not kind.lasts:
            message = (
                f'"{kind.marks[0]}" is met in a moment and never holds beside other conditions;'
                " write a rule of its own for it"
            )
            self.slips.add((*path, kind.marks[0]), message, key=True)
        elif kind.model is bodies.ReadingBody:
            checks.check_lasting(self.slips, path, raw)

    def _no_kind(self, path: Path, raw: Raw) -> None:
        if not raw:
            self.slips.add(path, f"the condition is empty; write one of: {_SHAPES}")
            return
        strangers = [key for key in raw if key not in ALL_KEYS]
        for key in strangers:
            self.slips.add((*path, key), _stranger(str(key), ALL_KEYS, ""), key=True)
        if strangers:
            return
        self.slips.add(path, f"no condition is complete; write one of: {_SHAPES}")


def _stranger(key: str, keys: Iterable[str], shape: str) -> str:
    """Return the sentence about a key that stands where it is not read."""
    if key in OF_THE_RULE:
        return f'"{key}" belongs to the rule; write it beside when, not in it'
    if key in _MARKS and key not in ("for", "property"):
        return (
            f'"{key}" does not go with {shape}; it is a condition of its own: join the two with'
            " all: [{...}, {...}], or remove one"
        )
    if key in _BELONGS:
        return f'"{key}" does not go with {shape}; {_BELONGS[key]}'
    if key.lower() in _COMMONLY:
        return f'"{key}" is not known here; write {_COMMONLY[key.lower()]}'
    if key in PROPERTIES:
        return f'"{key}" is a property; write {{property: {key}, ...}}'
    hint = nearest(key, keys)
    wider = nearest(key, ALL_KEYS)
    if not hint.startswith("did you mean") and wider.startswith("did you mean"):
        hint = wider
    return f'"{key}" is not known here; {hint}'


# --- what the keys become ---------------------------------------------------------------------


def _reading(fields: dict[str, Any]) -> when.ReadingIs:
    values = fields["values"] or default_values(fields["property"])
    return when.ReadingIs(
        property=fields["property"], values=values, at=fields["at"], between=fields["between"]
    )


def _without(fields: dict[str, Any]) -> when.Condition:
    return when.Without(first=_reading(fields), without=fields["without"], within=fields["within"])


def _followed(fields: dict[str, Any]) -> when.Condition:
    steps: list[bodies.StepBody] = fields["then"]
    bounds = [fields["within"], *(step.within for step in steps)]
    then = tuple(
        when.Follow(act=_reading(dict(step)), within=within)
        for step, within in zip(steps, bounds, strict=False)  # the last step leads no further
    )
    return when.Followed(first=_reading(fields), then=then)


def _count(fields: dict[str, Any]) -> when.Condition:
    counted: bodies.CountedBody = fields["of"]
    return when.Count(
        of=_reading(dict(counted)),
        at_least=fields["at_least"],
        within=fields["within"],
        apart=counted.apart,
    )


def _compare(fields: dict[str, Any]) -> when.Condition:
    clear_below, clear_above = fields.pop("clear_below"), fields.pop("clear_above")
    return when.Compare(**fields, clear=clear_above if clear_below is None else clear_below)


def _geofence(fields: dict[str, Any]) -> when.Condition:
    return when.Geofence(**{key: value for key, value in fields.items() if key != "property"})


def _all(fields: dict[str, Any]) -> when.Condition:
    return when.AllOf(**{**fields, "of": tuple(fields["of"])})


def _any(fields: dict[str, Any]) -> when.Condition:
    return when.AnyOf(**{**fields, "of": tuple(fields["of"])})


def _fields(struct: Callable[..., when.Condition]) -> Callable[[dict[str, Any]], when.Condition]:
    """Return a builder of a struct whose fields are the model's."""
    return lambda fields: struct(**fields)


def _nothing(_slips: Slips, _path: Path, _raw: Raw) -> None:
    """For kinds of which pydantic finds all that can be wrong."""


KINDS: Final[tuple[Kind, ...]] = (
    Kind(("inactive_for",), "{inactive_for, of}", bodies.InactiveBody,
         checks.check_inactive, _fields(when.InactiveFor)),
    Kind(("silent",), "{silent, for}", bodies.SilentBody,
         checks.check_silent, _fields(when.Silent)),
    Kind(("none_of",), "{none_of, from, by}", bodies.NoneOfBody,
         _nothing, _fields(when.NoneOf), {"none_of": "patterns"}),
    Kind(("count",), "{count, at_least, within}", bodies.CountBody,
         _nothing, _count, {"count": "counted"}),
    Kind(("all",), "{all}", bodies.AllBody, _nothing, _all, {"all": "conditions"}),
    Kind(("any",), "{any}", bodies.AnyBody, _nothing, _any, {"any": "conditions"}),
    Kind(("not",), "{not}", bodies.NotBody, _nothing, _fields(when.Not), {"not": "condition"}),
    Kind(("without",), "{property, is, without, within}", bodies.WithoutBody,
         checks.check_reading, _without, {"without": "patterns"}),
    Kind(("then",), "{property, is, then, within}", bodies.FollowedBody,
         checks.check_reading, _followed, {"then": "steps"}, lasts=False),
    Kind(("above", "below"), "{property, above or below}", bodies.CompareBody,
         checks.check_compare, _compare),
    Kind(("rises_by", "falls_by"), "{property, rises_by or falls_by, within}", bodies.ChangesBody,
         checks.check_changes, _fields(when.Changes)),
    Kind(("inside", "outside"), "{property: location, inside or outside}", bodies.GeofenceBody,
         checks.check_geofence, _geofence, {"inside": "area", "outside": "area"}),
    Kind(("for",), "{property, is, for}", bodies.HeldBody,
         checks.check_held, _fields(when.HeldFor)),
    Kind(("property",), "{property, is}", bodies.ReadingBody,
         checks.check_reading, _fields(when.ReadingIs)),
)  # fmt: skip
"""Every kind of condition; the first of whose marks one is among the keys is meant."""

_MARKS: Final = frozenset(mark for kind in KINDS for mark in kind.marks)
ALL_KEYS: Final = frozenset(key for kind in KINDS for key in kind.keys) | {"apart"}
"""Every key that may stand in a condition."""

OF_THE_RULE: Final = frozenset(
    [
        "priority",
        "mode",
        "say",
        "applies_to",
        "unless",
        "held_by",
        "days",
        "dates",
        "cooldown",
        "split_after",
        "max_per_day",
        "cancel_within",
        "confirm",
        "ages",
        "clear",
        "downtime",
        "policy",
        "ask",
        "values",
    ]
)
"""Keys of a rule, which people sometimes write inside `when`."""

_SHAPES: Final = ", ".join(kind.shape for kind in reversed(KINDS)) + "; most take at and between"

_COMMONLY: Final = {"and": "all", "or": "any", "none": "not: {any: [...]}"}
"""What people call the joining of conditions -> what it is called here."""

_BELONGS: Final[Mapping[str, str]] = {
    "property": "write it inside {...} of its own",
    "is": "write it inside {...} of its own, beside its property",
    "at": "write it beside the property whose places it names",
    "between": "from and by say the hours, or write it beside a property",
    "for": "within, or from and by, say how long; remove it",
    "within": "it goes with without, then, count, rises_by, falls_by and at_least; add one of them",
    "at_least": "it goes with count and inactive_for; add one of them",
    "apart": "write it inside count: {property: ..., apart: 10m}",
    "of": "it goes with inactive_for; add that",
    "never": "it goes with inactive_for; add that",
    "occupied_at_most": "it goes with inactive_for; add that",
    "from": "it goes with none_of; write between for other conditions",
    "by": "it goes with none_of; write between for other conditions",
    "clear_below": "it goes with above; add that",
    "clear_above": "it goes with below; add that",
    "every": "it goes with silent; add that",
    "misses": "it goes with silent; add that",
    "behind": "it goes with silent; add that",
}
"""Keys that belong to some kinds only -> what to write instead."""
