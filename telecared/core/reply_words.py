"""The words that people write back, language by language, without marks and in capitals.

How a text is read with them is `reading_replies`. None of them is a word that a provider takes for
STOP, and no language uses a word for something that another takes for its opposite.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from telecared.core.vocabulary import Outcome


class Words(NamedTuple):
    """What words mean in one language.

    Attributes:
        accept: they go.
        decline: they cannot.
        arrived: they are there.
        minutes: follows or precedes a number of minutes.
        outcomes: how it ended.
        ending: says nothing by itself, and may stand beside how it ended.
        beside: says nothing by itself, and may not: "nobody can go" is not how it ended.
    """

    accept: frozenset[str]
    decline: frozenset[str]
    arrived: frozenset[str]
    minutes: frozenset[str]
    outcomes: Mapping[str, Outcome]
    ending: frozenset[str]
    beside: frozenset[str]


def _words(
    *,
    accept: str,
    decline: str,
    arrived: str,
    minutes: str,
    ending: str,
    beside: str,
    helped: str,
    false: str,
    nobody: str,
    fixed: str,
) -> Words:
    outcomes = {
        Outcome.ASSISTANCE_GIVEN: helped,
        Outcome.FALSE_ACTIVATION: false,
        Outcome.NO_CONTACT: nobody,
        Outcome.TECHNICAL_FIXED: fixed,
        Outcome.TEST: "TEST",
    }
    return Words(
        frozenset(accept.split()),
        frozenset(decline.split()),
        frozenset(arrived.split()),
        frozenset(minutes.split()),
        {word: outcome for outcome, several in outcomes.items() for word in several.split()},
        frozenset(ending.split()),
        frozenset(beside.split()),
    )


REPLY_WORDS: Final[Mapping[str, Words]] = {
    "en": _words(
        accept="ACK YES OK OKAY Y GOING COMING WAY OMW",
        decline="NO N CANNOT CANT T",
        arrived="HERE THERE ARRIVED",
        minutes="M MIN MINS MINUTE MINUTES AWAY",
        helped="HELPED",
        false="FALSE",
        nobody="NOBODY",
        fixed="FIXED",
        ending="I IT IS SORRY THANKS ALARM CALLED",
        beside="AM M IM ON MY IN CAN GO",
    ),
    "cy": _words(
        accept="YDW IE IAWN OK MYND DOD FFORDD",
        decline="NA NAGE METHU",
        arrived="YMA YNO CYRRAEDD",
        minutes="MUN MUNUD",
        helped="HELPWYD",
        false="FFUG",
        nobody="NEB",
        fixed="TRWSIWYD",
        ending="DW I RWY WEDI SORI DIOLCH LARWM",
        beside="N YN AR FY MEWN O",
    ),
    "de": _words(
        accept="JA OK KOMME GEHE UNTERWEGS",
        decline="NEIN NICHT",
        arrived="DA HIER ANGEKOMMEN",
        minutes="MIN MINUTE MINUTEN",
        helped="GEHOLFEN",
        false="FEHLALARM",
        nobody="NIEMAND NIEMANDEN",
        fixed="BEHOBEN",
        ending="ICH LEIDER DANKE SCHON JETZT",
        beside="KANN BIN IN",
    ),
    "fr": _words(
        accept="OUI OK ARRIVE VAIS ROUTE",
        decline="NON PAS",
        arrived="ICI PLACE",
        minutes="MIN MINUTE MINUTES MN",
        helped="SECOURU SECOURUE",
        false="FAUSSE",
        nobody="PERSONNE",
        fixed="REPARE REPAREE",
        ending="J JE DESOLE DESOLEE MERCI ALARME ALERTE",
        beside="NE PEUX Y EN SUR SUIS DANS",
    ),
    "es": _words(
        accept="SI OK VOY CAMINO",
        decline="NO",
        arrived="AQUI LLEGADO LLEGUE",
        minutes="MIN MINUTO MINUTOS",
        helped="AYUDADO AYUDADA",
        false="FALSA",
        nobody="NADIE",
        fixed="REPARADO REPARADA",
        ending="YO HE YA GRACIAS LO SIENTO ALARMA",
        beside="PUEDO ESTOY EN DE IR",
    ),
    "pl": _words(
        accept="TAK OK IDE JADE DRODZE",
        decline="NIE",
        arrived="JESTEM TUTAJ DOTARLEM DOTARLAM",
        minutes="MIN MINUT MINUTY MINUTE",
        helped="ZALATWIONE",
        false="FALSZYWY",
        nobody="NIKT NIKOGO",
        fixed="NAPRAWIONE",
        ending="JA JUZ DZIEKUJE PRZEPRASZAM ALARM",
        beside="MOGE W ZA NA MIEJSCU TU",
    ),
}
"""Language -> its words. A text is read in one language; the reader need not say in which."""
