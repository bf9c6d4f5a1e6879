"""Texts that people read. Every word that leaves is made here, in the language of its reader.

The words themselves are `words`, how much room they have `segments`. Who gets a text, and when, is
`telling`; what people write back `reading_replies`.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from string import Formatter
from typing import Final, NamedTuple, TypedDict

import msgspec

from telecared.core.segments import fitted, names_code
from telecared.core.state import Alert
from telecared.core.vocabulary import Channel, Detail, Priority
from telecared.core.words import WORDS, text_of

OwnWords = Mapping[str, Mapping[str, str]]
"""Language -> name of a text -> what a site says instead of ours."""


_OURS: Final[OwnWords] = {}


class Reader(NamedTuple):
    """Who a text is for: their language, the channel that it takes, and the site's own words."""

    language: str
    channel: Channel = Channel.SMS
    own: OwnWords = _OURS

    def text(self, name: str, **values: str) -> str:
        """Return a text of ours in the reader's language, filled; nothing is cut off yet."""
        return fill(text_of(name, self.language, self.own), values)


Wording = Callable[[Reader], str]
"""A text that is put into words for its reader."""


FIELDS: Final = frozenset(
    {
        "home.id",
        "home.address",
        "resident.name",
        "device.id",
        "device.location",
        "rule",
        "minutes",
        "code",
    }
)
"""What a rule's `say` may name in braces."""

MAX_HELPS_A_DAY: Final = 5
"""Help texts to one number on one local day, so that two robots cannot talk for ever."""

DEFAULT_SAY: Final[Mapping[Priority, str]] = {
    priority: WORDS["en"][f"default.{priority}"] for priority in Priority
}
"""What is said in English of a rule without a text of its own."""


_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+")


def fields_of(template: str) -> list[str]:
    """Return the fields that a template names.

    Raises:
        ValueError: the braces do not match.
    """
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]


def fill(template: str, values: Mapping[str, str]) -> str:
    """Fill a template; a field that is not known stays readable as its own name."""
    parts: list[str] = []
    for literal, name, _, _ in Formatter().parse(template):
        parts.append(literal)
        if name is not None:
            parts.append(values.get(name, name))
    return "".join(parts).strip()


def render(template: str, values: Mapping[str, str], reader: Reader | None = None) -> str:
    """Fill a template of a rule; the reply code is always in the text, and in its first segment."""
    reader = reader or Reader("en")
    text = fill(template, values)
    code = values.get("code", "")
    if code and "code" not in fields_of(template):
        # Looking for its digits would find them in a house number too.
        text = f"{text} {reader.text('take', code=code)}"
    return _fitted(text, code, reader)


def with_note(text: str, note: str, code: str, reader: Reader | None = None) -> str:
    """Add a note to a finished text; braces in it are somebody's address, not fields."""
    return _fitted(text + note, code, reader or Reader("en"))


def _fitted(text: str, code: str, reader: Reader) -> str:
    if reader.channel is Channel.VOICE and code:
        # Whoever is called has keys, and no segments.
        return spoken(text, code)
    return fitted(text, code, reader.text("cut", code=code) if code else "...")


def reply_code(alert: str) -> str:
    """Return the four digits by which people answer for the alert `{home}/{n}`.

    Derived, so that a replay gives the same; not unique, so it is matched only among the
    unresolved alerts that a number was told (design 3.1, decision 9).
    """
    digest = hashlib.sha256(alert.encode()).digest()
    return str(1000 + int.from_bytes(digest[:4], "big") % 9000)


def stand_in(number: str) -> str:
    """Return what a number is counted by in the state, so that the number itself is not kept."""
    return hashlib.sha256(number.encode()).hexdigest()[:16]


# --- what an alert is, frozen when it opens ------------------------------------------------------


class Subject(NamedTuple):
    """What an alert is about, from which its texts are made.

    Attributes:
        say: the template in the site's language, "" for ours.
        says: other language -> template.
        values: of the fields.
        detail: how much may be told; below `full` no word of the rule is.
        late: how late it is told, in words, "" for in time.
        mark: what else the text adds.
    """

    say: str
    says: Mapping[str, str]
    values: Mapping[str, str]
    priority: Priority
    detail: Detail = Detail.FULL
    late: str = ""
    mark: str = ""


