"""Whatever happens, in whatever order, every promise holds: in many short lives and in long ones.

What happens, and what is asked after every step, is `home_machine`. More of both is among the
acceptance tests.
"""

import random
from collections.abc import Callable

import pytest
from hypothesis import settings

from telecared.core.vocabulary import (
    HOUR,
    MINUTE,
    CallResult,
    NotificationState,
    Outcome,
    Progress,
    SuspensionKind,
)
from tests.core.home_machine import HomeMachine
from tests.core.lives import PLANS, RECORDS, WORDS
from tests.core.machine_calls import CALLED
from tests.core.machine_people import WHO


class LongMachine(HomeMachine):
    """The same, for as long as anybody cares to wait."""


TestHome = HomeMachine.TestCase
TestHome.settings = settings(
    derandomize=True, deadline=None, max_examples=100, stateful_step_count=30
)
TestManyHomes = pytest.mark.acceptance(LongMachine.TestCase)
TestManyHomes.settings = settings(
    derandomize=True, deadline=None, max_examples=400, stateful_step_count=50
)


def test_a_long_life_keeps_every_promise() -> None:
    """Weeks of one home, as likely as life makes them: short examples rarely get that far."""
    live(seed=1, acts=150)


@pytest.mark.acceptance
@pytest.mark.parametrize("seed", range(40))
def test_long_lives_keep_every_promise(seed: int) -> None:
    """Months of many homes."""
    live(seed, acts=300)


def live(seed: int, acts: int) -> None:
    """Live a life of so many acts, and hold it against the promises after each."""
    chance = random.Random(seed)
    home = HomeMachine()
    home.begin(PLANS[seed % 2 * 2], calm=False)
    words = [(name, word) for name, words in WORDS.items() if name != "ghost" for word in words]
    whats = ["take", "snooze", "decline"]
    people = [("Ben Hall", "ben"), ("Cara Singh", "cara"), ("An Operator", None)]

    def alert() -> int:
        return chance.choice([*home.eager.state.alerts, 1])

    likely: list[tuple[int, Callable[[], object]]] = [
        (20, lambda: home.message(chance.choice(words), None, chance.choice(["", "", "clears"]))),
        (5, lambda: home.message(chance.choice(words), -30 * MINUTE, "retained")),
        (20, lambda: home.a_level_changes(
            chance.choice(["front-door", "unit", "bed"]), chance.random() < 0.4,
            chance.choice([0, 2, 6, 6, 100]))),
        (20, lambda: home.time_passes(chance.randrange(90) * MINUTE, [chance.randrange(1000)])),
        (8, lambda: home.answer(alert(), chance.choice(people), chance.choice(whats))),
        (8, lambda: home.receipt(0, chance.choice(list(NotificationState)), False)),
        (10, lambda: home.resolve(alert())),
        (4, lambda: home.plan_for(alert(), chance.choice([HOUR, 30 * HOUR]))),
        (3, lambda: home.site(chance.choice(["down", "forward", "back", "stop"]), HOUR)),
        (6, lambda: home.site("drained", 0)),
        (1, lambda: home.replan(home.eager.plan, RECORDS[0])),
        (1, lambda: home.other(chance.choice(["fault", "end", "poison", "deadline"]))),
        (3, lambda: home.stay(
            chance.choice(list(SuspensionKind)), chance.choice([HOUR, 9 * HOUR]),
            chance.choice(["begin", "move", "end"]), chance.choice([0, 1, 2]))),
        (3, lambda: home.silence(
            chance.choice(["", "door", "quiet", "silent"]), HOUR, chance.random() < 0.3, 0)),
        (3, lambda: home.hand_over(
            alert(), chance.choice(WHO), chance.choice(WHO), chance.random() < 0.5)),
        (4, lambda: home.tell_progress(
            alert(), chance.choice(WHO), chance.choice(list(Progress)), chance.choice([5, 60]))),
        (2, lambda: home.ask_for_more(alert())),
        (3, lambda: home.reply_ended(alert(), chance.choice(WHO), Outcome.TEST)),
        (2, lambda: home.walk_test(20 * MINUTE, "Ivy Installer", chance.random() < 0.5)),
        (6, lambda: home.ring(
            alert(), chance.choice(["An Operator", "Another"]), chance.choice(CALLED),
            chance.choice(list(CallResult)))),
        (2, lambda: home.write_to(alert(), chance.choice(CALLED))),
        (4, lambda: home.link(alert(), alert())),
        (2, lambda: home.promise(chance.choice([1, 20, 600]), chance.choice([0, 0, 1, 2]))),
    ]  # fmt: skip
    weights = [weight for weight, _ in likely]
    for _ in range(acts):
        chance.choices([act for _, act in likely], weights)[0]()
        home.nobody_is_forgotten()
        home.life_safety_is_never_muted()
        home.the_stored_bound_is_never_too_late()
        home.the_record_tells_one_story()
    assert len(home.eager.records("alert.opened")) > acts // 20
    home.teardown()
