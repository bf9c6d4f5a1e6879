"""Texts as people write them: what a rule says, in one language or several, and a site's own words.

Fields and room are checked here; what our own texts are is `core.words`, filling them
`core.messages`.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from telecared.config.fields import MAX_LANGUAGES, is_language
from telecared.config.findings import Finding, warning
from telecared.config.positions import Document, Path, nearest, sentence
from telecared.config.rule_checks import text_problems
from telecared.core.messages import fields_of
from telecared.core.segments import MAX_SEGMENTS, is_wide, plain, segments
from telecared.core.technical import FINDINGS
from telecared.core.words import WORDS

USUAL_PLACE: Final = "14 Blackthorn Gardens, Riverside"
"""An address of usual length, with which the room that a text takes is counted."""

_ENGLISH: Final = WORDS["en"]


class Said(NamedTuple):
    """What a rule says: in the site's language, and language -> text where it names them."""

    say: str | None
    says: Mapping[str, str]
    problems: list[str]
    warnings: list[Finding]


def read_say(document: Document, path: Path, raw: object) -> Said:
    """Read `say`: a text, or `{en: ..., cy: ...}`."""
    if raw is None:
        return Said(None, {}, [], [])
    if isinstance(raw, str):
        problems = [sentence(document, path, text) for text in text_problems(raw)]
        return Said(raw, {}, problems, list(_room(document, path, raw)))
    if not isinstance(raw, dict):
        message = 'a text is what people are told; write say: "Fall at {home.address}"'
        return Said(None, {}, [sentence(document, path, message)], [])
    problems = _each_language(document, path, raw)
    warnings: list[Finding] = []
    for language, text in raw.items():
        if not isinstance(text, str):
            message = "this is no text; write it between quotation marks"
            problems.append(sentence(document, (*path, language), message))
            continue
        problems += [sentence(document, (*path, language), told) for told in text_problems(text)]
        warnings += _room(document, (*path, language), text)
    return Said(None, {} if problems else dict(raw), problems, warnings)


def _each_language(document: Document, path: Path, raw: Mapping[object, object]) -> list[str]:
    problems = []
    if len(raw) > MAX_LANGUAGES or not raw:
        message = f"a text is in 1 to {MAX_LANGUAGES} languages"
        problems.append(sentence(document, path, message))
    for language in raw:
        if not is_language(language):
            message = f'"{language}" is no language; write its short name, like en, cy or de-AT'
            problems.append(sentence(document, (*path, str(language)), message, key=True))
    return problems


def _room(document: Document, path: Path, text: str) -> Iterator[Finding]:
    """Yield what a text costs more than it should, at a usual address."""
    try:
        fields = fields_of(text)
    except ValueError:
        return
    filled = plain(text)
    for name in fields:
        filled = filled.replace(f"{{{name}}}", USUAL_PLACE if name == "home.address" else "4711")
    if segments(filled) > MAX_SEGMENTS:
        why = "; letters outside the GSM alphabet halve the room" if is_wide(filled) else ""
        message = (
            f"this takes {segments(filled)} SMS at a usual address and is cut off after"
            f" {MAX_SEGMENTS}{why}; write a shorter one"
        )
        yield warning(document, path, "long-text", message)


def read_words(document: Document, raw: object) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Read `words`: language -> name of a text of ours -> what is said instead.

    `finding.NAME` names what the machinery itself finds, like `finding.broker-lost`.
    """
    path: Path = ("words",)
    if not isinstance(raw, dict):
        message = "words are written by language; write words: {cy: {going: ...}}"
        return {}, [sentence(document, path, message)]
    problems = _each_language(document, path, raw) if raw else []
    words: dict[str, dict[str, str]] = {}
    for language, texts in raw.items():
        if not isinstance(texts, dict):
            message = "a language has texts by name; write going: ... below it"
            problems.append(sentence(document, (*path, language), message))
            continue
        for name, text in texts.items():
            place = (*path, language, name)
            problem = _word_problem(name, text)
            if problem is not None:
                problems.append(sentence(document, place, problem, key=True))
            else:
                words.setdefault(str(language), {})[name] = text
    return words, problems


def _word_problem(name: object, text: object) -> str | None:
    """Return why a site cannot say a text of ours like this, or None."""
    if not isinstance(name, str) or not isinstance(text, str):
        return "this is no text; write a name and what is said, between quotation marks"
    finding = name.removeprefix("finding.")
    if finding != name and finding in FINDINGS:
        told = text_problems(text)
        return told[0] if told else None
    if name not in _ENGLISH:
        return f'"{name}" is no text of ours; {nearest(name, sorted(_ENGLISH))}'
    try:
        fields = set(fields_of(text))
    except ValueError:
        return "the braces do not match; write fields like {who}"
    known = set(fields_of(_ENGLISH[name]))
    if fields - known:
        wrong = min(fields - known)
        return f'"{{{wrong}}}" is no field of this text; {nearest(wrong, sorted(known))}'
    for field in ("code", "codes"):
        if field in known - fields:
            return f"without {{{field}}} nobody can answer; put it in"
    return None