def text_for(subject: Subject, reader: Reader, *, site: str) -> str:
    """Return what an alert tells a reader; `site` is the language in which rules are written."""
    alarm = subject.priority in (Priority.LIFE_SAFETY, Priority.URGENT)
    if subject.detail is not Detail.FULL:
        name = f"{subject.detail}.{'alarm' if alarm else 'task'}"
        template = text_of(name, reader.language, reader.own)
    else:
        base = reader.language.partition("-")[0]
        said = subject.says.get(reader.language) or subject.says.get(base)
        if said is None and reader.language == site:
            said = subject.say
        ours = text_of(f"default.{subject.priority}", reader.language, reader.own)
        template = said or ours
    note = reader.text("late", late=subject.late) if subject.late else ""
    return with_note(
        render(template, subject.values, reader),
        f"{' ' if note else ''}{note}{subject.mark}",
        subject.values.get("code", ""),
        reader,
    )


def about_for(subject: Subject, reader: Reader) -> str:
    """Return the few words by which later messages name an alert: what, and where."""
    values = subject.values
    return reader.text(
        f"about.{subject.detail}",
        rule=values.get("rule", ""),
        place=values.get("home.address", ""),
        code=values.get("code", ""),
    )


class Frozen(TypedDict):
    """Fields of an alert that are frozen when it opens."""

    text: str
    about: str
    texts: Mapping[str, str]
    abouts: Mapping[str, str]


def frozen(subject: Subject, site: Reader, languages: Sequence[str]) -> Frozen:
    """Return an alert's texts in the site's language and in those of the others who may be told."""
    readers = {language: site._replace(language=language) for language in languages}
    return Frozen(
        text=text_for(subject, site, site=site.language),
        about=about_for(subject, site),
        texts={
            language: text_for(subject, reader, site=site.language)
            for language, reader in readers.items()
        },
        abouts={language: about_for(subject, reader) for language, reader in readers.items()},
    )


def says_of(own: OwnWords, finding: str) -> dict[str, str]:
    """Return what a site says of a finding of the machinery: language -> template."""
    name = f"finding.{finding}"
    return {language: words[name] for language, words in own.items() if name in words}


def retold(alert: Alert, site: Reader, change: Callable[[Reader, str], str]) -> Alert:
    """Return an alert whose frozen text is changed, in every language in which it was frozen."""
    return msgspec.structs.replace(
        alert,
        text=change(site, alert.text),
        texts={
            language: change(site._replace(language=language), text)
            for language, text in alert.texts.items()
        },
    )


def confirmed(alert: Alert, site: Reader) -> Alert:
    """Return an alert as it is told from the moment at which a second sensor has confirmed it."""
    return retold(
        alert,
        site,
        lambda reader, text: _fitted(reader.text("confirmed", text=text), alert.code, reader),
    )


def aged(alert: Alert, site: Reader, lasted: str) -> Alert:
    """Return the alert of a fault as it is told from now on: how long nobody has mended it."""
    name = "unfixed" if alert.planned_until is None else "unfixed_planned"

    def note(reader: Reader) -> str:
        return f"{reader.text(name, lasted=lasted)} "

    def older(reader: Reader, text: str) -> str:
        known = alert.age_notes.get(reader.language, alert.age_note)
        return _fitted(note(reader) + text.removeprefix(known), alert.code, reader)

    return msgspec.structs.replace(
        retold(alert, site, older),
        age_note=note(site),
        age_notes={one: note(site._replace(language=one)) for one in alert.texts},
    )


def _text(alert: Alert, reader: Reader) -> str:
    """Return the frozen text for a reader; a voice leaves out how to answer by SMS."""
    base = reader.language.partition("-")[0]
    text = alert.texts.get(reader.language) or alert.texts.get(base) or alert.text
    return spoken(text, alert.code) if reader.channel is Channel.VOICE else text


