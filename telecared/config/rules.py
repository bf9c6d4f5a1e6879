"""One rule as it is written in YAML, and a home's own values for it, turned into `plan.Rule`.

Keys, defaults and everything that a life-safety rule refuses. Conditions are `conditions`,
policies are `policies`, and what several files say together is `load`.
"""

import copy
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
from pydantic import Field, ValidationError

from telecared.config.conditions import kind_of, read_clear, read_condition
from telecared.config.durations import parse_duration
from telecared.config.fields import Body, DurationField, Identifier, Text, Words
from telecared.config.findings import Finding, warning
from telecared.config.positions import Document, Path, describe, nearest, sentence
from telecared.core import plan
from telecared.core.effective import effective_rule
from telecared.core.messages import FIELDS, MAX_TEXT
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import Mode, Priority

LATER: Final[Mapping[str, str]] = {
    "unless": "holding a rule back while the resident is away",
    "cancel_within": "a cancel by the resident",
    "days": 'rules for some days only (use between: "Mon-Fri 07:00-22:00")',
}
"""Keys of a rule that a later version will have, and what they are for."""

DOWNTIMES: Final = ("count", "pause", "grace")


class AppliesToBody(Body):
    """`tags`, `schemes`, `homes`: which homes a rule is for."""

    tags: Words = ()
    schemes: Words = ()
    homes: Words = ()


class RuleBody(Body):
    """The keys of a rule. `when`, `clear` and `downtime` are read by hand, for better sentences."""

    when: dict[str, Any]
    priority: Priority = Priority.URGENT
    mode: Mode = Mode.PAGE
    say: Text | None = None
    applies_to: AppliesToBody = AppliesToBody()
    cooldown: DurationField = 0
    clear: Any = None  # a word or a reading
    downtime: Any = None  # a word, or `grace` with a duration
    policy: Identifier | None = None
    replaces: bool = Field(default=False, strict=True)


class RuleSource(NamedTuple):
    """A rule and how it was written.

    Attributes:
        rule: what it became.
        raw: its mapping in the file, into which a home's own values can be put.
        document: the file.
        path: where in the file it stands.
        replaces: an earlier rule of this name is meant to be replaced.
    """

    rule: plan.Rule
    raw: Mapping[str, Any]
    document: Document
    path: Path
    replaces: bool


class RuleReading(NamedTuple):
    """What came of reading one rule: the rule, or the sentences that say why it is none."""

    source: RuleSource | None
    problems: list[str]
    warnings: list[Finding]


def read_rule(document: Document, path: Path, name: str, raw: object, origin: str) -> RuleReading:
    """Read one rule.

    Args:
        document: the file, for positions.
        path: where in it the rule stands.
        name: the rule's name.
        raw: what stands there.
        origin: the file's name as explanations tell it, the same on every machine.
    """
    if not isinstance(raw, dict):
        message = "a rule has keys of its own; write when: {...} below it"
        return RuleReading(None, [sentence(document, path, message)], [])
    problems = _check_name(document, path, name)
    problems += [
        sentence(
            document,
            (*path, key),
            f'"{key}" ({LATER[key]}) is not in this version; remove it',
            key=True,
        )
        for key in raw
        if key in LATER
    ]
    condition, clear = None, None
    if isinstance(raw.get("when"), dict):
        condition, found = read_condition(document, (*path, "when"), raw["when"])
        problems += found
    clear, found = _read_clear(document, (*path, "clear"), raw)
    problems += found
    downtime, found = _read_downtime(document, (*path, "downtime"), raw.get("downtime"))
    problems += found
    problems += _check_say(document, (*path, "say"), raw.get("say"))
    try:
        body = RuleBody.model_validate({key: raw[key] for key in raw if key not in LATER})
    except ValidationError as error:
        problems += describe(document, error, path, model=RuleBody)
        return RuleReading(None, problems, [])
    problems += _check_life_safety(document, path, body)
    if problems or condition is None:
        return RuleReading(None, problems, [])
    rule = plan.Rule(
        name=name,
        when=condition,
        priority=body.priority,
        mode=body.mode,
        say=body.say,
        applies_to=plan.AppliesTo(**dict(body.applies_to)),
        cooldown=body.cooldown,
        clear=clear,
        downtime=downtime,
        policy=body.policy,
        source=f"{origin}:{document.position(path, key=True)[0]}",
    )
    source = RuleSource(rule, raw, document, path, body.replaces)
    return RuleReading(source, [], _warnings(source))


