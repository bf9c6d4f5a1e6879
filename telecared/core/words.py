"""Every text of ours in the languages that ship, by name. Rules bring texts of their own.

A site may say any of them otherwise (`words:` in a rule file), and add languages. All keep to the
GSM alphabet where a language allows it, so that an SMS holds 160 letters and not 70: Polish,
Spanish and French are written without the marks that their readers' own phones leave out too.
Help for replies stands in `words_help`, what is told of storms in `words_storms`; what the page
behind a link says, which is no SMS, in `words_link` and `words_endings`.
"""

from collections.abc import Mapping
from typing import Final

from telecared.core.words_endings import ENDINGS
from telecared.core.words_help import HELP
from telecared.core.words_link import LINK
from telecared.core.words_storms import STORMS

FALLBACK: Final = "en"
"""What is said where neither the site nor we have a text in a language."""

_EN: Final = {
    "default.life_safety": "Alarm: {rule} at {home.address}. Reply {code} if you are going.",
    "default.urgent": "Please check: {rule} at {home.address}. Reply {code} if you are going.",
    "default.routine": "To look at: {rule} at {home.address}. Reply {code} if you take it.",
    "default.technical": "Fault: {rule} at {home.address}. Reply {code} if you take it.",
    "place.alarm": "Alarm at {home.address}. Reply {code} if you are going.",
    "place.task": "To look at: {home.address}. Reply {code} if you take it.",
    "none.alarm": "A telecare alarm needs you. Reply {code} if you are going.",
    "none.task": "A telecare task needs you. Reply {code} if you take it.",
    "take": "Reply {code} if you take it.",
    "cut": "... Reply {code}.",
    "late": " (late by {late})",
    "about.full": "{rule} at {place}",
    "about.place": "alert at {place}",
    "about.none": "alert {code}",
    "going": "{who} is going: {what}. You need not do anything more.",
    "dealt_with": "{who} has dealt with it: {what}. It is over.",
    "recovered": "It is over by itself: {what}.",
    "thanks": "Thank you. You have it until {until}. If you cannot go after all, reply NO {code}.",
    "again": "AGAIN: {text}",
    "confirmed": "CONFIRMED: {text}",
    "answer_soon": "{text} Reply {code} within 2 minutes or others are told.",
    "answer_soon_key": "{text} If you do not answer within 2 minutes, others are told.",
    "unfixed": "NOT MENDED for {lasted}: ",
    "unfixed_planned": "NOT MENDED for {lasted}, and the interim plan has ended: ",
    "planned": "{who} has an interim plan until {until}: {what}. It is told again then.",
    "cancelled": "The resident has cancelled: {what}. Please make sure all the same.",
    "unanswered": "NOT ANSWERED at the monitoring centre for {lasted}: {text}",
    "lapsed": "Are you still there? Reply {code} to keep it, HELPED {code} if it is over. "
    "Others are told: {what}.",
    "going_in": "{who} is going, there in {minutes} minutes: {what}. You need not do anything "
    "more.",
    "going_too": "{who} is going too: {what}.",
    "going_of": "{who} is going, {count} of {needed} needed: {what}. Reply {code} if you are "
    "going too.",
    "thanks_of": "Thank you. You are {count} of {needed} needed, others are still told. If you "
    "cannot go after all, reply NO {code}.",
    "arrived": "{who} is there now: {what}. You need not do anything more.",
    "arrived_of": "{who} is there now, {count} of {needed} needed: {what}. Reply {code} if you are "
    "going.",
    "arrived_too": "{who} is there now: {what}.",
    "handed_to": "{who} has handed this to you until {until}: {text} If you cannot go, reply NO "
    "{code}.",
    "handed_now": "{who} has handed this to you: {text} Reply {code} within 2 minutes or others "
    "are told, NO {code} if you cannot go.",
    "handed_on": "{who} has it now: {what}. You need not do anything more.",
    "more_help": "{who} has asked for more help, others are told: {what}. You still have it.",
    "how_ended": "How did it end? Reply HELPED {code}, FALSE {code}, 999 {code}, NOBODY {code} "
    "or FIXED {code}: {what}.",
    "closed": "Thank you. It is over: {what}.",
    "linked": "{what} and {other} are one alert now. Reply {code} for both.",
    "coming": "Help is coming: {who} is on the way to you.",
    "coming_in": "Help is coming: {who} is about {minutes} minutes away.",
    "answered": "Your alarm has been heard. {who} is taking care of it.",
}