def spoken(text: str, code: str) -> str:
    """Return a text without the sentences that name its reply code: whoever is called has keys."""
    text = text.removeprefix(f"{code}: ")
    sentences = [one for one in _SENTENCES.split(text) if not names_code(one, code)]
    return " ".join(sentences) or text


def _about(alert: Alert, reader: Reader) -> str:
    base = reader.language.partition("-")[0]
    return alert.abouts.get(reader.language) or alert.abouts.get(base) or alert.about


# --- what is told of it later --------------------------------------------------------------------


def alarm(alert: Alert) -> Wording:
    """Tell what an alert is about, in the words that were frozen when it opened."""
    return lambda reader: _text(alert, reader)


def news(name: str, alert: Alert, **values: str) -> Wording:
    """Tell news of an alert that asks for no answer."""
    return lambda reader: _fitted(
        reader.text(name, what=_about(alert, reader), **values), "", reader
    )


def asks(name: str, alert: Alert, **values: str) -> Wording:
    """Tell news of an alert that is answered with its code."""
    return lambda reader: _fitted(
        reader.text(name, what=_about(alert, reader), code=alert.code, **values),
        alert.code,
        reader,
    )


def going(who: str, alert: Alert, minutes: int | None = None) -> Wording:
    """Tell the others who has taken the alert; the name stands first, where it is seen."""
    if minutes is None:
        return news("going", alert, who=who)
    return news("going_in", alert, who=who, minutes=str(minutes))


def dealt_with(who: str, alert: Alert) -> Wording:
    """Tell those who were told that it is over."""
    return news("dealt_with", alert, who=who)


def linked(alert: Alert, other: Alert) -> Wording:
    """Tell those who were told of an alert that it is one with another, which is answered."""
    return lambda reader: _fitted(
        reader.text(
            "linked", what=_about(alert, reader), other=_about(other, reader), code=other.code
        ),
        other.code,
        reader,
    )


def recovered(alert: Alert) -> Wording:
    """Tell those who were told that it ended by itself."""
    return news("recovered", alert)


def thanks(until: str, alert: Alert) -> Wording:
    """Confirm an acknowledgement and say for how long it holds."""
    return asks("thanks", alert, until=until)


def again(alert: Alert) -> Wording:
    """Page the owner of an acknowledged alert when it happens again."""
    return lambda reader: _answer_soon(
        alert, reader.text("again", text=_text(alert, reader)), reader
    )


def answer_soon(alert: Alert) -> Wording:
    """Page the owner of an acknowledged alert, who must answer or loses it."""
    return lambda reader: _answer_soon(alert, _text(alert, reader), reader)


def _answer_soon(alert: Alert, text: str, reader: Reader) -> str:
    if reader.channel is Channel.VOICE:
        return reader.text("answer_soon_key", text=text)
    return _fitted(reader.text("answer_soon", text=text, code=alert.code), alert.code, reader)


def unanswered(alert: Alert, lasted: str) -> Wording:
    """Page the supervisor of a centre that has not answered an alert for so long."""
    return lambda reader: _fitted(
        reader.text("unanswered", lasted=lasted, text=_text(alert, reader)), alert.code, reader
    )


def planned(who: str, until: str, alert: Alert) -> Wording:
    """Tell those who were told that somebody has planned for a fault."""
    return news("planned", alert, who=who, until=until)


def cancelled(alert: Alert) -> Wording:
    """Tell those who were told that the resident cancelled what a person must still look at."""
    return news("cancelled", alert)


def lapsed(alert: Alert) -> Wording:
    """Ask the owner of a lapsed acknowledgement."""
    return asks("lapsed", alert)


def handed_to(who: str, until: str, alert: Alert, *, soon: bool = False) -> Wording:
    """Page the person to whom an alert was handed over; `soon` they must answer or lose it."""
    name = "handed_now" if soon else "handed_to"
    return lambda reader: _fitted(
        reader.text(name, who=who, until=until, text=_text(alert, reader), code=alert.code),
        alert.code,
        reader,
    )
