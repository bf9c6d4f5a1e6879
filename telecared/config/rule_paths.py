"""Where each value of a rule stands: its path as written in YAML, and its path in `plan.Rule`.

`when.all.0.by` of a file is `when.of.0.by` of the struct. Putting values there is `values`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from telecared.config import condition_bodies as bodies
from telecared.config.conditions import kind_of
from telecared.config.gates import gate_of
from telecared.config.positions import Path
from telecared.core import plan
from telecared.core.when import NoneOf

TOP: Final = (
    "priority",
    "mode",
    "say",
    "unless",
    "held_by",
    "cooldown",
    "split_after",
    "max_per_day",
    "cancel_within",
    "confirm",
    "ages",
    "clear",
    "downtime",
    "policy",
)
"""Keys of a rule that a home may set and that are fields of the struct."""

SAME_EVERYWHERE: Final = frozenset({"property", "applies_to", "ask", "replaces", "values", "when"})
"""Keys that no home may set: it would be another rule."""

_AGES: Final = ("every", "priority", "of", "between")

_ACT: Final = {"is": "values", "at": "at", "between": "between"}


class Place(NamedTuple):
    """One value that may differ between homes.

    Attributes:
        path: where it is written, below the rule.
        fields: the paths in `plan.Rule` that hold it; `days` of a span are two.
        written: whether the rule says it, so that no default stands in.
    """

    path: Path
    fields: tuple[str, ...]
    written: bool

    @property
    def text(self) -> str:
        """The path with dots, as people write it."""
        return ".".join(str(part) for part in self.path)

    @property
    def key(self) -> str:
        """The last word of the path."""
        return str(self.path[-1])


def places_of(rule: plan.Rule, raw: Mapping[str, Any]) -> dict[str, Place]:
    """Return path as written -> place, of every value of a rule that may differ between homes.

    Args:
        rule: the struct.
        raw: the rule as it is written, or as `spelling.spell_rule` writes it.
    """
    found = [Place((name,), (name,), name in raw) for name in TOP]
    found += _days(rule, raw)
    found += _when(("when",), "when", raw["when"])
    confirm = raw.get("confirm")
    if isinstance(confirm, dict):
        names = {"within": "within", "priority": "priority"}
        found += _named(("confirm",), "confirm", confirm, names)
        for key in ("none_of", "any_of"):
            if key in confirm:
                found += _acts(("confirm", key), f"confirm.{key}", confirm[key])
    ages = raw.get("ages")
    if isinstance(ages, dict):
        found += _named(("ages",), "ages", ages, {key: key for key in _AGES})
    clear = raw.get("clear")
    if isinstance(clear, dict):
        found += _named(("clear",), "clear.condition", clear, {"is": "values", "at": "at"})
    return {place.text: place for place in found}


def _days(rule: plan.Rule, raw: Mapping[str, Any]) -> Iterator[Place]:
    gate = gate_of(rule.when)
    for key in ("days", "dates"):
        fields: tuple[str, ...] = () if gate is None else (f"when.{gate}",)
        if isinstance(rule.when, NoneOf):
            fields = ("when.days", "when.holidays") if key == "days" else ("when.dates",)
        yield Place((key,), fields, key in raw)


def _when(path: Path, field: str, raw: Mapping[str, Any]) -> Iterator[Place]:
    """Yield the places of a condition and of all that it contains."""
    kind = kind_of(raw)
    assert kind is not None  # it was read
    names = {
        info.alias or name: name
        for name, info in kind.model.model_fields.items()
        if name != "property" and (info.alias or name) not in kind.nested
    }
    if kind.model in (bodies.WithoutBody, bodies.FollowedBody):
        names |= {key: f"first.{name}" for key, name in _ACT.items()}
    if kind.model is bodies.FollowedBody:
        names["within"] = "then.0.within"
    if kind.model is bodies.CompareBody:
        names |= {"clear_below": "clear", "clear_above": "clear"}
    yield from _named(path, field, raw, names)
    for key, what in kind.nested.items():
        inside = raw.get(key)
        if what == "area":
            yield Place((*path, key), (f"{field}.{key}",), key in raw)
            if isinstance(inside, dict):
                areas = {name: name for name in ("centre", "radius", "points")}
                yield from _named((*path, key), f"{field}.{key}", inside, areas)
        elif what == "patterns":
            name = "of" if key == "none_of" else key
            yield from _acts((*path, key), f"{field}.{name}", raw[key])
        elif what == "counted":
            yield from _named((*path, key), f"{field}.of", raw[key], _ACT)
            yield Place((*path, key, "apart"), (f"{field}.apart",), "apart" in raw[key])
        elif what == "steps":
            yield from _steps((*path, key), f"{field}.then", raw[key])
        elif what == "condition":
            yield from _when((*path, key), f"{field}.of", raw[key])
        else:
            for index, item in enumerate(raw[key]):
                yield from _when((*path, key, index), f"{field}.of.{index}", item)


def _named(
    path: Path, field: str, raw: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[Place]:
    for key, name in names.items():
        yield Place((*path, key), (f"{field}.{name}",), key in raw)


def _acts(path: Path, field: str, raw: object) -> Iterator[Place]:
    """Yield the place of one act or a list of acts, and those inside each."""
    yield Place(path, (field,), True)
    if isinstance(raw, dict):
        yield from _named(path, f"{field}.0", raw, _ACT)
    elif isinstance(raw, list):
        for index, item in enumerate(raw):
            yield from _named((*path, index), f"{field}.{index}", item, _ACT)


def _steps(path: Path, field: str, raw: Mapping[str, Any]) -> Iterator[Place]:
    index = 0
    step: Mapping[str, Any] | None = raw
    while step is not None:
        yield from _named(path, f"{field}.{index}.act", step, _ACT)
        index += 1
        if "then" in step:
            yield Place((*path, "within"), (f"{field}.{index}.within",), True)
        path = (*path, "then")
        step = step.get("then")
