"""What somebody is told whose reply could not be carried out, in the languages that ship.

Each names the words of its own language that people can write (`reply_words`), and whom to call in
an emergency. When which is told is `reading_replies`; the other texts are `words`.
"""

from collections.abc import Mapping
from typing import Final

HELP: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "help.nothing_open": "Nothing is open for you now. In an emergency call 999.",
        "help.which_one": "Which one? Reply with its code: {codes}. NO and the code if you cannot "
        "go.",
        "help.unknown_code": "That code is not open for you. Open: {codes}.",
        "help.not_understood": "Not understood. Reply {code} if you are going, NO {code} if you "
        "cannot. In an emergency call 999.",
        "help.not_understood_of": "Not understood. Reply with the code if you are going: {codes}. "
        "NO and the code if you cannot. In an emergency call 999.",
        "help.stranger": "This number sends telecare alerts only. In an emergency call 999.",
        "help.same_code": "{code} stands for more than one alert, a text cannot tell which. Please "
        "call the centre. In an emergency call 999.",
        "help.taken": "{who} already has it. In an emergency call 999.",
        "help.not_yours": "Only who goes to it can say how it ended. In an emergency call 999.",
        "help.over": "It is over already. In an emergency call 999.",
    },
    "cy": {
        "help.nothing_open": "Nid oes dim yn aros amdanoch nawr. Mewn argyfwng ffoniwch 999.",
        "help.which_one": "Pa un? Atebwch gyda'i god: {codes}. NA a'r cod os na allwch fynd.",
        "help.unknown_code": "Nid yw'r cod hwnnw ar agor i chi. Ar agor: {codes}.",
        "help.not_understood": "Heb ddeall. Atebwch {code} os ydych yn mynd, NA {code} os na "
        "allwch. Mewn argyfwng ffoniwch 999.",
        "help.not_understood_of": "Heb ddeall. Atebwch gyda'r cod os ydych yn mynd: {codes}. NA "
        "a'r cod os na allwch. Mewn argyfwng ffoniwch 999.",
        "help.stranger": "Dim ond larymau teleofal a anfonir o'r rhif hwn. Mewn argyfwng ffoniwch "
        "999.",
        "help.same_code": "Mae {code} yn sefyll am fwy nag un larwm, ni all neges ddweud pa un. "
        "Ffoniwch y ganolfan. Mewn argyfwng ffoniwch 999.",
        "help.taken": "{who} sy'n gyfrifol eisoes. Mewn argyfwng ffoniwch 999.",
        "help.not_yours": "Dim ond pwy sy'n mynd all ddweud sut daeth i ben. Mewn argyfwng "
        "ffoniwch 999.",
        "help.over": "Mae drosodd eisoes. Mewn argyfwng ffoniwch 999.",
    },
    "de": {
        "help.nothing_open": "Für Sie ist gerade nichts offen. Im Notfall 112 anrufen.",
        "help.which_one": "Welcher? Antworten Sie mit dem Code: {codes}. NEIN und der Code, wenn "
        "Sie nicht können.",
        "help.unknown_code": "Dieser Code ist für Sie nicht offen. Offen: {codes}.",
        "help.not_understood": "Nicht verstanden. Antworten Sie {code}, wenn Sie gehen, NEIN "
        "{code}, wenn nicht. Im Notfall 112 anrufen.",
        "help.not_understood_of": "Nicht verstanden. Antworten Sie mit dem Code, wenn Sie gehen: "
        "{codes}. NEIN und der Code, wenn nicht. Im Notfall 112 anrufen.",
        "help.stranger": "Diese Nummer sendet nur Hausnotrufe. Im Notfall 112 anrufen.",
        "help.same_code": "{code} steht für mehrere Alarme, eine SMS sagt nicht für welchen. Bitte "
        "rufen Sie die Zentrale an. Im Notfall 112 anrufen.",
        "help.taken": "{who} hat es bereits. Im Notfall 112 anrufen.",
        "help.not_yours": "Nur wer hingeht, kann sagen, wie es ausging. Im Notfall 112 anrufen.",
        "help.over": "Es ist schon vorbei. Im Notfall 112 anrufen.",
    },
    "fr": {
        "help.nothing_open": "Rien ne vous attend maintenant. En cas d'urgence, appelez le 112.",
        "help.which_one": "Laquelle ? Répondez avec son code : {codes}. NON et le code si vous ne "
        "pouvez pas.",
        "help.unknown_code": "Ce code n'est pas ouvert pour vous. Ouverts : {codes}.",
        "help.not_understood": "Pas compris. Répondez {code} si vous y allez, NON {code} sinon. "
        "En cas d'urgence, appelez le 112.",
        "help.not_understood_of": "Pas compris. Répondez avec le code si vous y allez : {codes}. "
        "NON et le code sinon. En cas d'urgence, appelez le 112.",
        "help.stranger": "Ce numéro n'envoie que des alarmes. En cas d'urgence, appelez le 112.",
        "help.same_code": "{code} vaut pour plusieurs alarmes, un SMS ne dit pas laquelle. Appelez "
        "la centrale. En cas d'urgence, appelez le 112.",
        "help.taken": "{who} s'en charge déjà. En cas d'urgence, appelez le 112.",
        "help.not_yours": "Seul qui y va peut dire comment cela a fini. En cas d'urgence, appelez "
        "le 112.",
        "help.over": "C'est déjà fini. En cas d'urgence, appelez le 112.",
    },
    "es": {
        "help.nothing_open": "No hay nada pendiente para usted. En una emergencia llame al 112.",
        "help.which_one": "Cual? Responda con su codigo: {codes}. NO y el codigo si no puede ir.",
        "help.unknown_code": "Ese codigo no esta abierto para usted. Abiertos: {codes}.",
        "help.not_understood": "No se ha entendido. Responda {code} si va, NO {code} si no puede. "
        "En una emergencia llame al 112.",
        "help.not_understood_of": "No se ha entendido. Responda con el codigo si va: {codes}. NO y "
        "el codigo si no puede. En una emergencia llame al 112.",
        "help.stranger": "Este numero solo envia alarmas. En una emergencia llame al 112.",
        "help.same_code": "{code} vale para varias alarmas, un SMS no dice cual. Llame a la "
        "central. En una emergencia llame al 112.",
        "help.taken": "{who} ya se encarga. En una emergencia llame al 112.",
        "help.not_yours": "Solo quien va puede decir como ha terminado. En una emergencia llame al "
        "112.",
        "help.over": "Ya ha terminado. En una emergencia llame al 112.",
    },
    "pl": {
        "help.nothing_open": "Nic teraz na Ciebie nie czeka. W naglym wypadku dzwon 112.",
        "help.which_one": "Ktory? Odpisz kod: {codes}. NIE i kod, jesli nie mozesz isc.",
        "help.unknown_code": "Ten kod nie jest dla Ciebie otwarty. Otwarte: {codes}.",
        "help.not_understood": "Nie rozumiem. Odpisz {code}, jesli idziesz, NIE {code}, jesli nie "
        "mozesz. W naglym wypadku dzwon 112.",
        "help.not_understood_of": "Nie rozumiem. Odpisz kod, jesli idziesz: {codes}. NIE i kod, "
        "jesli nie mozesz. W naglym wypadku dzwon 112.",
        "help.stranger": "Ten numer wysyla tylko alarmy. W naglym wypadku dzwon 112.",
        "help.same_code": "{code} oznacza kilka alarmow, SMS nie powie ktory. Zadzwon do centrali. "
        "W naglym wypadku dzwon 112.",
        "help.taken": "{who} juz to ma. W naglym wypadku dzwon 112.",
        "help.not_yours": "Tylko kto idzie, moze powiedziec, jak sie skonczylo. W naglym wypadku "
        "dzwon 112.",
        "help.over": "Juz po wszystkim. W naglym wypadku dzwon 112.",
    },
}
"""Language -> name -> text."""
