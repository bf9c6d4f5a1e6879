"""Rules of every kind, for tests of what must hold for any rule."""

from hypothesis import strategies as st
from msgspec.structs import replace

from telecared.core import plan, policy, when
from telecared.core.conditions.geofence import area_problem
from telecared.core.plan import Absence, Rule
from telecared.core.vocabulary import DAY, HOUR, MINUTE, PROPERTIES, SECOND, Mode, Priority
from telecared.core.when import ReadingIs, Window

LEVELS = sorted(name for name, spec in PROPERTIES.items() if spec.values and not spec.momentary)
NUMBERS = sorted(name for name, spec in PROPERTIES.items() if spec.numeric)
ALIVE = sorted(name for name, spec in PROPERTIES.items() if spec.activity)

ASKED = (plan.Ask(question="Hurt?", answers=("no", "yes, both")), plan.Ask(question="Who?"))
durations = st.integers(1, DAY // SECOND).map(lambda count: count * SECOND)
names = st.lists(
    st.sampled_from(["hall", "kitchen", "bed_monitor", "front-door"]), max_size=3, unique=True
).map(tuple)
minutes = st.integers(0, 1439)
weekdays = st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True).map(
    lambda days: tuple(sorted(days))
)
windows = st.lists(st.builds(Window, start=minutes, end=minutes, days=weekdays), max_size=3).map(
    tuple
)
numbers = st.integers(-500, 500).map(lambda number: number / 4)


@st.composite
def readings(draw: st.DrawFn, *, of: list[str] = LEVELS) -> ReadingIs:
    """An act, or a level that stands."""
    name = draw(st.sampled_from(of))
    words = st.sampled_from(sorted(PROPERTIES[name].values))
    values = tuple(draw(st.lists(words, min_size=1, max_size=2, unique=True)))
    return ReadingIs(property=name, values=values, at=draw(names), between=draw(windows))


acts = readings(of=sorted(name for name, spec in PROPERTIES.items() if spec.values))
several = st.lists(acts, min_size=1, max_size=3).map(tuple)


@st.composite
def compares(draw: st.DrawFn) -> when.Condition:
    """A number beyond a limit, above or below."""
    limit, back = draw(numbers), draw(st.none() | st.integers(0, 20))
    above = draw(st.booleans())
    clear = None if back is None else (limit - back if above else limit + back)
    return when.Compare(
        property=draw(st.sampled_from(NUMBERS)),
        above=limit if above else None,
        below=None if above else limit,
        clear=clear,
        duration=draw(st.just(0) | durations),
        at=draw(names),
        between=draw(windows),
    )


@st.composite
def changes(draw: st.DrawFn) -> when.Condition:
    """A number that moves, up or down."""
    amount, rises = draw(st.integers(1, 99)) / 2, draw(st.booleans())
    return when.Changes(
        property=draw(st.sampled_from(NUMBERS)),
        within=draw(durations),
        rises_by=amount if rises else None,
        falls_by=None if rises else amount,
        at=draw(names),
        between=draw(windows),
    )


points = st.tuples(st.integers(-360, 360), st.integers(-720, 720)).map(
    lambda point: (point[0] / 4, point[1] / 4)
)
corners = st.lists(points, min_size=3, max_size=5).map(tuple)
areas = (
    st.builds(when.Area, centre=points, radius=st.integers(1, 100_000).map(float))
    | st.builds(when.Area, points=corners)
).filter(lambda area: area_problem(area) is None)


@st.composite
def fences(draw: st.DrawFn) -> when.Condition:
    """A tracker inside or outside an area."""
    side = draw(st.sampled_from(["inside", "outside"]))
    return when.Geofence(
        **{side: draw(areas)},
        duration=draw(st.just(0) | durations),
        at=draw(names),
        between=draw(windows),
    )


