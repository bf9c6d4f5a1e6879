"""Texts of storms: an incident, an outage list, several alerts in one message.

Numbers and names are put in here, the words are `words_storms`; the reply code is put in as the
alert opens.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from telecared.core.messages import Reader, Wording, spoken
from telecared.core.segments import fitted
from telecared.core.state import Alert
from telecared.core.storms import Cause
from telecared.core.vocabulary import Channel, Detail

_CODE: Final = "\ufffc"
"""Stands for the reply code while braces in names are made harmless."""


class Says(NamedTuple):
    """Templates as `Opening` takes them: in the site's language, and other language -> template."""

    say: str
    says: Mapping[str, str]


def incident_say(
    scheme: str, homes: int, units: int, cause: str, site: Reader, languages: Sequence[str]
) -> Says:
    """Return the templates of an incident's alert."""

    def template(reader: Reader) -> str:
        return reader.text(
            "incident",
            homes=str(homes),
            units=str(units),
            scheme=scheme,
            likely=reader.text(f"likely.{Cause(cause)}"),
            code=_CODE,
        )

    return _in_each(template, site, languages)


def list_say(scheme: str, homes: int, cause: str, site: Reader, languages: Sequence[str]) -> Says:
    """Return the templates of an outage list's alert."""

    def template(reader: Reader) -> str:
        after = reader.text(f"after.{Cause(cause)}")
        if homes == 1:
            return reader.text("list.one", scheme=scheme, after=after, code=_CODE)
        return reader.text("list", left=str(homes), scheme=scheme, after=after, code=_CODE)

    return _in_each(template, site, languages)


def together(alerts: Sequence[Alert], place: str, code: str) -> Wording:
    """Tell several alerts of one home in one message; the code stands for all of them.

    It tells no more than the policy of the first allows.
    """
    detail = alerts[0].policy.detail
    several = ", ".join(dict.fromkeys(alert.rule.replace("-", " ") for alert in alerts))

    def word(reader: Reader) -> str:
        count = str(len(alerts))
        if detail is Detail.FULL:
            text = reader.text("together", count=count, place=place, several=several, code=code)
        elif detail is Detail.PLACE:
            text = reader.text("together.place", count=count, place=place, code=code)
        else:
            text = reader.text("together.none", count=count, code=code)
        if reader.channel is Channel.VOICE:
            return spoken(text, code)
        return fitted(text, code, reader.text("cut", code=code))

    return word


def _in_each(template: Callable[[Reader], str], site: Reader, languages: Sequence[str]) -> Says:
    """Return a text in every language that is read, braces in names being no fields."""
    in_each = {one: _escaped(template(site._replace(language=one))) for one in languages}
    return Says(_escaped(template(site)), in_each)


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}").replace(_CODE, "{code}")
