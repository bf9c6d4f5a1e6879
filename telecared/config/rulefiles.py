"""Rule files: what one of them says, and what several of them say together.

A file holds `rules`, `policies` and `rotas`. A name that two files define is an error unless the
later says `replaces: true`. Single rules and policies are read in `rules` and `policies`.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any, Final, NamedTuple, TypeVar

from telecared.config.choosers import ChooserSource, is_chooser, read_chooser
from telecared.config.fields import MAX_ID_CHARS, is_identifier
from telecared.config.files import read_text, short_name, yaml_files
from telecared.config.findings import Finding, warning
from telecared.config.policies import PolicySource, names_of, read_policy
from telecared.config.positions import Document, Path, nearest, read_document, sentence
from telecared.config.rotas import RotaSource, read_rota
from telecared.config.rules import RuleSource, read_rule
from telecared.config.staff import PersonSource, read_people
from telecared.config.texts import read_words
from telecared.config.values import read_values
from telecared.errors import ConfigError

SECTIONS: Final = ("rules", "policies", "words", "rotas", "people")
MAX_RULES: Final = 1000
"""Rules of all files together; every reading of every home is held against them."""

SCENARIO_SUFFIXES: Final = (".scenarios.yaml", ".scenarios.yml")
"""How the names of files of scenario tests end."""

_SCENARIOS_BEGIN: Final = re.compile(r"^(?:scenarios|- +scenario) *:", re.MULTILINE)

_Source = TypeVar("_Source", RuleSource, PolicySource, ChooserSource, RotaSource)


class RuleFiles(NamedTuple):
    """What rule files say together.

    Attributes:
        rules: name -> rule, in the order of files; a replacement stands where the first stood.
        policies: name -> policy.
        problems: everything wrong in any of them, not yet in order.
        warnings: everything doubtful.
        documents: the files that were read.
        words: language -> name of a text of ours -> what the site says instead.
        rotas: name -> rota.
        people: id -> person, of all files, in their order.
        choosers: name -> what stands for several policies; no name is a policy's too.
    """

    rules: dict[str, RuleSource]
    policies: dict[str, PolicySource]
    problems: list[str]
    warnings: list[Finding]
    documents: list[Document]
    words: dict[str, dict[str, str]]
    rotas: dict[str, RotaSource]
    people: dict[str, PersonSource]
    choosers: dict[str, ChooserSource]


def read_rule_files(places: Iterable[FilePath]) -> RuleFiles:
    """Read files, and all files of folders, and gather what is wrong instead of raising it.

    Files of scenario tests (a list that begins with a `scenario`, or with `scenarios:` at the top)
    are passed over.
    """
    found = RuleFiles({}, {}, [], [], [], {}, {}, {}, {})
    for place in places:
        try:
            files = yaml_files([place])
        except ConfigError as error:
            found.problems.extend(error.problems)
            continue
        for file in files:
            try:
                text = read_text(file)
                # Hundreds of scenarios are not parsed each time that somebody needs the rules.
                if file.name.endswith(SCENARIO_SUFFIXES) and _SCENARIOS_BEGIN.search(text):
                    continue
                document = read_document(text, str(file))
            except ConfigError as error:
                found.problems.extend(error.problems)
                continue
            if not is_scenarios(document.data):
                found.documents.append(document)
    rotas = frozenset().union(*(names_of(_section(doc, "rotas")) for doc in found.documents))
    for document in found.documents:
        _add_file(found, document, rotas)
    if len(found.rules) > MAX_RULES:
        first = found.documents[0].name
        found.problems.append(f"{first}:1:1: more than {MAX_RULES} rules in all; remove some")
    return found


def is_scenarios(data: object) -> bool:
    """Whether a file is one of scenario tests, which stand beside the rules that they try."""
    if isinstance(data, dict):
        return "scenarios" in data
    return (
        isinstance(data, list)
        and bool(data)
        and isinstance(data[0], dict)
        and ("scenario" in data[0])
    )


def _section(document: Document, name: str) -> Any:  # noqa: ANN401 - whatever stands there
    return document.data.get(name) if isinstance(document.data, dict) else None


def _add_file(found: RuleFiles, document: Document, rotas: frozenset[str]) -> None:
    if document.data is None:
        return
    if not isinstance(document.data, dict):
        message = "a rule file has rules: or policies: at its top; write one of them"
        found.problems.append(sentence(document, (), message))
        return
    for key in document.data:
        if key not in SECTIONS:
            message = f'"{key}" is not known here; {nearest(str(key), SECTIONS)}'
            found.problems.append(sentence(document, (key,), message, key=True))
    origin = short_name(FilePath(document.name))
    for name, raw in _entries(found, document, "rules"):
        rule = read_rule(document, ("rules", name), name, raw, origin)
        found.problems.extend(rule.problems)
        found.warnings.extend(rule.warnings)
        if rule.source is not None:
            source, problems = read_values(rule.source)
            found.problems.extend(problems)
            _add(found, found.rules, name, source, "rule")
    if _section(document, "words") is not None:
        words, problems = read_words(document, _section(document, "words"))
        found.problems.extend(problems)
        for language, texts in words.items():
            found.words.setdefault(language, {}).update(texts)
    _add_policies(found, document, rotas)
    _add_rotas(found, document)


def _add_policies(found: RuleFiles, document: Document, rotas: frozenset[str]) -> None:
    for name, raw in _entries(found, document, "policies"):
        if is_chooser(raw):
            chooser = read_chooser(document, ("policies", name), name, raw)
            found.problems.extend(chooser.problems)
            if chooser.source is not None:
                _add_beside(found, found.choosers, found.policies, name, chooser.source)
            continue
        policy = read_policy(document, ("policies", name), name, raw, rotas)
        found.problems.extend(policy.problems)
        found.warnings.extend(policy.warnings)
        if policy.source is not None:
            _add_beside(found, found.policies, found.choosers, name, policy.source)


def _add_rotas(found: RuleFiles, document: Document) -> None:
    """Add the rotas of a file, and the people who are on them."""
    for name, raw in _entries(found, document, "rotas"):
        rota = read_rota(document, ("rotas", name), name, raw)
        found.problems.extend(rota.problems)
        found.warnings.extend(rota.warnings)
        if rota.source is not None:
            _add(found, found.rotas, name, rota.source, "rota")
    for person in read_people(document, _section(document, "people")):
        if isinstance(person, str):
            found.problems.append(person)
        else:
            _add_person(found, person)


def _add_person(found: RuleFiles, person: PersonSource) -> None:
    earlier = found.people.setdefault(person.contact.id, person)
    if earlier is not person:
        line, column = earlier.document.position((*earlier.path, "id"))
        message = f"this id is already at {earlier.document.name}:{line}:{column}; rename one"
        found.problems.append(sentence(person.document, (*person.path, "id"), message))


def _entries(found: RuleFiles, document: Document, section: str) -> Iterable[tuple[str, object]]:
    """Return the entries of a section that have a name, and tell of the others."""
    written = _section(document, section)
    if written is None:
        return []
    if not isinstance(written, dict):
        message = f"{section} have names; write name: and the rest below it"
        found.problems.append(sentence(document, (section,), message))
        return []
    if len(written) > MAX_RULES:
        # Not read at all: minutes would pass until somebody hears of it.
        message = f"more than {MAX_RULES} {section}; remove some"
        found.problems.append(sentence(document, (section,), message, key=True))
        return []
    entries = []
    for name, raw in written.items():
        if isinstance(name, str) and is_identifier(name):
            entries.append((name, raw))
            continue
        message = (
            f"a name has at most {MAX_ID_CHARS} letters, digits, - _ and . only;"
            " write one like front-door-at-night"
        )
        found.problems.append(sentence(document, (section, name), message, key=True))
    return entries


def _add(
    found: RuleFiles, known: dict[str, _Source], name: str, source: _Source, what: str
) -> None:
    earlier = known.get(name)
    if earlier is None and source.replaces:
        message = f"{name} replaces no earlier {what}; remove replaces, or check the name"
        where = (*source.path, "replaces")
        found.warnings.append(
            warning(source.document, where, "replaces-nothing", message, key=True)
        )
    if earlier is not None and not source.replaces:
        line, column = earlier.document.position(earlier.path, key=True)
        message = (
            f"the {what} {name} is already in {earlier.document.name}:{line}:{column};"
            " rename one of the two, or write replaces: true here"
        )
        found.problems.append(sentence(source.document, source.path, message, key=True))
        return
    known[name] = source


def _add_beside(
    found: RuleFiles,
    known: dict[str, _Source],
    others: dict[str, Any],
    name: str,
    source: _Source,
) -> None:
    """Add a policy or a chooser, which share their names: each may replace the other."""
    other = others.pop(name, None)
    if other is None:
        _add(found, known, name, source, "policy")
        return
    both = {name: other}
    _add(found, both, name, source, "policy")
    if both[name] is source:
        known[name] = source
    else:
        others[name] = other


def unknown_policies(rules: Mapping[str, RuleSource], policies: Iterable[str]) -> list[str]:
    """Return a sentence for each rule whose policy no file defines."""
    names = set(policies)
    problems = []
    for source in rules.values():
        named: list[tuple[Path, object]] = [(("policy",), source.rule.policy)]
        for index, each in enumerate(source.rule.values):
            named.append((("values", index, "policy"), each.values.get("policy")))
        for path, policy in named:
            if policy is not None and policy not in names:
                message = f"there is no policy {policy}; {nearest(str(policy), names)}"
                problems.append(sentence(source.document, (*source.path, *path), message))
    return problems