_CY: Final = {
    "default.life_safety": "Larwm: {rule} yn {home.address}. Atebwch {code} os ydych yn mynd.",
    "default.urgent": "Gwiriwch: {rule} yn {home.address}. Atebwch {code} os ydych yn mynd.",
    "default.routine": "I'w wirio: {rule} yn {home.address}. Atebwch {code} i'w gymryd.",
    "default.technical": "Nam: {rule} yn {home.address}. Atebwch {code} i'w gymryd.",
    "place.alarm": "Larwm yn {home.address}. Atebwch {code} os ydych yn mynd.",
    "place.task": "I'w wirio: {home.address}. Atebwch {code} i'w gymryd.",
    "none.alarm": "Mae angen eich help gyda larwm teleofal. Atebwch {code} os ydych yn mynd.",
    "none.task": "Mae angen eich help gyda thasg teleofal. Atebwch {code} i'w chymryd.",
    "take": "Atebwch {code} i'w gymryd.",
    "cut": "... Atebwch {code}.",
    "late": " (yn hwyr o {late})",
    "about.full": "{rule} yn {place}",
    "about.place": "larwm yn {place}",
    "about.none": "larwm {code}",
    "going": "Mae {who} yn mynd: {what}. Nid oes angen i chi wneud dim mwy.",
    "dealt_with": "Mae {who} wedi delio gyda hyn: {what}. Mae drosodd.",
    "recovered": "Mae drosodd ohono'i hun: {what}.",
    "thanks": "Diolch. Chi sy'n gyfrifol hyd {until}. Os na allwch fynd, atebwch NA {code}.",
    "again": "ETO: {text}",
    "confirmed": "CADARNHAWYD: {text}",
    "answer_soon": "{text} Atebwch {code} o fewn 2 funud neu dywedir wrth eraill.",
    "answer_soon_key": "{text} Os na atebwch o fewn 2 funud, dywedir wrth eraill.",
    "unfixed": "HEB EI DRWSIO ers {lasted}: ",
    "unfixed_planned": "HEB EI DRWSIO ers {lasted}, ac mae'r cynllun dros dro ar ben: ",
    "planned": "Mae gan {who} gynllun dros dro hyd {until}: {what}. Dywedir eto wedyn.",
    "cancelled": "Mae'r preswylydd wedi canslo: {what}. Gwnewch yn siwr serch hynny.",
    "unanswered": "HEB ATEB yn y ganolfan ers {lasted}: {text}",
    "lapsed": "Ydych chi yno o hyd? Atebwch {code} i'w gadw, HELPWYD {code} os yw drosodd. "
    "Dywedir wrth eraill: {what}.",
    "going_in": "Mae {who} yn mynd, yno mewn {minutes} munud: {what}. Nid oes angen i chi wneud "
    "dim mwy.",
    "going_too": "Mae {who} yn mynd hefyd: {what}.",
    "going_of": "Mae {who} yn mynd, {count} o {needed}: {what}. Atebwch {code} os ydych yn mynd "
    "hefyd.",
    "thanks_of": "Diolch. Chi yw {count} o {needed}, dywedir wrth eraill o hyd. Os na allwch "
    "fynd, atebwch NA {code}.",
    "arrived": "Mae {who} yno nawr: {what}. Nid oes angen i chi wneud dim mwy.",
    "arrived_of": "Mae {who} yno nawr, {count} o {needed}: {what}. Atebwch {code} os ydych yn "
    "mynd.",
    "arrived_too": "Mae {who} yno nawr: {what}.",
    "handed_to": "Mae {who} wedi rhoi hyn i chi hyd {until}: {text} Os na allwch fynd, atebwch "
    "NA {code}.",
    "handed_now": "Mae {who} wedi rhoi hyn i chi: {text} Atebwch {code} o fewn 2 funud neu dywedir "
    "wrth eraill, NA {code} os na allwch fynd.",
    "handed_on": "{who} sy'n gyfrifol nawr: {what}. Nid oes angen i chi wneud dim mwy.",
    "more_help": "Mae {who} wedi gofyn am fwy o help, dywedir wrth eraill: {what}. Chi sy'n "
    "gyfrifol o hyd.",
    "how_ended": "Sut daeth i ben? Atebwch HELPWYD {code}, FFUG {code}, 999 {code}, NEB {code} "
    "neu TRWSIWYD {code}: {what}.",
    "closed": "Diolch. Mae drosodd: {what}.",
    "linked": "Un rhybudd yw {what} a {other} nawr. Atebwch {code} ar gyfer y ddau.",
    "coming": "Mae help ar y ffordd: mae {who} yn dod atoch.",
    "coming_in": "Mae help ar y ffordd: mae {who} tua {minutes} munud i ffwrdd.",
    "answered": "Mae eich larwm wedi ei glywed. Mae {who} yn delio ag ef.",
}

