"""What is told of storms, outage lists and several alerts at once, in the languages that ship.

How they are put together is `messages_storms`; the other texts are `words`.
"""

from collections.abc import Mapping
from typing import Final

STORMS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "together": "{count} things at {place}: {several}. Reply {code} for all of them.",
        "together.none": "{count} telecare tasks need you. Reply {code} for all of them.",
        "together.place": "{count} things to look at: {place}. Reply {code} for all of them.",
        "incident": "{homes} of {units} homes of {scheme} are silent at once, {likely}. No alarm "
        "reaches us from them. Reply {code}.",
        "likely.power": "likely a power cut",
        "likely.broadband": "likely their broadband",
        "likely.broker": "our link to the broker was lost before",
        "likely.us": "telecared itself was down before",
        "list": "{left} homes of {scheme} may have called for help unheard, {after}: look after "
        "each ('telecared outages'). Reply {code}.",
        "list.one": "1 home of {scheme} may have called for help unheard, {after}: look after it "
        "('telecared outages'). Reply {code}.",
        "after.power": "after a power cut",
        "after.broadband": "after a loss of broadband",
        "after.broker": "after our link to the broker was lost",
        "after.us": "after telecared was down",
        "after.provider": "after the SMS provider failed",
    },
    "cy": {
        "together": "{count} peth yn {place}: {several}. Atebwch {code} am bob un.",
        "together.none": "Mae angen eich help gyda {count} tasg teleofal. Atebwch {code} am bob "
        "un.",
        "together.place": "{count} peth i'w wirio: {place}. Atebwch {code} am bob un.",
        "incident": "Mae {homes} o {units} cartref {scheme} yn dawel ar unwaith, {likely}. Nid oes "
        "larwm yn ein cyrraedd oddi yno. Atebwch {code}.",
        "likely.power": "toriad trydan mae'n debyg",
        "likely.broadband": "eu band eang mae'n debyg",
        "likely.broker": "collwyd ein cyswllt a'r broker cynt",
        "likely.us": "roedd telecared ei hun i lawr cynt",
        "list": "Efallai i {left} cartref {scheme} alw am help heb eu clywed, {after}: gwiriwch "
        "bob un ('telecared outages'). Atebwch {code}.",
        "list.one": "Efallai i 1 cartref {scheme} alw am help heb ei glywed, {after}: gwiriwch ef "
        "('telecared outages'). Atebwch {code}.",
        "after.power": "ar ol toriad trydan",
        "after.broadband": "ar ol colli band eang",
        "after.broker": "ar ol colli ein cyswllt a'r broker",
        "after.us": "ar ol i telecared fod i lawr",
        "after.provider": "ar ol i'r darparwr SMS fethu",
    },
    "de": {
        "together": "{count} Meldungen, {place}: {several}. Antwort {code} für alle.",
        "together.none": "{count} Aufgaben des Hausnotrufs warten. Antwort {code} für alle.",
        "together.place": "{count} zu erledigen: {place}. Antwort {code} für alle.",
        "incident": "{homes} von {units} Wohnungen ({scheme}) sind auf einmal still, {likely}. "
        "Von dort erreicht uns kein Alarm. Antwort {code}.",
        "likely.power": "wohl ein Stromausfall",
        "likely.broadband": "wohl deren Internet",
        "likely.broker": "unsere Verbindung zum Broker war zuvor weg",
        "likely.us": "telecared selbst stand zuvor still",
        "list": "{left} Wohnungen ({scheme}) riefen vielleicht ungehört um Hilfe, {after}: nach "
        "jeder sehen ('telecared outages'). Antwort {code}.",
        "list.one": "1 Wohnung ({scheme}) rief vielleicht ungehört um Hilfe, {after}: nach ihr "
        "sehen ('telecared outages'). Antwort {code}.",
        "after.power": "nach einem Stromausfall",
        "after.broadband": "nach einem Internetausfall",
        "after.broker": "nach dem Verlust der Verbindung zum Broker",
        "after.us": "nach einem Stillstand von telecared",
        "after.provider": "nach einem Ausfall des SMS-Anbieters",
    },
    "fr": {
        "together": "{count} choses, {place} : {several}. Répondez {code} pour toutes.",
        "together.none": "{count} interventions vous attendent. Répondez {code} pour toutes.",
        "together.place": "{count} choses à faire : {place}. Répondez {code} pour toutes.",
        "incident": "{homes} logements sur {units} ({scheme}) se taisent à la fois, {likely}. "
        "Aucune alarme ne nous en parvient. Répondez {code}.",
        "likely.power": "sans doute une coupure de courant",
        "likely.broadband": "sans doute leur internet",
        "likely.broker": "notre lien au broker était coupé avant",
        "likely.us": "telecared lui-meme était arreté avant",
        "list": "{left} logements ({scheme}) ont peut-etre appelé sans etre entendus, {after} : "
        "voyez chacun ('telecared outages'). Répondez {code}.",
        "list.one": "1 logement ({scheme}) a peut-etre appelé sans etre entendu, {after} : voyez-le"
        " ('telecared outages'). Répondez {code}.",
        "after.power": "après une coupure de courant",
        "after.broadband": "après une coupure d'internet",
        "after.broker": "après la perte du lien au broker",
        "after.us": "après un arret de telecared",
        "after.provider": "après une panne du fournisseur de SMS",
    },
    "es": {
        "together": "{count} cosas en {place}: {several}. Responda {code} por todas.",
        "together.none": "{count} tareas le esperan. Responda {code} por todas.",
        "together.place": "{count} cosas para ver: {place}. Responda {code} por todas.",
        "incident": "{homes} de {units} casas de {scheme} callan a la vez, {likely}. No nos llega "
        "ninguna alarma de ellas. Responda {code}.",
        "likely.power": "quiza un corte de luz",
        "likely.broadband": "quiza su internet",
        "likely.broker": "antes se perdio nuestro enlace con el broker",
        "likely.us": "antes estuvo parado el propio telecared",
        "list": "{left} casas de {scheme} pudieron pedir ayuda sin ser oidas, {after}: revise cada "
        "una ('telecared outages'). Responda {code}.",
        "list.one": "1 casa de {scheme} pudo pedir ayuda sin ser oida, {after}: revisela "
        "('telecared outages'). Responda {code}.",
        "after.power": "tras un corte de luz",
        "after.broadband": "tras un corte de internet",
        "after.broker": "tras perder el enlace con el broker",
        "after.us": "tras una parada de telecared",
        "after.provider": "tras un fallo del proveedor de SMS",
    },
    "pl": {
        "together": "{count} sprawy, {place}: {several}. Odpisz {code}, by wziac wszystkie.",
        "together.none": "Zadania dla Ciebie: {count}. Odpisz {code}, by wziac wszystkie.",
        "together.place": "Do sprawdzenia {count}: {place}. Odpisz {code}, by wziac wszystkie.",
        "incident": "{homes} z {units} domow ({scheme}) zamilklo naraz, {likely}. Nie dociera do "
        "nas stamtad zaden alarm. Odpisz {code}.",
        "likely.power": "pewnie brak pradu",
        "likely.broadband": "pewnie ich internet",
        "likely.broker": "wczesniej zerwalo sie nasze lacze z brokerem",
        "likely.us": "wczesniej nie dzialal sam telecared",
        "list": "{left} domow ({scheme}) moglo wzywac pomocy bez skutku, {after}: sprawdz kazdy "
        "('telecared outages'). Odpisz {code}.",
        "list.one": "1 dom ({scheme}) mogl wzywac pomocy bez skutku, {after}: sprawdz go "
        "('telecared outages'). Odpisz {code}.",
        "after.power": "po braku pradu",
        "after.broadband": "po utracie internetu",
        "after.broker": "po zerwaniu lacza z brokerem",
        "after.us": "po przerwie w dzialaniu telecared",
        "after.provider": "po awarii dostawcy SMS",
    },
}
"""Language -> name -> text."""
