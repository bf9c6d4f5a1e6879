"""Whether a contact can be reached: told by what arrived and what failed, to the number of now."""

from telecared.core.messages import stand_in
from telecared.core.policy import Contact
from telecared.core.reach import (
    STALE_AFTER,
    Reach,
    Rung,
    Sent,
    Standing,
    reach_of,
    unchanged_since,
)
from telecared.core.vocabulary import DAY, HOUR, Channel, NotificationState, Stage

NUMBER = "+447700900123"
BEN = Contact(id="ben", name="Ben Hall", phone=NUMBER, email="ben@example.org")
NOW = 1000 * DAY


def sent(at: int, state: NotificationState = NotificationState.SENT, **changes: object) -> Sent:
    """A text to Ben, so many days ago."""
    known: dict[str, object] = {
        "to": "ben",
        "channel": Channel.SMS,
        "number": NUMBER,
        "queued_at": NOW - at * DAY,
        "state": state,
        "changed_at": NOW - at * DAY,
    }
    return Sent(**{**known, **changes})  # type: ignore[arg-type]  # a story's own values


def reach(*messages: Sent, since: int = NOW - 10 * DAY, **stops: str) -> Reach:
    """How Ben stands."""
    return reach_of(BEN, messages, since=since, unreachable=stops, now=NOW)


def test_a_contact_to_whom_nothing_was_sent_is_new() -> None:
    """Nobody knows yet; that is no fault."""
    found = reach()

    assert (found.standing, found.is_well, found.why) == (Standing.NEW, True, "")


def test_a_delivered_text_is_proof_and_an_accepted_one_is_none() -> None:
    """The provider's word that it took a message does not say that it arrived."""
    found = reach(sent(5, NotificationState.DELIVERED), sent(1))

    assert (found.standing, found.reached_at) == (Standing.OK, NOW - 5 * DAY)
    assert found.reached_by is Channel.SMS


def test_a_failure_stands_until_something_arrives_by_that_channel() -> None:
    """A mail that arrived does not mend a phone that took no text; a later text does."""
    failed = sent(5, NotificationState.UNDELIVERED, code="30005")
    mail = sent(3, NotificationState.DELIVERED, channel=Channel.EMAIL, number="ben@example.org")
    arrived = sent(1, NotificationState.DELIVERED)

    broken, mended = reach(failed, mail), reach(failed, mail, arrived)

    assert (broken.standing, broken.code) == (Standing.FAILED, "30005")
    assert broken.why == "the last sms failed, provider's code 30005"
    assert (broken.failed_at, broken.failed_by) == (NOW - 5 * DAY, Channel.SMS)
    assert (broken.reached_at, broken.reached_by) == (NOW - 3 * DAY, Channel.EMAIL)
    assert (mended.standing, mended.failed_at) == (Standing.OK, None)
    assert reach(sent(2, NotificationState.FAILED)).why == "the last sms failed"


def test_evidence_counts_more_than_the_state_in_which_a_message_stands() -> None:
    """A call that rang out and was answered by key later on: the key is the proof, not the ring."""
    call = sent(
        2,
        NotificationState.FAILED,
        channel=Channel.VOICE,
        moments=(
            (Stage.ANSWERED, NOW - HOUR, ""),
            (Stage.KEY_PRESSED, NOW - 2 * HOUR, "1"),
            (Stage.FAILED, NOW - 3 * HOUR, "busy"),
        ),
    )

    found = reach(call)

    assert (found.standing, found.reached_at) == (Standing.OK, NOW - 2 * HOUR)


def test_what_went_to_another_number_tells_nothing_of_this_one() -> None:
    """Ben has a new phone since; and what Cara got is hers."""
    old = sent(1, NotificationState.FAILED, number="+447700900199")
    hers = sent(1, NotificationState.DELIVERED, to="cara")

    assert reach(old, hers).standing is Standing.NEW


def test_a_number_over_which_nobody_was_reached_for_long_is_stale() -> None:
    """Counted from the last proof, else from when the number was registered."""
    never = reach(since=NOW - STALE_AFTER)
    once = reach(sent(200, NotificationState.DELIVERED), since=NOW - 300 * DAY)
    lately = reach(sent(179, NotificationState.DELIVERED), since=NOW - 300 * DAY)

    assert (never.standing, never.why) == (Standing.STALE, "nobody was reached for 180 days")
    assert once.why == "nobody was reached for 200 days"
    assert lately.standing is Standing.OK


def test_a_number_that_said_stop_is_told_as_that_until_it_is_changed() -> None:
    """Whatever arrived before; the stop of an old number is none of the new one."""
    delivered = sent(1, NotificationState.DELIVERED)

    stopped = reach(delivered, ben=stand_in(NUMBER))

    assert (stopped.standing, stopped.is_well) == (Standing.STOPPED, False)
    assert reach(delivered, ben=stand_in("+447700900199")).standing is Standing.OK


def test_a_number_is_the_same_since_it_was_last_changed() -> None:
    """Another name changes nothing; another number or address does; who left begins anew."""
    other = Contact(id="ben", name="Benjamin Hall", phone=NUMBER, email="ben@example.org")
    moved = Contact(id="ben", name="Ben Hall", phone="+447700900199", email="ben@example.org")

    same = unchanged_since([(1, {"ben": BEN}), (2, {"ben": other})])
    changed = unchanged_since([(1, {"ben": BEN}), (2, {"ben": moved})])
    back = unchanged_since([(1, {"ben": BEN}), (2, {}), (3, {"ben": BEN})])

    assert (same, changed, back) == ({"ben": 1}, {"ben": 2}, {"ben": 3})


def rung(at: int, *, answered: bool, to: str = "ben") -> Rung:
    """An operator rang, so many days ago."""
    return Rung(to, NOW - at * DAY, answered)


def called(*calls: Rung, text: int | None = None) -> Reach:
    """How Ben stands after calls by hand, and perhaps a text that arrived."""
    told = () if text is None else (sent(text, NotificationState.DELIVERED),)
    since = NOW - 10 * DAY
    return reach_of(BEN, told, since=since, unreachable={}, now=NOW, calls=calls)


def test_a_call_by_hand_is_proof_and_one_that_nobody_answered_a_failure() -> None:
    """Whatever came later counts; calls to others, and to an earlier number, do not."""
    talked, missed = rung(5, answered=True), rung(3, answered=False)
    others = (rung(1, answered=True, to="cara"), rung(20, answered=False))

    answered, failed, again = (
        called(talked),
        called(talked, missed),
        called(missed, rung(1, answered=True)),
    )

    assert (answered.standing, answered.reached_by) == (Standing.OK, Channel.VOICE)
    assert answered.reached_at == NOW - 5 * DAY
    assert (failed.standing, failed.failed_at) == (Standing.FAILED, NOW - 3 * DAY)
    assert failed.why == "nobody answered when an operator rang"
    assert again.standing is Standing.OK
    assert called(*others).standing is Standing.NEW
    # A text that arrived does not say that anybody answers the telephone.
    assert called(missed, text=1).standing is Standing.FAILED
