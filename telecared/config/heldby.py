"""What is wrong with `held_by`: rules that nobody knows, life safety, rules that hold each other.

Pure: rules in, doubts out. What one rule holds back, and for how long, is the core's `inhibition`.
"""

from collections.abc import Iterator, Mapping, Sequence

from telecared.config.lint import Doubt
from telecared.config.positions import nearest
from telecared.core.inhibition import CAUSES
from telecared.core.plan import Rule
from telecared.core.technical import FINDINGS
from telecared.core.vocabulary import Mode


def doubts_of_held_by(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Doubt]]:
    """Yield each rule whose `held_by` is wrong or holds nothing back, with the doubt."""
    known = {rule.name: rule for rule in rules}
    for rule in rules:
        for name in rule.held_by:
            doubt = _doubt(rule, name, known)
            if doubt is not None:
                yield rule, doubt


def _doubt(rule: Rule, name: str, known: Mapping[str, Rule]) -> Doubt | None:
    holder = known.get(name)
    if holder is None and name not in FINDINGS and name not in CAUSES:
        hint = nearest(name, [*known, *CAUSES])
        return _error("unknown-rule", f'{rule.name} is held by "{name}", which is no rule; {hint}')
    if name == rule.name or (holder is not None and _reaches(name, rule.name, known)):
        why = f"{rule.name} and {name} hold each other back, so that neither may ever be told"
        return _error("held-in-a-circle", f"{why}; remove one of the two")
    if holder is not None and holder.mode is not Mode.PAGE:
        message = (
            f"{rule.name} is held by {name}, which pages nobody while its mode is"
            f" {holder.mode.value} and so holds nothing back; write mode: page there"
        )
        return Doubt(("held_by",), "holds-nothing", message)
    return None


def _error(code: str, message: str) -> Doubt:
    return Doubt(("held_by",), code, message, level="error")


def _reaches(start: str, goal: str, known: Mapping[str, Rule]) -> bool:
    """Whether what holds a rule back is, at some remove, held back by it."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in known:
            continue
        seen.add(name)
        if goal in known[name].held_by:
            return True
        waiting += known[name].held_by
    return False