_DE: Final = {
    "default.life_safety": "Alarm: {rule}, {home.address}. Antworten Sie {code}, wenn Sie gehen.",
    "default.urgent": "Bitte nachsehen: {rule}, {home.address}. Antwort {code}, wenn Sie gehen.",
    "default.routine": "Zu erledigen: {rule}, {home.address}. Antwort {code}, wenn Sie es tun.",
    "default.technical": "Störung: {rule}, {home.address}. Antwort {code}, wenn Sie es tun.",
    "place.alarm": "Alarm: {home.address}. Antworten Sie {code}, wenn Sie gehen.",
    "place.task": "Zu erledigen: {home.address}. Antwort {code}, wenn Sie es tun.",
    "none.alarm": "Ein Hausnotruf braucht Sie. Antworten Sie {code}, wenn Sie gehen.",
    "none.task": "Eine Aufgabe des Hausnotrufs wartet. Antwort {code}, wenn Sie es tun.",
    "take": "Antwort {code}, wenn Sie es tun.",
    "cut": "... Antwort {code}.",
    "late": " (verspätet um {late})",
    "about.full": "{rule}, {place}",
    "about.place": "Alarm, {place}",
    "about.none": "Alarm {code}",
    "going": "{who} geht hin: {what}. Sie müssen nichts mehr tun.",
    "dealt_with": "{who} hat sich gekümmert: {what}. Es ist vorbei.",
    "recovered": "Von selbst vorbei: {what}.",
    "thanks": "Danke. Es ist bis {until} bei Ihnen. Wenn doch nicht, antworten Sie NEIN {code}.",
    "again": "ERNEUT: {text}",
    "confirmed": "BESTÄTIGT: {text}",
    "answer_soon": "{text} Antworten Sie {code} in 2 Minuten, sonst werden andere gerufen.",
    "answer_soon_key": "{text} Ohne Antwort in 2 Minuten werden andere gerufen.",
    "unfixed": "SEIT {lasted} NICHT BEHOBEN: ",
    "unfixed_planned": "SEIT {lasted} NICHT BEHOBEN, und der Zwischenplan ist zu Ende: ",
    "planned": "{who} hat bis {until} einen Zwischenplan: {what}. Dann wird es wieder gemeldet.",
    "cancelled": "Der Bewohner hat abgebrochen: {what}. Bitte trotzdem nachsehen.",
    "unanswered": "SEIT {lasted} OHNE ANTWORT in der Zentrale: {text}",
    "lapsed": "Sind Sie noch da? Antwort {code}, um es zu behalten, GEHOLFEN {code}, wenn es "
    "vorbei ist. Andere werden gerufen: {what}.",
    "going_in": "{who} geht hin, in {minutes} Minuten da: {what}. Sie müssen nichts mehr tun.",
    "going_too": "{who} geht auch hin: {what}.",
    "going_of": "{who} geht hin, {count} von {needed}: {what}. Antworten Sie {code}, wenn Sie "
    "auch gehen.",
    "thanks_of": "Danke. Sie sind {count} von {needed}, andere werden noch gerufen. Können Sie "
    "doch nicht, antworten Sie NEIN {code}.",
    "arrived": "{who} ist jetzt da: {what}. Sie müssen nichts mehr tun.",
    "arrived_of": "{who} ist jetzt da, {count} von {needed}: {what}. Antworten Sie {code}, wenn "
    "Sie gehen.",
    "arrived_too": "{who} ist jetzt da: {what}.",
    "handed_to": "{who} hat es Ihnen bis {until} übergeben: {text} Können Sie nicht, antworten "
    "Sie NEIN {code}.",
    "handed_now": "{who} hat es Ihnen übergeben: {text} Antworten Sie {code} in 2 Minuten, sonst "
    "werden andere gerufen, NEIN {code}, wenn Sie nicht können.",
    "handed_on": "{who} hat es jetzt: {what}. Sie müssen nichts mehr tun.",
    "more_help": "{who} hat mehr Hilfe angefordert, andere werden gerufen: {what}. Sie haben es "
    "weiter.",
    "how_ended": "Wie ging es aus? Antworten Sie GEHOLFEN {code}, FEHLALARM {code}, 112 {code}, "
    "NIEMAND {code} oder BEHOBEN {code}: {what}.",
    "closed": "Danke. Es ist vorbei: {what}.",
    "linked": "{what} und {other} sind jetzt eine Meldung. Antworten Sie {code} für beide.",
    "coming": "Hilfe kommt: {who} ist auf dem Weg zu Ihnen.",
    "coming_in": "Hilfe kommt: {who} ist in etwa {minutes} Minuten da.",
    "answered": "Ihr Alarm wurde gehört. {who} kümmert sich darum.",
}

