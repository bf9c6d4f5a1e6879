"""Nobody is told what is over, twice on one phone, or outside the hours that hold by then."""

from telecared.core.plan import Rule
from telecared.core.policy import Contact
from telecared.core.vocabulary import AlertState, NotificationState, Priority
from telecared.core.when import ReadingIs, Window
from tests.core.conftest import Story
from tests.core.world import BEN, CARA, CENTRE, plan_of, record_of

PRESSED = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
    say="Pendant at {home.address}. Reply {code} if you are going.",
)
MUM = Contact(id="mum", name="Joan Hall", phone=BEN.phone, roles=("carer",))


def test_a_page_given_up_for_its_receipt_is_taken_back_when_somebody_goes(story: Story) -> None:
    """While the provider takes nothing pages still wait in the outbox; nobody gets them later."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=1, seconds=1)
    told = world.alert().told
    assert told[0].state is NotificationState.FAILED
    world.accepts("cara")
    assert world.withdrawn() == ["ben", "cara"]
    world.forget_messages()


def test_a_page_given_up_for_its_receipt_is_taken_back_when_it_is_over(story: Story) -> None:
    """A page of an alert that somebody has resolved sends nobody out hours later."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=3)
    world.resolves("Olga")
    assert set(world.withdrawn()) == {"ben", "cara", CENTRE}
    world.forget_messages()


def test_a_repeat_takes_the_place_of_the_page_that_still_waits(story: Story) -> None:
    """An hour without a provider leaves the centre one page to read, not forty."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.advance(hours=1)
    pages = [one for one in world.notifications() if one.to == CENTRE]
    assert len(pages) > 10
    assert world.withdrawn().count(CENTRE) == len(pages) - 1
    world.forget_messages()


def test_hours_are_judged_when_the_page_is_really_sent(story: Story) -> None:
    """Due at 07:30 while we were down, told at 18:00: whoever is reachable at 18:00 is told."""
    evenings = Window(start=17 * 60, end=8 * 60)
    days = Window(start=8 * 60, end=17 * 60)
    cara = Contact(id="cara", name="Cara Singh", phone=CARA.phone, roles=("key_holder",),
                   reachable=(evenings,))  # fmt: skip
    dan = Contact(id="dan", name="Dan Moss", phone="+447700900125", roles=("key_holder",),
                  reachable=(days,))  # fmt: skip
    world = story(rules=[PRESSED], record=record_of(contacts=(BEN, cara, dan)),
                  start="2026-03-01T16:30Z")  # fmt: skip
    world.hears("pendant", trigger="pressed")
    world.expect_sms("ben")
    world.advance(minutes=1)
    world.stopped_for(hours=2)
    world.expect_sms("cara")
    world.expect_nothing()


def test_who_shares_a_phone_with_the_owner_is_not_told_to_stay(story: Story) -> None:
    """Two contacts on one phone: it does not hear "you need do nothing" beside "thank you"."""
    world = story(rules=[PRESSED], record=record_of(contacts=(BEN, MUM, CARA)))
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    world.accepts("mum")
    world.expect_sms("mum", "Thank you")
    world.expect_nothing()


def test_a_no_from_a_shared_phone_is_everybodys_no(story: Story) -> None:
    """Nobody waits for the other contact behind the same phone."""
    world = story(rules=[PRESSED], record=record_of(contacts=(BEN, MUM, CARA)))
    world.hears("pendant", trigger="pressed")
    world.forget_messages()
    world.declines("mum")
    world.expect_sms("cara")


def test_either_contact_of_a_shared_phone_hands_it_back_or_keeps_it(story: Story) -> None:
    """The phone that has the alert may answer for it, whichever contact it is taken for."""
    world = story(rules=[PRESSED], record=record_of(contacts=(BEN, MUM, CARA)))
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    assert world.accepts("mum").done
    world.declines("mum")
    assert world.alert().state is AlertState.OPEN
    world.forget_messages()


def test_a_failing_number_is_not_tried_every_half_minute_for_a_flat_battery(story: Story) -> None:
    """Of what is routine or technical the centre's failed message waits for its usual hour."""
    rule = Rule(name="battery", when=ReadingIs(property="battery", values=("low",)),
                priority=Priority.TECHNICAL, policy="technical")  # fmt: skip
    world = story(plan=plan_of([rule]), delivers=None)
    world.hears("hall-pir", battery="low")
    for _ in range(60):
        world.reports(CENTRE, NotificationState.UNDELIVERED)
        world.advance(minutes=1)
    assert len(world.notifications()) == 5
    world.forget_messages()


def test_who_gave_no_receipt_hears_that_somebody_else_is_going(story: Story) -> None:
    """A network without receipts delivers all the same: Ben need not set out as well."""
    world = story(rules=[PRESSED], delivers=None)
    world.hears("pendant", trigger="pressed")
    world.advance(minutes=1, seconds=1)
    world.forget_messages()
    world.accepts("cara")
    world.expect_sms("ben", "Cara Singh is going")
    world.expect_sms("cara", "Thank you")


def test_a_centre_that_opted_out_is_seen_and_told_all_the_same(story: Story) -> None:
    """Somebody wrote STOP from the centre's phone: that it hears nothing stands in its queue."""
    world = story(rules=[PRESSED], delivers=None, record=record_of(contacts=()))
    world.hears("pendant", trigger="pressed")
    world.reports(CENTRE, NotificationState.FAILED, code="21610", number_refused=True)
    assert world.alert(2).rule == "contact-unreachable"
    before = len(world.notifications())
    world.advance(seconds=31)
    assert len(world.notifications()) > before
    world.forget_messages()


def test_a_carer_on_the_way_hears_that_it_is_over(story: Story) -> None:
    """The operator ends what Ben has taken: he need not drive on. Who ends it himself knows."""
    world = story(rules=[PRESSED])
    world.hears("pendant", trigger="pressed")
    world.accepts("ben")
    world.forget_messages()
    world.resolves("Olga")
    world.expect_sms("ben", "Olga has dealt with it")
    world.hears("pendant", trigger="pressed")
    world.accepts("ben", alert=2)
    world.forget_messages()
    world.resolves("Ben Hall", alert=2)