def _check_name(document: Document, path: Path, name: str) -> list[str]:
    if name in FINDINGS:
        message = f'"{name}" is the name of a finding of telecared itself; choose another'
        return [sentence(document, path, message, key=True)]
    return []


def _check_say(document: Document, path: Path, template: object) -> list[str]:
    """Hold the fields of a text against those that can be filled."""
    if not isinstance(template, str):
        return []  # pydantic tells
    if len(template) > MAX_TEXT:
        message = f"the text is longer than {MAX_TEXT} characters; write a shorter one"
        return [sentence(document, path, message)]
    problems: list[str] = []
    rest = template.replace("{{", "").replace("}}", "")
    while rest:
        before, opening, rest = rest.partition("{")
        name, closing, rest = rest.partition("}") if opening else ("", "", "")
        if "}" in before or (opening and (not closing or "{" in name)):
            message = "the braces do not match; write fields like {home.address}"
            return [*problems, sentence(document, path, message)]
        if opening and name not in FIELDS:
            message = f'"{{{name}}}" is no field of a text; {nearest(name, FIELDS)}'
            problems.append(sentence(document, path, message))
    return problems


def _read_clear(
    document: Document, path: Path, raw: Mapping[str, Any]
) -> tuple[plan.Clear, list[str]]:
    written = raw.get("clear")
    life_safety = raw.get("priority") == Priority.LIFE_SAFETY.value
    if written is None:
        return plan.Clear(kind="person" if life_safety else "auto"), []
    if life_safety and written != "person":
        message = "only a person ends a life-safety alert; remove clear, or write: clear: person"
        return plan.Clear(kind="person"), [sentence(document, path, message, key=True)]
    if isinstance(written, dict):
        condition, problems = read_clear(document, path, written)
        return plan.Clear(kind="reading", condition=condition), problems
    if written in ("auto", "person"):
        return plan.Clear(kind=written), []
    message = "must be auto, person or a reading; write clear: {property: ..., is: ...}"
    return plan.Clear(), [sentence(document, path, message)]


def _read_downtime(
    document: Document, path: Path, written: object
) -> tuple[plan.Downtime, list[str]]:
    words = written.split() if isinstance(written, str) else []
    if written is None:
        return plan.Downtime(), []
    if words in (["count"], ["pause"]):
        return plan.Downtime(kind=words[0]), []
    if len(words) == 2 and words[0] == "grace":
        try:
            return plan.Downtime(kind="grace", grace=parse_duration(words[1])), []
        except ValueError as error:
            return plan.Downtime(), [sentence(document, path, str(error))]
    message = "must be count, pause or grace with a duration; write downtime: grace 30m"
    return plan.Downtime(), [sentence(document, path, message)]


def _check_life_safety(document: Document, path: Path, body: RuleBody) -> list[str]:
    if body.priority is Priority.LIFE_SAFETY and "cooldown" in body.model_fields_set:
        message = "life safety is never muted; remove cooldown, or choose another priority"
        return [sentence(document, (*path, "cooldown"), message, key=True)]
    return []


def _warnings(source: RuleSource) -> list[Finding]:
    rule = source.rule
    if rule.priority is Priority.LIFE_SAFETY and rule.mode is not Mode.PAGE:
        message = (
            f"{rule.name} is life safety and tells nobody while its mode is {rule.mode.value};"
            " write mode: page when you have tried it"
        )
        where = (*source.path, "mode")
        return [warning(source.document, where, "life-safety-not-paged", message)]
    return []