_FR: Final = {
    "default.life_safety": "Alarme : {rule}, {home.address}. Répondez {code} si vous y allez.",
    "default.urgent": "A vérifier : {rule}, {home.address}. Répondez {code} si vous y allez.",
    "default.routine": "A faire : {rule}, {home.address}. Répondez {code} si vous le prenez.",
    "default.technical": "Panne : {rule}, {home.address}. Répondez {code} si vous la prenez.",
    "place.alarm": "Alarme : {home.address}. Répondez {code} si vous y allez.",
    "place.task": "A faire : {home.address}. Répondez {code} si vous le prenez.",
    "none.alarm": "Une alarme a besoin de vous. Répondez {code} si vous y allez.",
    "none.task": "Une intervention vous attend. Répondez {code} si vous la prenez.",
    "take": "Répondez {code} si vous le prenez.",
    "cut": "... Répondez {code}.",
    "late": " (retard de {late})",
    "about.full": "{rule}, {place}",
    "about.place": "alarme, {place}",
    "about.none": "alarme {code}",
    "going": "{who} y va : {what}. Vous n'avez plus rien à faire.",
    "dealt_with": "{who} s'en est occupé : {what}. C'est fini.",
    "recovered": "C'est fini tout seul : {what}.",
    "thanks": "Merci. C'est à vous jusqu'à {until}. Si vous ne pouvez plus, répondez NON {code}.",
    "again": "ENCORE : {text}",
    "confirmed": "CONFIRMEE : {text}",
    "answer_soon": "{text} Répondez {code} dans les 2 minutes, sinon on appelle d'autres.",
    "answer_soon_key": "{text} Sans réponse dans les 2 minutes, on appelle d'autres.",
    "unfixed": "NON REPARE depuis {lasted} : ",
    "unfixed_planned": "NON REPARE depuis {lasted}, et la solution provisoire est finie : ",
    "planned": "{who} a une solution jusqu'à {until} : {what}. On le redira alors.",
    "cancelled": "La personne a annulé : {what}. Vérifiez quand meme.",
    "unanswered": "SANS REPONSE du centre depuis {lasted} : {text}",
    "lapsed": "Etes-vous encore là ? Répondez {code} pour le garder, SECOURU {code} si c'est "
    "fini. D'autres sont appelés : {what}.",
    "going_in": "{who} y va, sur place dans {minutes} minutes : {what}. Vous n'avez plus rien à "
    "faire.",
    "going_too": "{who} y va aussi : {what}.",
    "going_of": "{who} y va, {count} sur {needed} : {what}. Répondez {code} si vous y allez aussi.",
    "thanks_of": "Merci. Vous etes {count} sur {needed}, d'autres sont encore appelés. Si vous "
    "ne pouvez plus, répondez NON {code}.",
    "arrived": "{who} est sur place : {what}. Vous n'avez plus rien à faire.",
    "arrived_of": "{who} est sur place, {count} sur {needed} : {what}. Répondez {code} si vous y "
    "allez.",
    "arrived_too": "{who} est sur place : {what}.",
    "handed_to": "{who} vous l'a confié jusqu'à {until} : {text} Si vous ne pouvez pas, "
    "répondez NON {code}.",
    "handed_now": "{who} vous l'a confié : {text} Répondez {code} dans les 2 minutes, sinon on "
    "appelle d'autres, NON {code} si vous ne pouvez pas.",
    "handed_on": "{who} s'en charge : {what}. Vous n'avez plus rien à faire.",
    "more_help": "{who} a demandé plus d'aide, d'autres sont appelés : {what}. C'est toujours à "
    "vous.",
    "how_ended": "Comment cela a-t-il fini ? Répondez SECOURU {code}, FAUSSE {code}, 112 "
    "{code}, PERSONNE {code} ou REPARE {code} : {what}.",
    "closed": "Merci. C'est fini : {what}.",
    "linked": "{what} et {other} ne font plus qu'une alarme. Répondez {code} pour les deux.",
    "coming": "De l'aide arrive : {who} est en route.",
    "coming_in": "De l'aide arrive : {who} est à environ {minutes} minutes.",
    "answered": "Votre alarme a été entendue. {who} s'en occupe.",
}

