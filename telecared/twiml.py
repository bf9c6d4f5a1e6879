"""A call in Twilio's markup: the text said slowly, a key gathered, what the key came to.

Pure. Whose call it is, and what a key does, is decided elsewhere; the words around the text are
`core.prompts`.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from telecared.core.prompts import Prompt, spoken

ROUNDS: Final = 3
"""How often the text is said to somebody who presses nothing. A voicemail hears no more."""

MOST_ROUNDS: Final = 10
"""The same with key 3, which asks for one more: a stuck key must not hold the line."""

KEY_SECONDS: Final = 6
"""How long a key is waited for after the text."""

SLOWLY: Final = "85%"
"""Of the usual pace: whoever is woken by this must understand it the first time."""

_VOICES: Final[Mapping[str, tuple[str, str]]] = {
    "en": ("en-GB", "Polly.Amy"),
    "cy": ("cy-GB", "Polly.Gwyneth"),
    "da": ("da-DK", "Polly.Naja"),
    "de": ("de-DE", "Polly.Vicki"),
    "es": ("es-ES", "Polly.Lucia"),
    "fr": ("fr-FR", "Polly.Lea"),
    "it": ("it-IT", "Polly.Bianca"),
    "nb": ("nb-NO", "Polly.Liv"),
    "nl": ("nl-NL", "Polly.Lotte"),
    "pl": ("pl-PL", "Polly.Ewa"),
    "pt": ("pt-PT", "Polly.Ines"),
    "sv": ("sv-SE", "Polly.Astrid"),
}
"""Language -> how Twilio calls it, and a voice that speaks it. An unknown language is said by the
account's own voice: Twilio ends a call that asks for one it has not."""

_SENTENCES: Final = re.compile(r"(?<=[.!?])\s+")
_UNSPEAKABLE: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may hold: Twilio would end the call with an error instead of saying the alarm."""

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>'


class CallUrls(NamedTuple):
    """Where a call goes on.

    Attributes:
        key: takes the key.
        again: says the text once more; None when that was the last time.
    """

    key: str
    again: str | None


def ask(text: str, language: str, urls: CallUrls, *, before: Prompt | None = None) -> str:
    """Return the markup that says a text and gathers one key.

    Args:
        text: what the alert says.
        language: in which it is written.
        urls: where the call goes on; after the last round it says goodbye instead.
        before: said first: what an earlier key came to.
    """
    said = _say(spoken(before, language), language) if before else ""
    said += _say(text, language) + _say(spoken(Prompt.KEYS, language), language)
    gather = (
        f'<Gather input="dtmf" numDigits="1" timeout="{KEY_SECONDS}" method="POST"'
        f" action={quoteattr(urls.key)}>{said}</Gather>"
    )
    if urls.again is None:
        rest = _say(spoken(Prompt.GOODBYE, language), language) + "<Hangup/>"
    else:
        rest = f'<Redirect method="POST">{escape(urls.again)}</Redirect>'
    return f"{_HEAD}<Response>{gather}{rest}</Response>"


def news(text: str, language: str) -> str:
    """Return the markup that says a text twice, and hangs up: it asks nothing."""
    return f"{_HEAD}<Response>{_say(text, language) * 2}<Hangup/></Response>"


def end(prompt: Prompt, language: str) -> str:
    """Return the markup that says what a key came to, and hangs up."""
    said = _say(spoken(prompt, language), language)
    return f"{_HEAD}<Response>{said}<Hangup/></Response>"


def _say(text: str, language: str) -> str:
    """Return a text said sentence by sentence, with a breath after each."""
    known = _VOICES.get(language.partition("-")[0].lower())
    parts = []
    for sentence in _SENTENCES.split(_UNSPEAKABLE.sub(" ", text).strip()):
        words = escape(sentence)
        if known is None:
            parts.append(f"<Say>{words}</Say>")
        else:
            parts.append(
                f'<Say language="{known[0]}" voice="{known[1]}">'
                f'<prosody rate="{SLOWLY}">{words}</prosody></Say>'
            )
    return '<Pause length="1"/>'.join(parts) + '<Pause length="1"/>'