# --- a home's own values ----------------------------------------------------------------------

_TOP: Final = ("priority", "mode", "say", "cooldown", "clear", "downtime", "policy")
"""Keys of a rule that a home may set, beside those of its condition."""


class _Elsewhere(Document):
    """Points complaints about a changed rule at the home's value that changed it."""

    def __init__(self, document: Document, table: Mapping[Path, Path], otherwise: Path) -> None:
        super().__init__(document.name, None, None)
        self._document = document
        self._table = table
        self._otherwise = otherwise

    def position(self, path: Path, *, key: bool = False) -> tuple[int, int]:
        for length in range(len(path), 0, -1):
            written = self._table.get(path[:length])
            if written is not None:
                inside = (*written, *path[length:])
                return self._document.position(inside, key=key and length == len(path))
        return self._document.position(self._otherwise)


def resolve_values(
    source: RuleSource, values: Mapping[str, object], document: Document, path: Path
) -> tuple[dict[str, object], list[str]]:
    """Turn a home's own values into those of `HomeRecord.rule_values`.

    Args:
        source: the rule.
        values: key (when unique in the rule) or path -> value, as written in the home.
        document: the homes' file.
        path: where in it `values` stands.

    Returns:
        path in `plan.Rule` -> value in builtin types, and the sentences that say what is wrong.
    """
    known = _settable(source)
    problems: list[str] = []
    changed: dict[str, Any] = copy.deepcopy(dict(source.raw))
    table: dict[Path, Path] = {}
    wanted: list[str] = []
    for key, value in values.items():
        full, trouble = _full_path(source, known, str(key))
        if full is None:
            problems.append(sentence(document, (*path, key), trouble, key=True))
            continue
        parts = full.split(".")
        inside = changed
        for part in parts[:-1]:
            inside = inside[part]
        inside[parts[-1]] = value
        table[tuple(parts)] = (*path, key)
        wanted.append(known[full])
    if problems:
        return {}, problems
    name = source.rule.name
    result = read_rule(_Elsewhere(document, table, path), (), name, changed, "")
    if result.source is None:
        return {}, result.problems
    resolved = {where: _builtin(result.source.rule, where) for where in wanted}
    try:
        effective_rule(source.rule, resolved)
    except ValueError as error:
        return {}, [sentence(document, path, str(error), key=True)]
    return resolved, []


def _settable(source: RuleSource) -> dict[str, str]:
    """Return path in the file -> path in `plan.Rule`, for all that a home may set."""
    known = {name: name for name in _TOP}
    when = source.raw["when"]
    kind = kind_of(when)
    for key, name in (kind.paths if kind is not None else {}).items():
        known[f"when.{key}"] = f"when.{name}"
    if isinstance(source.raw.get("clear"), dict):
        for key, name in (("property", "property"), ("is", "values"), ("at", "at")):
            known[f"clear.{key}"] = f"clear.condition.{name}"
    return known


def _full_path(source: RuleSource, known: Mapping[str, str], key: str) -> tuple[str | None, str]:
    name = source.rule.name
    if key in known:
        found = [key]
    else:
        found = [path for path in known if path.rpartition(".")[2] == key]
    if len(found) > 1:
        return None, f'"{key}" stands in several places of {name}; write {" or ".join(found)}'
    if not found or found[0] == "when.property" or found[0] == "clear.property":
        if key in ("property", "when.property", "clear.property", "applies_to", "replaces"):
            return None, f'"{key}" is the same in every home; write a rule of its own instead'
        words = {path.rpartition(".")[2] for path in known} - {"property"}
        return None, f'"{key}" is no key of rule {name}; {nearest(key, words)}'
    return found[0], ""


def _builtin(rule: plan.Rule, path: str) -> object:
    value: Any = rule
    for part in path.split("."):
        value = getattr(value, part)
    # Through JSON, so that the record is equal to what the store hands back.
    builtin: object = msgspec.json.decode(msgspec.json.encode(value))
    return builtin