_ES: Final = {
    "default.life_safety": "Alarma: {rule} en {home.address}. Responda {code} si va.",
    "default.urgent": "Por favor compruebe: {rule} en {home.address}. Responda {code} si va.",
    "default.routine": "Para ver: {rule} en {home.address}. Responda {code} si se encarga.",
    "default.technical": "Fallo: {rule} en {home.address}. Responda {code} si se encarga.",
    "place.alarm": "Alarma en {home.address}. Responda {code} si va.",
    "place.task": "Para ver: {home.address}. Responda {code} si se encarga.",
    "none.alarm": "Una alarma le necesita. Responda {code} si va.",
    "none.task": "Una tarea le espera. Responda {code} si se encarga.",
    "take": "Responda {code} si se encarga.",
    "cut": "... Responda {code}.",
    "late": " (con retraso de {late})",
    "about.full": "{rule} en {place}",
    "about.place": "alarma en {place}",
    "about.none": "alarma {code}",
    "going": "{who} va: {what}. No tiene que hacer nada.",
    "dealt_with": "{who} se ha ocupado: {what}. Ha terminado.",
    "recovered": "Ha terminado por si solo: {what}.",
    "thanks": "Gracias. Es suyo hasta las {until}. Si al final no puede, responda NO {code}.",
    "again": "OTRA VEZ: {text}",
    "confirmed": "CONFIRMADA: {text}",
    "answer_soon": "{text} Responda {code} en 2 minutos o se llama a otros.",
    "answer_soon_key": "{text} Si no responde en 2 minutos, se llama a otros.",
    "unfixed": "SIN REPARAR desde hace {lasted}: ",
    "unfixed_planned": "SIN REPARAR desde hace {lasted}, y el plan provisional ha terminado: ",
    "planned": "{who} tiene un plan hasta {until}: {what}. Entonces se repite.",
    "cancelled": "La persona lo ha cancelado: {what}. Compruebe de todos modos.",
    "unanswered": "SIN RESPUESTA en la central desde hace {lasted}: {text}",
    "lapsed": "Sigue usted? Responda {code} para seguir, AYUDADO {code} si ha terminado. Se "
    "llama a otros: {what}.",
    "going_in": "{who} va, llega en {minutes} minutos: {what}. No tiene que hacer nada.",
    "going_too": "{who} va tambien: {what}.",
    "going_of": "{who} va, {count} de {needed}: {what}. Responda {code} si va usted tambien.",
    "thanks_of": "Gracias. Es usted {count} de {needed}, se sigue llamando a otros. Si al final "
    "no puede, responda NO {code}.",
    "arrived": "{who} ya esta alli: {what}. No tiene que hacer nada.",
    "arrived_of": "{who} ya esta alli, {count} de {needed}: {what}. Responda {code} si va.",
    "arrived_too": "{who} ya esta alli: {what}.",
    "handed_to": "{who} se lo ha pasado hasta las {until}: {text} Si no puede ir, responda NO "
    "{code}.",
    "handed_now": "{who} se lo ha pasado: {text} Responda {code} en 2 minutos o se llama a otros, "
    "NO {code} si no puede ir.",
    "handed_on": "{who} se encarga ahora: {what}. No tiene que hacer nada.",
    "more_help": "{who} ha pedido mas ayuda, se llama a otros: {what}. Sigue siendo suyo.",
    "how_ended": "Como ha terminado? Responda AYUDADO {code}, FALSA {code}, 112 {code}, NADIE "
    "{code} o REPARADO {code}: {what}.",
    "closed": "Gracias. Ha terminado: {what}.",
    "linked": "{what} y {other} son ahora una sola alarma. Responda {code} para las dos.",
    "coming": "La ayuda esta en camino: va {who}.",
    "coming_in": "La ayuda esta en camino: {who} llega en unos {minutes} minutos.",
    "answered": "Se ha recibido su alarma. {who} se ocupa.",
}

