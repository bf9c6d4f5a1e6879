"""A home's own values of a rule as a form: what may be changed, and what somebody wrote into it.

What is written is read by the same reader as files of homes, so that its sentences are the same;
only their place is a field instead of a line. Nothing here is stored.
"""

import json
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec

from telecared.config.positions import nearest, read_document
from telecared.config.rule_paths import places_of
from telecared.config.rules import RuleSource
from telecared.config.spelling import spell_rule
from telecared.config.values import resolve_values, values_of
from telecared.core.effective import HOME, rule_in_home
from telecared.core.plan import HomeRecord, Plan, Rule
from telecared.errors import ConfigError

LONGEST_VALUE: Final = 1_000
"""Characters of one value."""

_PLACED: Final = re.compile(r"[^:]*:(\d+):\d+: (.*)", re.DOTALL)
_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")


class Field(NamedTuple):
    """One value that may be changed.

    Attributes:
        path: as written in YAML; `value` what holds now.
        usual: what would hold without the home's own value.
        source: where what holds now comes from.
    """

    path: str
    value: str
    usual: str
    source: str

    @property
    def own(self) -> bool:
        """Whether the home has a value of its own."""
        return self.source == HOME


def fields_of(rule: Rule, record: HomeRecord) -> tuple[Field, ...]:
    """Return every value of a rule that a home may have of its own, as it is now."""
    usual = {one.path: one.value for one in values_of(rule, _without(rule, record))}
    places = places_of(rule, spell_rule(msgspec.structs.replace(rule, values=())))
    return tuple(
        Field(one.path, one.value, usual.get(one.path, ""), one.source)
        for one in values_of(rule, record)
        if one.path in places
    )


def others_of(rule: Rule, record: HomeRecord) -> tuple[str, ...]:
    """Return the paths that mean nothing now, and may be given a value all the same."""
    shown = {field.path for field in fields_of(rule, record)}
    inner = tuple(f"{path}." for path in shown)
    places = places_of(rule, spell_rule(msgspec.structs.replace(rule, values=())))
    return tuple(
        path
        for path, place in places.items()
        if place.fields
        and path not in shown
        and not path.startswith(inner)
        and not _holds(path, shown)
    )


def _holds(path: str, shown: set[str]) -> bool:
    return any(each.startswith(f"{path}.") for each in shown)


class Changed(NamedTuple):
    """What became of a form: the new record, or field -> sentence about what is wrong."""

    record: HomeRecord | None
    problems: Mapping[str, str]


def changed_record(
    plan: Plan, rule: Rule, record: HomeRecord, written: Mapping[str, str]
) -> Changed:
    """Return a home's record with what somebody wrote into the form of a rule.

    Args:
        plan: in force; its policies are those that may be named.
        rule: as in the plan.
        record: as it is registered.
        written: path -> text as in YAML; "" and the usual text take the home's own value back.
            Paths that are left out stay as they are.
    """
    fields = {field.path: field for field in fields_of(rule, record)}
    own = {path: field.value for path, field in fields.items() if field.own}
    for path, text in written.items():
        field = fields.get(path)
        if text in ("", field.usual if field is not None else ""):
            own.pop(path, None)
        else:
            own[path] = text
    resolved, problems = _resolved(rule, own)
    policy = resolved.get("policy")
    if isinstance(policy, str) and policy not in plan.policy_names:
        hint = nearest(policy, plan.policy_names)
        problems.setdefault("policy", f"there is no policy {policy}; {hint}")
    if problems:
        return Changed(None, problems)
    values = {name: each for name, each in record.rule_values.items() if name != rule.name}
    if resolved:
        values[rule.name] = resolved
    new = msgspec.structs.replace(record, rule_values=values)
    try:
        rule_in_home(rule, new)
    except ValueError as error:
        return Changed(None, {"": str(error)})
    return Changed(new, {})


def _without(rule: Rule, record: HomeRecord) -> HomeRecord:
    values = {name: each for name, each in record.rule_values.items() if name != rule.name}
    return msgspec.structs.replace(record, rule_values=values)


def _resolved(rule: Rule, own: Mapping[str, str]) -> tuple[dict[str, object], dict[str, str]]:
    """Return the values as a record holds them, and path -> sentence."""
    if not own:
        return {}, {}
    paths = sorted(own)
    lines = [f"{json.dumps(path)}: {_yaml(path, own[path])}" for path in paths]
    try:
        document = read_document("\n".join(lines), "values")
    except ConfigError as error:
        return {}, _by_field(error.problems, paths)
    plain = msgspec.structs.replace(rule, values=())
    source = RuleSource(plain, spell_rule(plain), document, (), replaces=False)
    resolved, problems = resolve_values(source, document.data, document, ())
    return resolved, _by_field(problems, paths)


def _yaml(path: str, text: str) -> str:
    """Return a text as YAML on one line: lists and numbers as they are, words as words."""
    line = " ".join(text.split("\n"))
    if path != "say" and (line[:1] in "[{" or _NUMBER.fullmatch(line)):
        return line
    return json.dumps(text, ensure_ascii=False)


def _by_field(problems: list[str] | tuple[str, ...], paths: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for problem in problems:
        placed = _PLACED.match(problem)
        line = int(placed[1]) if placed is not None else 0
        path = paths[line - 1] if 0 < line <= len(paths) else ""
        told = placed[2] if placed is not None else problem
        found[path] = f"{found[path]}; {told}" if path in found else told
    return found
