"""Rules held against each other: one that another makes superfluous, two that disagree.

Pure: rules in, doubts out. Only what can be shown is told: the same homes, the same policy, no
values of their own. A rule in mode `watch` beside another is there to be tried, and is left alone.
"""

from collections.abc import Iterator, Sequence
from itertools import permutations

from telecared.config.implied import implies
from telecared.config.lint import Doubt, never_fires
from telecared.core.plan import Rule
from telecared.core.policy import AppliesTo
from telecared.core.vocabulary import Mode


def doubts_of_rules(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Doubt]]:
    """Yield each rule that adds nothing to another or disagrees with it, once, with the doubt."""
    paging = [rule for rule in rules if rule.mode is Mode.PAGE and not never_fires(rule)]
    order = {rule.name: place for place, rule in enumerate(rules)}
    told: set[str] = set()
    for weak, strong in permutations(paging, 2):
        if weak.name in told or not _comparable(weak, strong):
            continue
        if weak.when == strong.when:
            # Told once for the two: of the one that says less, else of the later.
            if (weak.priority.rank, order[weak.name]) < (strong.priority.rank, order[strong.name]):
                continue
            doubt = _same(weak, strong)
        elif weak.priority.rank >= strong.priority.rank and implies(weak.when, strong.when):
            doubt = _shadowed(weak, strong)
        else:
            continue
        told.add(weak.name)
        yield weak, doubt


def _comparable(weak: Rule, strong: Rule) -> bool:
    """Whether `strong` is there, and not held back, wherever and whenever `weak` is."""
    return (
        not weak.values
        and not strong.values
        and weak.policy == strong.policy
        and set(strong.unless) <= set(weak.unless)
        and set(strong.held_by) <= set(weak.held_by)
        and not strong.max_per_day
        and strong.cooldown <= weak.cooldown
        and _covers(strong.applies_to, weak.applies_to)
    )


def _covers(wide: AppliesTo, narrow: AppliesTo) -> bool:
    pairs = (
        (wide.tags, narrow.tags),
        (wide.schemes, narrow.schemes),
        (wide.homes, narrow.homes),
    )
    return all(not every or (some and set(some) <= set(every)) for every, some in pairs)


def _same(weak: Rule, strong: Rule) -> Doubt:
    if weak.priority is not strong.priority:
        message = (
            f"{weak.name} and {strong.name} wait for the same and disagree how bad it is:"
            f" {weak.priority} and {strong.priority}; remove one of them"
        )
        return Doubt(("priority",), "rules-disagree", message)
    message = (
        f"{weak.name} waits for the same as {strong.name}, so that people are told twice; remove"
        " one of them"
    )
    return Doubt(("when",), "duplicate-rule", message)


def _shadowed(weak: Rule, strong: Rule) -> Doubt:
    message = (
        f"{weak.name} adds nothing to {strong.name}, which is met whenever it is, tells the same"
        f" people and is no less urgent; remove one of them, or give {weak.name} a higher priority"
        " or a policy of its own"
    )
    return Doubt(("when",), "shadowed-rule", message)
