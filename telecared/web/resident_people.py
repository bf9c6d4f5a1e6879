"""Who helps a resident: contacts in the order in which they are told, and rotas with who is on.

Pure; it shows what is registered and who is on duty, and decides nothing. Personal data.
"""

from typing import Final, NamedTuple

from telecared.config.durations import format_windows
from telecared.core.compile import HomePlan
from telecared.core.plan import HomeRecord
from telecared.core.policy import Contact, Policy
from telecared.core.rota import Rota
from telecared.core.rota_duty import on_duty, shifts
from telecared.core.site import SiteFacts
from telecared.core.state import HomeState
from telecared.core.vocabulary import DAY, Duration, Instant, Priority

LOOKED_AHEAD: Final[Duration] = 14 * DAY
"""How far ahead the next change of a rota is looked for."""


class Helper(NamedTuple):
    """A contact: `hours` in which they can be reached in words, "" for always.

    Attributes:
        steps: in which steps of which policies they are told, in words.
        unreachable: their number takes no messages.
    """

    contact: Contact
    hours: str
    steps: tuple[str, ...]
    unreachable: bool


class OnDuty(NamedTuple):
    """A rota that matters to the home: who is on duty, and who comes next when; by the wall."""

    rota: str
    now: str
    until: Instant | None
    then: str


class People(NamedTuple):
    """Everybody who may be told about a home.

    Attributes:
        helpers: in the order in which the policy tells them, then as registered.
        steps: (policy, its steps in words).
    """

    helpers: tuple[Helper, ...]
    rotas: tuple[OnDuty, ...]
    steps: tuple[tuple[str, tuple[str, ...]], ...]


def people_of(
    record: HomeRecord, home: HomePlan, state: HomeState, site: SiteFacts, now: Instant
) -> People:
    """Return who helps a resident as of now."""
    policies = _policies(home, site, now)
    wall = now + site.offset(now)
    named = [name for policy in policies for step in policy.steps for name in step.notify]
    supervisor = home.plan.centre.supervisor
    wanted = dict.fromkeys([*named, *([supervisor] if supervisor else [])])
    rotas = {rota.name: rota for rota in home.plan.rotas}
    told = {one.id: _steps_of(one, policies) for one in record.contacts}
    order = sorted(record.contacts, key=lambda one: told[one.id][1])
    return People(
        tuple(
            Helper(
                one,
                format_windows(one.reachable) if one.reachable else "",
                told[one.id][0],
                one.id in state.unreachable,
            )
            for one in order
        ),
        tuple(_duty(rotas[name], home, site, wall) for name in wanted if name in rotas),
        tuple((policy.name, tuple(_step_words(policy))) for policy in policies),
    )


def _policies(home: HomePlan, site: SiteFacts, now: Instant) -> list[Policy]:
    """Return the home's own policy as it is now, and those that its rules name, each once."""
    found = [
        home.policy(None, priority, now, site.clock)
        for priority in (Priority.LIFE_SAFETY, Priority.URGENT)
    ]
    found += [home.policy(one.rule, one.rule.priority, now, site.clock) for one in home.rules]
    return list({policy.name: policy for policy in found}.values())


def _steps_of(contact: Contact, policies: list[Policy]) -> tuple[tuple[str, ...], int]:
    """Return in which steps a contact is told, and the place of the first among all."""
    words = []
    first = 1_000
    for place, policy in enumerate(policies):
        meant = [
            number
            for number, step in enumerate(policy.steps, 1)
            if contact.id in step.notify or set(contact.roles) & set(step.notify)
        ]
        if meant:
            words.append(f"step {', '.join(map(str, meant))} of {policy.name}")
            first = min(first, 20 * place + meant[0])
    return tuple(words), first


def _step_words(policy: Policy) -> list[str]:
    return [
        f"{', '.join(name.replace('_', ' ') for name in step.notify)}"
        f" by {', '.join(each.value for each in step.by)}"
        for step in policy.steps
    ]


def _duty(rota: Rota, home: HomePlan, site: SiteFacts, wall: Instant) -> OnDuty:
    overrides = site.rota_overrides_of(rota.name)
    on = on_duty(rota, wall, overrides)
    coming = shifts(rota, wall, wall + LOOKED_AHEAD, overrides)
    names = {one.id: one.name for one in home.plan.people}

    def name_of(person: str | None) -> str:
        return "nobody" if not person else names.get(person, person)

    then = coming[1] if len(coming) > 1 else None
    return OnDuty(
        rota.name,
        name_of(on[0] if on else None),
        None if then is None else then.since,
        "" if then is None else name_of(then.person),
    )
