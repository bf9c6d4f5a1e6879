"""What a call says around an alert's text: which keys there are, and what a key came to.

What the alert itself says is `messages`; how it is said to a provider is the shell's.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

FALLBACK: Final = "en"


class Prompt(StrEnum):
    """One thing that a call says beside the text.

    The first five are what a key came to.
    """

    YOURS = "yours"
    REFUSED = "refused"
    TAKEN = "taken"
    OVER = "over"
    NOTHING = "nothing"
    KEYS = "keys"
    GOODBYE = "goodbye"


_ENGLISH: Final[Mapping[Prompt, str]] = {
    Prompt.KEYS: "Press 1 if you are going. Press 2 if you cannot. Press 3 to hear this again.",
    Prompt.YOURS: "Thank you. You have it.",
    Prompt.REFUSED: "Thank you. You are not going. Others are asked.",
    Prompt.TAKEN: "Somebody else already has it. You need not do anything.",
    Prompt.OVER: "It is over already. You need not do anything.",
    Prompt.NOTHING: "This key means nothing here.",
    Prompt.GOODBYE: "No key was pressed, so others are asked. Goodbye.",
}

_PROMPTS: Final[Mapping[str, Mapping[Prompt, str]]] = {
    FALLBACK: _ENGLISH,
    "cy": {
        Prompt.KEYS: "Pwyswch 1 os ydych yn mynd. Pwyswch 2 os na allwch."
        " Pwyswch 3 i glywed hyn eto.",
        Prompt.YOURS: "Diolch. Chi sy'n gyfrifol.",
        Prompt.REFUSED: "Diolch. Nid ydych yn mynd. Gofynnir i eraill.",
        Prompt.TAKEN: "Mae rhywun arall yn mynd yn barod. Nid oes angen i chi wneud dim.",
        Prompt.OVER: "Mae drosodd yn barod. Nid oes angen i chi wneud dim.",
        Prompt.NOTHING: "Nid yw'r botwm hwn yn golygu dim yma.",
        Prompt.GOODBYE: "Ni phwyswyd botwm, felly gofynnir i eraill. Hwyl fawr.",
    },
    "de": {
        Prompt.KEYS: "Drücken Sie die 1, wenn Sie gehen. Drücken Sie die 2, wenn Sie nicht können."
        " Drücken Sie die 3, um es noch einmal zu hören.",
        Prompt.YOURS: "Danke. Sie haben es übernommen.",
        Prompt.REFUSED: "Danke. Sie gehen nicht. Andere werden gefragt.",
        Prompt.TAKEN: "Jemand anderes hat es schon. Sie müssen nichts tun.",
        Prompt.OVER: "Es ist schon vorbei. Sie müssen nichts tun.",
        Prompt.NOTHING: "Diese Taste bedeutet hier nichts.",
        Prompt.GOODBYE: "Keine Taste wurde gedrückt. Andere werden gefragt. Auf Wiederhören.",
    },
    "fr": {
        Prompt.KEYS: "Appuyez sur 1 si vous y allez. Appuyez sur 2 si vous ne pouvez pas."
        " Appuyez sur 3 pour réécouter.",
        Prompt.YOURS: "Merci. C'est à vous.",
        Prompt.REFUSED: "Merci. Vous n'y allez pas. On demande à d'autres.",
        Prompt.TAKEN: "Quelqu'un d'autre s'en charge déjà. Vous n'avez rien à faire.",
        Prompt.OVER: "C'est déjà fini. Vous n'avez rien à faire.",
        Prompt.NOTHING: "Cette touche ne veut rien dire ici.",
        Prompt.GOODBYE: "Aucune touche : on demande à d'autres. Au revoir.",
    },
    "es": {
        Prompt.KEYS: "Pulse 1 si va. Pulse 2 si no puede. Pulse 3 para oírlo otra vez.",
        Prompt.YOURS: "Gracias. Usted se encarga.",
        Prompt.REFUSED: "Gracias. Usted no va. Se pregunta a otros.",
        Prompt.TAKEN: "Otra persona ya se encarga. No tiene que hacer nada.",
        Prompt.OVER: "Ya ha terminado. No tiene que hacer nada.",
        Prompt.NOTHING: "Esta tecla no significa nada aquí.",
        Prompt.GOODBYE: "No se ha pulsado ninguna tecla. Se pregunta a otros. Adiós.",
    },
    "pl": {
        Prompt.KEYS: "Naciśnij 1, jeśli idziesz. Naciśnij 2, jeśli nie możesz."
        " Naciśnij 3, aby usłyszeć to jeszcze raz.",
        Prompt.YOURS: "Dziękujemy. Zgłoszenie jest twoje.",
        Prompt.REFUSED: "Dziękujemy. Nie idziesz. Pytamy innych.",
        Prompt.TAKEN: "Ktoś inny już się tym zajmuje. Nie musisz nic robić.",
        Prompt.OVER: "To już się skończyło. Nie musisz nic robić.",
        Prompt.NOTHING: "Ten klawisz nic tu nie znaczy.",
        Prompt.GOODBYE: "Nie naciśnięto klawisza. Pytamy innych. Do widzenia.",
    },
}


def spoken(prompt: Prompt, language: str) -> str:
    """Return a prompt in a language, `de` or `de-AT`; in English where we do not have it."""
    known = _PROMPTS.get(language.partition("-")[0].lower(), _ENGLISH)
    return known[prompt]
