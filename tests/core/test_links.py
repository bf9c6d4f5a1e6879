"""The link in an SMS: which texts have one, what it costs, and whose token it is."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from telecared.core.effects import Notify
from telecared.core.links import (
    PLACEHOLDER,
    TOKEN_LENGTH,
    notification_of,
    token_of,
    with_link,
    with_token,
)
from telecared.core.plan import Rule
from telecared.core.policy import Policy, Step
from telecared.core.segments import MAX_SEGMENTS, first_segment, is_wide, names_code, segments
from telecared.core.vocabulary import Channel, Priority
from telecared.core.when import ReadingIs
from tests.core.conftest import Story
from tests.core.world import CENTRE, plan_of, record_of

URL = "https://care.example.org"
SECRET = bytes(range(32))
PRESSED = Rule(
    name="pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
    say="Pendant at {home.address}. Reply {code} if you are going.",
)
BOTH = Policy(
    name="family-then-centre",
    steps=(
        Step(notify=("carer",), by=(Channel.SMS, Channel.VOICE, Channel.EMAIL)),
        Step(notify=(CENTRE,)),
    ),
)


def pages(story: Story, url: str) -> list[Notify]:
    """What is sent of a press: to a carer by every channel, then to the centre."""
    channels = (Channel.SMS, Channel.VOICE, Channel.EMAIL)
    plan = replace(plan_of([PRESSED], policies=[BOTH], channels=channels), link_url=url)
    ben = replace(record_of().contacts[0], email="ben@example.org")
    world = story(plan=plan, record=record_of(contacts=(ben,)))
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=4)
    world.accepts("ben")
    world.forget_messages()
    return world.notifications()


def test_a_page_by_sms_ends_with_a_link_and_nothing_else_has_one(story: Story) -> None:
    """No call, no e-mail, not the centre's phone, and no thanks: only who is asked to go."""
    linked = [one for one in pages(story, URL) if "/r/" in one.text]
    assert {(one.to, one.channel) for one in linked} == {("ben", Channel.SMS)}
    assert linked[0].text.endswith(f" if you are going. {URL}/r/{PLACEHOLDER}")


def test_without_an_address_texts_are_as_they_were(story: Story) -> None:
    """What is sent besides, to whom and when is the same with links and without."""
    plain, linked = pages(story, ""), pages(story, URL)
    assert not any("/r/" in one.text for one in plain)
    ending = f" {URL}/r/{PLACEHOLDER}"
    told = [replace(one, text=one.text.removesuffix(ending)) for one in linked]
    assert told == plain


def test_a_link_is_left_out_where_it_does_not_fit() -> None:
    """Rather a message without a link than one that is cut, or that loses its code."""
    assert with_link("Reply 4711.", "4711", URL) == f"Reply 4711. {URL}/r/{PLACEHOLDER}"
    assert with_link("Reply 4711.", "4711", "") == "Reply 4711."
    longest = f"Reply 4711. {'x' * 280}"
    assert segments(longest) == MAX_SEGMENTS
    assert with_link(longest, "4711", URL) == longest
    late_code = f"{'x' * 145} Reply 4711."  # one SMS holds it; the first of two would part it
    assert segments(late_code) == 1
    assert with_link(late_code, "4711", URL) == late_code


@given(
    text=st.text(alphabet="aä{ Ж", max_size=330), url=st.sampled_from([URL, "http://192.0.2.7:80"])
)
def test_a_linked_text_keeps_its_limits_whatever_its_token(text: str, url: str) -> None:
    """As many SMS with the token as with what stands for it, and the code in the first."""
    linked = with_link(f"4711 {text}", "4711", url)
    sent = with_token(linked, token_of(SECRET, "larch-12/1-1"))
    assert segments(sent) == segments(linked) <= max(segments(f"4711 {text}"), MAX_SEGMENTS)
    assert is_wide(sent) == is_wide(linked)
    assert names_code(first_segment(sent), "4711")


def test_a_token_opens_one_notification_and_no_other() -> None:
    """Another notification, another secret, another token; a guess opens nothing."""
    ids = [f"larch-12/1-{k}" for k in range(1, 20)]
    token = token_of(SECRET, ids[3])
    assert len(token) == len(PLACEHOLDER) == TOKEN_LENGTH
    assert notification_of(SECRET, token, ids) == ids[3]
    assert notification_of(bytes(32), token, ids) is None
    assert notification_of(SECRET, "é" * TOKEN_LENGTH, ids) is None
    assert len({token_of(SECRET, one) for one in ids}) == len(ids)


def test_only_what_ends_with_a_link_is_changed_on_its_way_out() -> None:
    """A text without one leaves as it was decided."""
    assert with_token("Thank you.", "t" * TOKEN_LENGTH) == "Thank you."
    assert with_token(f"Go. {URL}/r/{PLACEHOLDER}", "t" * 16) == f"Go. {URL}/r/{'t' * 16}"
