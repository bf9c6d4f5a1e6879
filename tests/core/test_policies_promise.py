"""Promise P2 under every policy: whatever people and providers do, the centre hears in time.

Random steps, declines, failures and receipts in any order; nobody acknowledges. What must hold
after each of them is the same.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from telecared.core.escalation import SHORTEST_WAIT, alert_deadline
from telecared.core.events import NotificationReported
from telecared.core.plan import Plan, Rule
from telecared.core.policy import Centre, Contact, Policy, Step, System
from telecared.core.vocabulary import (
    MINUTE,
    SECOND,
    AlertState,
    Channel,
    Duration,
    NotificationState,
    Priority,
)
from telecared.core.when import ReadingIs
from tests.core.world import BEN, CARA, CENTRE, TECHNICAL, World, record_of

DAN = Contact(id="dan", name="Dan Moss", phone="+447700900125", roles=("carer",))
SUE = Contact(id="sue", name="Sue Vale", phone="+447700900160", roles=("supervisor",))
CONTACTS = (BEN, DAN, CARA)
CHANNELS = (Channel.SMS, Channel.VOICE, Channel.PUSH)
names = st.sampled_from(["carer", "key_holder", "ben", "dan", "cara", "lamp", "stranger"])
waits = st.sampled_from([0, 20 * SECOND, MINUTE, 3 * MINUTE])
steps = st.builds(
    Step,
    notify=st.lists(names, min_size=1, max_size=3, unique=True).map(tuple),
    by=st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=2, unique=True).map(tuple),
    wait=waits,
    apart=waits,
    repeat=st.integers(1, 3),
)
ends = st.sampled_from([(CENTRE,), ("carer", CENTRE), (CENTRE, "key_holder", "lamp")])
acts = st.lists(
    st.one_of(
        st.tuples(st.just("passes"), st.sampled_from([1, 9, 30, 59, 61, 180])),
        st.tuples(st.just("declines"), st.sampled_from(["ben", "dan", "cara"])),
        st.tuples(st.just("presses"), st.just("")),
        st.tuples(st.sampled_from(list(NotificationState)), st.integers(1, 6)),
    ),
    max_size=25,
)


def longest(policy: Policy) -> Duration:
    """How long it may take at most until the centre, or the last step, is told."""
    found = 0
    for index, step in enumerate(policy.steps):
        apart = max(step.apart, SHORTEST_WAIT) if step.apart else 0
        if index == len(policy.steps) - 1:
            return found
        wait = max(step.wait, SHORTEST_WAIT)
        found += step.repeat * (wait + apart * (len(CONTACTS) - 1))
    raise AssertionError("a policy has steps")


def happens(world: World, what: object, value: Any) -> None:  # noqa: ANN401 - of the strategy above
    """One act of the strategy."""
    if what == "passes":
        world.advance(seconds=value)
    elif what == "declines":
        world.declines(value)
    elif what == "presses":
        world.hears("pendant", trigger="pressed")
    else:
        sent = world.notifications()[-value:]
        if sent:
            world.happens(
                NotificationReported(
                    input=world.next_input(),
                    at=world.at,
                    notification=sent[0].id,
                    state=NotificationState(str(what)),
                )
            )


def holds(world: World) -> None:
    """What must be true of an alert that nobody has acknowledged."""
    alert = world.alert()
    assert alert.state is AlertState.OPEN
    due = alert_deadline(alert)
    assert due is not None
    assert due > world.at
    waited = world.at - alert.opened_at
    if waited > longest(alert.policy):
        assert alert.centre_at is not None, "the end of the policy has not been reached in time"
    if alert.centre_at is None:
        return
    there = world.at - alert.centre_at
    assert alert.paged >= (there >= 60 * SECOND) + (there >= 180 * SECOND)
    told = [one for one in world.notifications() if one.to == "sue"]
    assert len(told) == 2 * alert.paged, "each page is a call and a message"


@settings(max_examples=60, deadline=None)
@given(several=st.lists(steps, max_size=3), end=ends, apart=waits, acts=acts, queue=st.booleans())
def test_whatever_happens_the_centre_hears_in_time_and_its_supervisor_after_it(
    several: list[Step], end: tuple[str, ...], apart: Duration, acts: list[Any], queue: bool
) -> None:
    """Within the sum of the waits at the centre; 60 s and 180 s later the supervisor is paged."""
    last = Step(notify=end, by=(Channel.SMS, Channel.VOICE), apart=apart)
    policy = Policy(name="family-then-centre", steps=(*several, last))
    plan = Plan(
        rules=(
            Rule(name="press", when=ReadingIs(property="trigger", values=("pressed",)),
                 priority=Priority.LIFE_SAFETY),
        ),
        policies=(policy, TECHNICAL),
        people=(SUE,),
        systems=(System(id="lamp", channel=Channel.PUSH),),
        centre=Centre(sms=None if queue else "+447700900900", supervisor="sue"),
        channels=CHANNELS,
    )  # fmt: skip
    world = World(plan=plan, record=record_of(contacts=CONTACTS), delivers=None)
    world.hears("pendant", trigger="pressed")
    holds(world)
    for what, value in acts:
        happens(world, what, value)
        holds(world)
    seen = {(one.to, one.channel, one.k) for one in world.notifications()}
    assert len(seen) == len(world.notifications())
    _nobody_is_told_a_step_twice(world)
    world.advance(minutes=90)
    holds(world)
    world.forget_messages()


def _nobody_is_told_a_step_twice(world: World) -> None:
    """One telling of a step reaches one address once by each channel."""
    turns = [
        (one.turn, one.to, one.channel) for one in world.alert().told if one.pages and one.turn
    ]
    assert len(turns) == len(set(turns))


def test_the_bound_of_this_test_is_one() -> None:
    """The sum of what a policy waits, for one that tells three people apart, and twice."""
    step = Step(notify=("carer",), wait=MINUTE, apart=20 * SECOND, repeat=2)
    policy = Policy(name="x", steps=(step, Step(notify=(CENTRE,))))
    assert longest(policy) == 2 * (MINUTE + 40 * SECOND)
