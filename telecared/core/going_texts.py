"""What is told of those who go to an alert: to each other, to the resident, and how it ended.

The words are `words`, the other texts of an alert `messages`. Who is told is `going` and `comfort`.
"""

from telecared.core.messages import Wording, asks, news, with_note
from telecared.core.state import Alert


def going_too(who: str, alert: Alert) -> Wording:
    """Tell somebody who goes that somebody else does too."""
    return news("going_too", alert, who=who)


def going_of(who: str, count: int, needed: int, alert: Alert) -> Wording:
    """Tell the others that somebody goes, and that more are needed."""
    return asks("going_of", alert, who=who, count=str(count), needed=str(needed))


def thanks_of(count: int, needed: int, alert: Alert) -> Wording:
    """Confirm that somebody goes, where more are needed."""
    return asks("thanks_of", alert, count=str(count), needed=str(needed))


def arrived(who: str, alert: Alert) -> Wording:
    """Tell the others that somebody is there."""
    return news("arrived", alert, who=who)


def arrived_of(who: str, count: int, needed: int, alert: Alert) -> Wording:
    """Tell the others that somebody is there, and that more are needed."""
    return asks("arrived_of", alert, who=who, count=str(count), needed=str(needed))


def arrived_too(who: str, alert: Alert) -> Wording:
    """Tell somebody who goes that somebody else is there."""
    return news("arrived_too", alert, who=who)


def handed_on(who: str, alert: Alert) -> Wording:
    """Tell those who were told that somebody else has it now."""
    return news("handed_on", alert, who=who)


def more_help(who: str, alert: Alert) -> Wording:
    """Tell whoever goes that somebody asked for more help."""
    return news("more_help", alert, who=who)


def how_ended(alert: Alert) -> Wording:
    """Ask whoever has arrived how it ended."""
    return asks("how_ended", alert)


def closed(alert: Alert) -> Wording:
    """Confirm to whoever replied how it ended that it is over."""
    return news("closed", alert)


def coming(who: str, minutes: int | None) -> Wording:
    """Tell the resident that help is coming, and how soon where that is known."""
    if minutes is None:
        return lambda reader: with_note(reader.text("coming", who=who), "", "", reader)
    return lambda reader: with_note(
        reader.text("coming_in", who=who, minutes=str(minutes)), "", "", reader
    )


def answered(who: str) -> Wording:
    """Tell the resident that the centre has their alarm."""
    return lambda reader: with_note(reader.text("answered", who=who), "", "", reader)