_PL: Final = {
    "default.life_safety": "Alarm: {rule}, {home.address}. Odpisz {code}, jesli idziesz.",
    "default.urgent": "Prosze sprawdzic: {rule}, {home.address}. Odpisz {code}, jesli idziesz.",
    "default.routine": "Do sprawdzenia: {rule}, {home.address}. Odpisz {code}, jesli to bierzesz.",
    "default.technical": "Usterka: {rule}, {home.address}. Odpisz {code}, jesli to bierzesz.",
    "place.alarm": "Alarm: {home.address}. Odpisz {code}, jesli idziesz.",
    "place.task": "Do sprawdzenia: {home.address}. Odpisz {code}, jesli to bierzesz.",
    "none.alarm": "Alarm wymaga Twojej pomocy. Odpisz {code}, jesli idziesz.",
    "none.task": "Zadanie czeka na Ciebie. Odpisz {code}, jesli to bierzesz.",
    "take": "Odpisz {code}, jesli to bierzesz.",
    "cut": "... Odpisz {code}.",
    "late": " (spoznienie {late})",
    "about.full": "{rule}, {place}",
    "about.place": "alarm, {place}",
    "about.none": "alarm {code}",
    "going": "{who} idzie: {what}. Nie musisz nic wiecej robic.",
    "dealt_with": "{who} sie tym zajal(a): {what}. Koniec alarmu.",
    "recovered": "Samo minelo: {what}.",
    "thanks": "Dziekujemy. To Twoje do {until}. Jesli jednak nie mozesz, odpisz NIE {code}.",
    "again": "ZNOWU: {text}",
    "confirmed": "POTWIERDZONE: {text}",
    "answer_soon": "{text} Odpisz {code} w ciagu 2 minut, inaczej wezwiemy innych.",
    "answer_soon_key": "{text} Bez odpowiedzi w ciagu 2 minut wezwiemy innych.",
    "unfixed": "NIENAPRAWIONE od {lasted}: ",
    "unfixed_planned": "NIENAPRAWIONE od {lasted}, a plan tymczasowy sie skonczyl: ",
    "planned": "{who} ma plan tymczasowy do {until}: {what}. Potem powiemy znowu.",
    "cancelled": "Mieszkaniec odwolal: {what}. Prosze mimo to sprawdzic.",
    "unanswered": "BRAK ODPOWIEDZI w centrali od {lasted}: {text}",
    "lapsed": "Czy nadal tam jestes? Odpisz {code}, by to zatrzymac, ZALATWIONE {code}, jesli "
    "koniec. Wzywamy innych: {what}.",
    "going_in": "{who} idzie, na miejscu za {minutes} minut: {what}. Nie musisz nic wiecej robic.",
    "going_too": "{who} tez idzie: {what}.",
    "going_of": "{who} idzie, {count} z {needed}: {what}. Odpisz {code}, jesli tez idziesz.",
    "thanks_of": "Dziekujemy. Jestes {count} z {needed}, wzywamy jeszcze innych. Jesli jednak "
    "nie mozesz, odpisz NIE {code}.",
    "arrived": "{who} jest na miejscu: {what}. Nie musisz nic wiecej robic.",
    "arrived_of": "{who} jest na miejscu, {count} z {needed}: {what}. Odpisz {code}, jesli "
    "idziesz.",
    "arrived_too": "{who} jest na miejscu: {what}.",
    "handed_to": "{who} przekazuje to Tobie do {until}: {text} Jesli nie mozesz, odpisz NIE "
    "{code}.",
    "handed_now": "{who} przekazuje to Tobie: {text} Odpisz {code} w ciagu 2 minut, inaczej "
    "wezwiemy innych, NIE {code}, jesli nie mozesz.",
    "handed_on": "{who} ma to teraz: {what}. Nie musisz nic wiecej robic.",
    "more_help": "{who} prosi o wiecej pomocy, wzywamy innych: {what}. To nadal Twoje.",
    "how_ended": "Jak sie skonczylo? Odpisz ZALATWIONE {code}, FALSZYWY {code}, 112 {code}, "
    "NIKT {code} lub NAPRAWIONE {code}: {what}.",
    "closed": "Dziekujemy. Koniec alarmu: {what}.",
    "linked": "{what} i {other} to teraz jeden alarm. Odpisz {code} w sprawie obu.",
    "coming": "Pomoc w drodze: {who} idzie do Ciebie.",
    "coming_in": "Pomoc w drodze: {who} bedzie za okolo {minutes} minut.",
    "answered": "Twoj alarm zostal uslyszany. Zajmuje sie tym {who}.",
}

_ALERTS: Final = {"en": _EN, "cy": _CY, "de": _DE, "fr": _FR, "es": _ES, "pl": _PL}

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    language: {
        **words,
        **HELP[language],
        **STORMS[language],
        **LINK[language],
        **ENDINGS[language],
    }
    for language, words in _ALERTS.items()
}
"""Language -> name -> text. Every language has every name (a test holds that)."""


def text_of(name: str, language: str, own: Mapping[str, Mapping[str, str]]) -> str:
    """Return a text of ours in a language: the site's own words, ours, or English.

    `de-AT` is looked for as itself, then as `de`.

    Raises:
        KeyError: no text has this name.
    """
    base = language.partition("-")[0]
    for words in (own.get(language), own.get(base), WORDS.get(base), own.get(FALLBACK)):
        if words is not None and name in words:
            return words[name]
    return WORDS[FALLBACK][name]