leaves = (
    readings()
    | compares()
    | changes()
    | fences()
    | st.builds(
        when.Silent,
        at=names.filter(bool),
        duration=durations,
        behind=st.none() | st.just("alarm_unit"),
    )
    | st.builds(when.Silent, at=names.filter(bool), every=durations, misses=st.integers(0, 5))
    | st.builds(
        lambda act, duration: when.HeldFor(
            property=act.property,
            values=act.values,
            duration=duration,
            at=act.at,
            between=act.between,
        ),
        readings(),
        durations,
    )
    | st.builds(
        when.InactiveFor,
        duration=durations,
        of=st.lists(st.sampled_from(ALIVE), min_size=1, unique=True).map(tuple),
        at=names,
        never=names,
        between=windows,
        occupied_at_most=durations,
    )
    | st.builds(
        when.InactiveFor,
        duration=durations,
        of=st.just(("motion",)),
        at_least=st.integers(2, 200),
        within=durations,
    )
    | st.builds(when.NoneOf, of=several, start=minutes, by=minutes)
    | st.builds(when.Without, first=acts, without=several, within=durations)
    | st.builds(
        when.Count,
        of=acts,
        at_least=st.integers(2, 200),
        within=durations,
        apart=st.just(0) | durations,
    )
)
sequences = st.builds(
    when.Followed,
    first=acts,
    then=st.lists(st.builds(when.Follow, act=acts, within=durations), min_size=1, max_size=3).map(
        tuple
    ),
)


def joined(inner: st.SearchStrategy[when.Condition]) -> st.SearchStrategy[when.Condition]:
    """Conditions that join others."""
    lists = st.lists(inner, min_size=1, max_size=3).map(tuple)
    bounds = st.just(0) | durations
    return (
        st.builds(when.AllOf, of=lists, duration=bounds, between=windows)
        | st.builds(when.AnyOf, of=lists, duration=bounds, between=windows)
        | st.builds(when.Not, of=inner, duration=bounds, between=windows)
    )


conditions = st.recursive(leaves, joined, max_leaves=4) | sequences


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """A rule with any condition and any of the keys that its priority allows."""
    priority = draw(st.sampled_from(Priority))
    ages = draw(st.none() | st.builds(
        plan.Ageing, every=st.integers(1, 99).map(lambda hours: hours * HOUR),
        priority=st.sampled_from([one for one in Priority if one is not Priority.LIFE_SAFETY]),
        of=st.sampled_from(["life_safety", "all"]),
    )) if priority is Priority.TECHNICAL else None  # fmt: skip
    life_safety = priority is Priority.LIFE_SAFETY
    confirm = st.builds(
        plan.Confirm, within=durations, none_of=several, any_of=st.just(()) | several
    )
    clear = st.sampled_from([plan.Clear(), plan.Clear(kind="person")]) | st.builds(
        plan.Clear, kind=st.just("reading"), condition=readings().map(without_hours)
    )
    return Rule(
        name="x",
        when=draw(conditions),
        priority=priority,
        mode=draw(st.sampled_from(Mode)),
        say=draw(st.none() | st.just("Look at {home.address}: it's 5 o'clock.")),
        applies_to=draw(st.builds(policy.AppliesTo, tags=names, schemes=names, homes=names)),
        unless=() if life_safety else tuple(draw(st.sets(st.sampled_from(Absence)))),
        cooldown=0 if life_safety else draw(st.just(0) | durations),
        split_after=draw(st.just(0) | durations),
        max_per_day=draw(st.integers(0, 5)) if priority is Priority.ROUTINE else 0,
        cancel_within=0 if ages else draw(st.just(0) | durations),
        confirm=None if ages else draw(st.none() | confirm),
        ages=ages,
        clear=plan.Clear(kind="person") if life_safety else draw(clear),
        downtime=draw(
            st.sampled_from(
                [
                    plan.Downtime(),
                    plan.Downtime(kind="pause"),
                    plan.Downtime(kind="grace", grace=30 * MINUTE),
                ]
            )
        ),
        policy=draw(st.none() | st.just("technical")),
        ask=draw(st.just(()) | st.just(ASKED)),
    )


def without_hours(act: ReadingIs) -> ReadingIs:
    """An act at any hour."""
    return replace(act, between=())
