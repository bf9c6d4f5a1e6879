"""What the MQTT adapter keeps beside the library: owed, canary, backoff, version. No broker."""

from itertools import pairwise

from telecared.adapters.mqtt.canary import OUTSTANDING_LIMIT, Canary
from telecared.adapters.mqtt.owed import Owed
from telecared.adapters.mqtt.retry import (
    LONGEST_SECONDS,
    TRY_5_AGAIN_SECONDS,
    Backoff,
    VersionChoice,
)
from telecared.ports import Arrival


def _message(packet_id: int, payload: bytes = b"") -> Arrival:
    return Arrival("care/x", payload, 1, False, False, packet_id, 1)


def test_a_packet_id_in_use_again_is_not_acknowledged_by_its_earlier_owner() -> None:
    """Acknowledging a message twice must not acknowledge the next one that bears its id."""
    owed = Owed()
    first, other, second = _message(1), _message(2), _message(1)
    owed.took(first)
    assert owed.committed([first]) == [first]
    owed.took(other)
    owed.took(second)
    assert owed.committed([first, other]) == [other]
    assert owed.committed([second]) == [second]
    assert len(owed) == 0


def test_a_message_handed_over_twice_on_one_connection_is_acknowledged_once() -> None:
    """Some brokers repeat what waits long for its acknowledgement, as on a full disk."""
    owed = Owed()
    first, again, after = _message(1), _message(1), _message(2)
    for message in (first, again, after):
        owed.took(message)
    assert owed.committed([first, again, after]) == [first, after]
    assert len(owed) == 0


def test_what_is_committed_out_of_turn_follows_when_its_turn_comes() -> None:
    """Three commits backwards leave as one run in the order received."""
    owed = Owed()
    messages = [_message(number) for number in (7, 3, 9)]
    for message in messages:
        owed.took(message)
    assert owed.committed(messages[2:]) == []
    assert owed.committed(messages[1:2]) == []
    assert owed.committed(messages[:1]) == messages


def test_canaries_do_not_pile_up_in_a_broker_that_hands_nothing_over() -> None:
    """A few may be under way; one that comes back makes room for those before it too."""
    canary = Canary("1-2.0-1")
    sent = [canary.next_payload() for _ in range(OUTSTANDING_LIMIT)]
    assert canary.next_payload() is None
    assert not canary.came_back(b"1-2.0-0/1")
    assert canary.next_payload() is None
    assert sent[1] is not None
    assert canary.came_back(sent[1])
    assert canary.next_payload() is not None


def test_a_path_is_dead_after_three_silent_periods_in_a_row() -> None:
    """One sign of life starts the count again."""
    canary = Canary("1-2.0-1")
    signs = [False, False, True, False, False, False]
    assert [canary.period_passed(alive=alive) for alive in signs] == [False] * 5 + [True]


def test_waits_double_up_to_the_longest_and_are_the_same_every_time() -> None:
    """No chance: two runs of one installation wait alike, two installations do not."""
    backoff, again, other = Backoff("telecared"), Backoff("telecared"), Backoff("elsewhere")
    waits = [backoff.next_seconds() for _ in range(12)]
    assert waits == [again.next_seconds() for _ in range(12)]
    assert waits != [other.next_seconds() for _ in range(12)]
    assert 0.1 <= waits[0] <= 0.2
    assert all(LONGEST_SECONDS / 2 <= wait <= LONGEST_SECONDS for wait in waits[6:])
    assert all(later > earlier * 0.9 for earlier, later in pairwise(waits[:6]))
    backoff.reset()
    assert backoff.next_seconds() == waits[0]


def test_a_broker_that_refused_mqtt_5_is_asked_again_after_an_hour() -> None:
    """It is taken at its word for a while only: brokers are upgraded."""
    choice = VersionChoice("auto")
    assert choice.next(0.0) == 5
    assert choice.refused(5, 0.0)
    assert choice.next(1.0) == 4
    assert choice.next(TRY_5_AGAIN_SECONDS + 1.0) == 5


def test_a_broker_that_restarts_is_not_taken_for_an_old_one() -> None:
    """One hang-up is no proof, and when 3.1.1 is dropped as well it is 5's turn again."""
    choice = VersionChoice("auto")
    choice.dropped(5)
    assert choice.next(1.0) == 5
    choice.dropped(5)
    assert choice.next(2.0) == 4
    choice.dropped(4)
    assert choice.next(3.0) == 5
    choice.accepted(5, 3.0)
    assert choice.next(4.0) == 5


def test_a_fixed_version_is_never_left() -> None:
    """Who asks for one version gets an error rather than another."""
    choice = VersionChoice("5")
    assert not choice.refused(5, 0.0)
    assert choice.next(1.0) == 5
