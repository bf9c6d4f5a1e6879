"""Each person reads an alert in their own language; what a policy keeps back is in none of them."""

import msgspec
import pytest

from telecared.core.messages import (
    Reader,
    again,
    alarm,
    answer_soon,
    cancelled,
    dealt_with,
    fields_of,
    going,
    lapsed,
    planned,
    recovered,
    spoken,
    thanks,
)
from telecared.core.plan import Rule
from telecared.core.policy import Centre
from telecared.core.segments import first_segment, is_wide, names_code, segments
from telecared.core.vocabulary import Cause, Channel, Detail, Outcome, Priority
from telecared.core.when import ReadingIs
from telecared.core.words import WORDS, text_of
from tests.core.conftest import Story
from tests.core.test_messages import an_alert
from tests.core.world import BEN, CARA, FAMILY, TECHNICAL, plan_of, record_of

ON_THE_PAGE = ("link.", "outcome.", "cause.")
"""Texts of the page behind a link, which is no SMS."""

FALL = Rule(
    name="fall",
    when=ReadingIs(property="fall", values=("detected",)),
    priority=Priority.LIFE_SAFETY,
    say="Possible fall at {home.address}. Reply {code} if you are going.",
    says={"cy": "Cwymp posib yn {home.address}. Atebwch {code} os ydych yn mynd."},
)
WELSH_BEN = msgspec.structs.replace(BEN, language="cy")
GERMAN_CARA = msgspec.structs.replace(CARA, language="de-AT")


def test_every_language_says_everything_with_the_same_fields() -> None:
    """A translation that loses the code or the name would leave somebody without an answer."""
    for language, words in WORDS.items():
        assert words.keys() == WORDS["en"].keys(), language
        for name, text in words.items():
            assert set(fields_of(text)) == set(fields_of(WORDS["en"][name])), (language, name)
            if not name.startswith(ON_THE_PAGE):
                assert not is_wide(text), (language, name)


def test_every_ending_can_be_said_at_the_door_in_every_language() -> None:
    """Each outcome that people state, and each cause of a false alarm, has words of its own."""
    names = [f"outcome.{one}" for one in Outcome if one.stated]
    names += [f"cause.{one}" for one in Cause]
    for language, words in WORDS.items():
        said = [words[name] for name in names]
        assert len(set(said)) == len(said), language
        if language != "en":
            same = [name for name in names if words[name] == WORDS["en"][name]]
            assert not same, language


def test_a_language_is_looked_for_from_the_site_to_english() -> None:
    """The site's own words come first, its English before ours, a variant before its language."""
    own = {"en": {"take": "Send {code}."}, "de-AT": {"take": "Schick {code}."}}
    assert text_of("take", "de-AT", own) == "Schick {code}."
    assert text_of("take", "de", own) == WORDS["de"]["take"]
    assert text_of("take", "xx", own) == "Send {code}."
    assert text_of("cut", "xx", own) == WORDS["en"]["cut"]


def test_each_contact_reads_the_alarm_in_their_own_language(story: Story) -> None:
    """In the rule's own words where it has them in that language, in ours where it has not."""
    record = record_of(contacts=(WELSH_BEN, GERMAN_CARA))
    world = story(plan=plan_of([FALL]), record=record)
    world.hears("unit", fall="detected")
    world.expect_sms("ben", "Cwymp posib yn 12 Larch Close")
    world.advance(minutes=2)
    world.expect_sms("cara", "Alarm: fall, 12 Larch Close. Antworten Sie")


def test_a_site_that_speaks_german_reads_its_rules_as_written(story: Story) -> None:
    """`say` is in the site's language; a contact with another one reads ours."""
    plan = msgspec.structs.replace(
        plan_of(
            [msgspec.structs.replace(FALL, say="Sturz: {home.address}. Antwort {code}.", says={})]
        ),
        language="de",
    )
    english = msgspec.structs.replace(CARA, language="en")
    world = story(plan=plan, record=record_of(contacts=(BEN, english)))
    world.hears("unit", fall="detected")
    world.expect_sms("ben", "Sturz: 12 Larch Close. Antwort")
    world.advance(minutes=2)
    world.expect_sms("cara", "Alarm: fall at 12 Larch Close. Reply")


@pytest.mark.parametrize(
    ("detail", "said", "unsaid"),
    [
        (Detail.FULL, "Possible fall at 12 Larch Close", "x"),
        (Detail.PLACE, "Alarm at 12 Larch Close", "fall"),
        (Detail.NONE, "A telecare alarm needs you", "Larch"),
    ],
)
def test_a_text_tells_no_more_than_the_policy_allows(
    story: Story, detail: Detail, said: str, unsaid: str
) -> None:
    """Neither the alarm nor what follows it names what must not stand on somebody's phone."""
    policy = msgspec.structs.replace(FAMILY, detail=detail)
    plan = plan_of([FALL], policies=(policy, TECHNICAL))
    world = story(plan=plan)
    world.hears("unit", fall="detected")
    world.expect_sms("ben", said)
    alert = world.state.alerts[1]
    reader = Reader("en")
    for wording in (alarm(alert), going("Cara", alert), dealt_with("Cara", alert), again(alert)):
        assert unsaid not in wording(reader).replace("fallen", "")


@pytest.mark.parametrize("language", [*WORDS, "xx"])
def test_what_follows_an_alarm_can_be_answered_in_every_language(language: str) -> None:
    """The code is in the first SMS of whatever asks for an answer, and nothing is too long."""
    alert = an_alert(
        "Possible fall at 12 Larch Close. Reply 4711 if you are going.",
        texts={"de": "Sturz, 12 Larch Close. Antwort 4711."},
        abouts={"de": "Sturz, 12 Larch Close"},
    )
    reader = Reader(language)
    asking = [thanks("09:00", alert), again(alert), answer_soon(alert), lapsed(alert)]
    for wording in asking:
        assert names_code(first_segment(wording(reader)), "4711")
    telling = [
        going("Ben Hall", alert),
        dealt_with("Ben Hall", alert),
        recovered(alert),
        cancelled(alert),
        planned("Ben Hall", "09:00", alert),
    ]
    for wording in (*asking, *telling):
        assert segments(wording(reader)) <= 2


def test_a_voice_says_nothing_of_replying_by_sms() -> None:
    """Whoever is called has keys; the sentence with the code is for those who read."""
    alert = an_alert("Possible fall at 12 Larch Close. Reply 4711 if you are going. (late by 5m)")
    caller = Reader("en", Channel.VOICE)
    assert alarm(alert)(caller) == "Possible fall at 12 Larch Close. (late by 5m)"
    assert "4711" not in again(alert)(caller)
    assert "2 minutes" in again(alert)(caller)
    assert spoken("4711: Long. Reply 4711.", "4711") == "Long."
    assert spoken("Alarm 4711.", "4711") == "Alarm 4711."


def test_a_finding_of_the_machinery_is_told_in_the_sites_own_words(story: Story) -> None:
    """A site may say it in its language; without such words it is named and placed."""
    german = msgspec.structs.replace(plan_of(), language="de", centre=Centre(sms="+447700900900"))
    world = story(plan=german)
    world.hears("nobody-knows", motion="detected")
    world.expect_sms("monitoring_centre", "Störung: unknown device, 12 Larch Close")
    own = {"de": {"finding.unknown-device": "Fremdes Gerät: {device.id}. Antwort {code}."}}
    said = msgspec.structs.replace(german, words=own)
    world = story(plan=said)
    world.hears("nobody-knows", motion="detected")
    world.expect_sms("monitoring_centre", "Fremdes Gerät: nobody-knows")
