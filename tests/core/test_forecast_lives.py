"""Whatever has happened in a home: each alert reaches the centre at the instant foretold."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from telecared.core.forecast import reaches_centre
from telecared.core.plan import Plan
from telecared.core.vocabulary import DAY, MINUTE, Duration, Value
from tests.core.lives import PLANS, WORDS
from tests.core.test_forecast import Unanswered

Act = tuple[str, str, Value, int, str]

acts = st.builds(
    lambda told, passed, said: (told[0], *told[1], passed, said),
    st.sampled_from([(name, word) for name, words in WORDS.items() for word in words]),
    st.sampled_from([0, 1, 5, 30, 100, 600, 4_000]),
    st.sampled_from(["", "", "", "takes", "declines"]),
)


@settings(max_examples=15, deadline=None)
@given(
    plan=st.sampled_from(PLANS),
    group=st.sampled_from([0, 5 * MINUTE]),
    lived=st.lists(acts, min_size=3, max_size=20),
)
def test_every_alert_of_any_life_reaches_the_centre_as_foretold(
    plan: Plan, group: Duration, lived: list[Act]
) -> None:
    """Told together, confirmed, taken or declined before: from now on nobody answers."""
    policies = tuple(replace(one, group=group) for one in plan.policies)
    world = Unanswered(plan=replace(plan, policies=policies))
    for device, name, value, passed, said in lived:
        values: Any = {name: value}  # a property, whichever it is
        world.hears(device, **values)
        world.advance(seconds=passed)
        if said and world.state.alerts:
            n = max(world.state.alerts)
            world.accepts("ben", n) if said == "takes" else world.declines("ben", n)
    foretold = {n: reaches_centre(world.home, world.state, world.site, n)
                for n, alert in world.state.alerts.items() if not alert.watch}  # fmt: skip
    repeats = {n: world.alert(n).repeats for n in foretold}
    reached = {n: at for n in foretold if (at := world.alert(n).centre_at) is not None}
    end = world.at + DAY
    while world.at < end and len(reached) < len(foretold):
        world.advance(minutes=10)
        for n, alert in world.state.alerts.items():
            if n in foretold and alert.centre_at is not None:
                reached.setdefault(n, alert.centre_at)
    world.forget_messages()
    for n, alert in world.state.alerts.items():
        at = foretold.get(n)
        # What ended by itself, or was found again, was not left alone.
        if at is not None and at <= end and alert.repeats == repeats[n]:
            assert reached[n] == at, alert.rule
