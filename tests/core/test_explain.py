"""Why a rule did or did not fire: before, at and after its deadline, and whatever stops it."""

from typing import Any

import pytest

from telecared.core.explain import Duty, Explanation, RuleExplained, duty_of, explain, version_of
from telecared.core.plan import Absence, Rule, Values
from telecared.core.policy import AppliesTo, Contact
from telecared.core.site import LinkDown
from telecared.core.standings import Standing, why_not_in_force
from telecared.core.state import Finding
from telecared.core.vocabulary import HOUR, MINUTE, Mode, Priority, SuspensionKind
from telecared.core.when import AllOf, Compare, HeldFor, InactiveFor, Not, ReadingIs, Silent, Window
from tests.core.stating import silences, suspends
from tests.core.world import BEN, CARA, HOME, World, instant, plan_of, record_of

OPEN = ReadingIs(property="contact", values=("open",), at=("front-door",))
AJAR = HeldFor(property="contact", values=("open",), duration=5 * MINUTE)
STILL = InactiveFor(duration=4 * HOUR, of=("motion",))


def told(world: World, rule: str | None = None) -> Explanation:
    """What there is to say as of now."""
    return explain(world.home, world.state, world.site, rule=rule)


def one(world: World, rule: str = "r") -> RuleExplained:
    """What there is to say of one rule."""
    (found,) = told(world, rule).rules
    return found


def standing(world: World) -> tuple[Standing, str]:
    """How the rule stands, and why."""
    found = one(world)
    return found.standing, found.why


def rule(when: Any, **more: Any) -> Rule:  # noqa: ANN401 - any condition, any field
    """The rule of a story."""
    return Rule(name="r", when=when, **more)


def test_a_rule_waits_then_its_alert_carries_it_and_then_it_is_not_met() -> None:
    """A door left open is explained before, at and after its deadline."""
    world = World(rules=[rule(AJAR, priority=Priority.ROUTINE, source="rules.yaml:3")])
    assert standing(world) == (Standing.NOT_MET, "it is not met at 08:00:00 on Sun 01 Mar")
    world.hears("front-door", contact="open")
    world.advance(minutes=2)
    waiting = one(world)
    world.until("2026-03-01T08:05Z")
    opened = one(world)
    world.hears("front-door", contact="closed")

    assert waiting.standing is Standing.WAITING
    assert (
        waiting.why == "it fires at 08:05:00 on Sun 01 Mar for front-door unless something ends it"
    )
    assert (waiting.due, waiting.since) == (instant("2026-03-01T08:05Z"), None)
    assert (waiting.policy, waiting.source) == ("family-then-centre", "rules.yaml:3")
    assert opened.standing is Standing.OPEN
    assert opened.alert == 1
    assert opened.why == f"alert {HOME}/1 carries it, which opened at 08:05:00 on Sun 01 Mar"
    assert opened.since == instant("2026-03-01T08:00Z")
    assert one(world).standing is Standing.NOT_MET


def test_an_alert_that_somebody_has_is_told_so_and_each_is_named() -> None:
    """Two doors are two alerts; the carer's name is not part of it."""
    world = World(rules=[rule(AJAR)])
    for name in ("front-door", "unit"):
        world.hears(name, contact="open")
        world.advance(minutes=6)
    world.accepts("ben")

    why = one(world).why

    assert f"alert {HOME}/1 carries it, which opened at 08:05:00 on Sun 01 Mar, and somebody" in why
    assert f"and alert {HOME}/2 carries it, which opened at 08:11:00 on Sun 01 Mar" in why
    assert "Ben" not in why


def test_what_was_told_and_resolved_or_began_unseen_is_met_without_a_deadline() -> None:
    """An open door that was dealt with, and one that was open before the rule was written."""
    seen = World(rules=[rule(OPEN)])
    seen.hears("front-door", contact="open")
    seen.advance(minutes=1)
    seen.resolves("Ben Hall")
    unseen = World()
    unseen.hears("front-door", contact="open")
    unseen.is_replanned(plan_of([rule(OPEN)]))

    assert standing(seen) == (
        Standing.MET,
        (
            "it has been met since 08:00:00 on Sun 01 Mar and was told: its alert was resolved at"
            " 08:01:00 on Sun 01 Mar"
        ),
    )
    assert standing(unseen)[0] is Standing.MET
    assert "it fires when that begins anew" in standing(unseen)[1]


def test_an_act_is_met_only_in_its_moment() -> None:
    """A pendant that is not being pressed is not met, and its last press is the evidence."""
    world = World(rules=[rule(ReadingIs(property="trigger", values=("pressed",)), mode=Mode.WATCH)])

    found = one(world)

    assert found.standing is Standing.NOT_MET
    assert found.why == (
        "it is met only in the moment in which it happens; not now; in mode watch it pages nobody"
    )
    told_by = [(each.device, each.value) for each in found.evidence]
    assert told_by == [("pendant", None), ("unit", None)]
    world.hears("pendant", trigger="pressed")
    assert one(world).evidence[0].since == instant("2026-03-01T08:00Z")


def test_an_absence_or_a_silence_holds_a_rule_back() -> None:
    """The very words that the record would have, and until when."""
    away = World(rules=[rule(OPEN, unless=(Absence.AWAY,))])
    suspends(away, SuspensionKind.HOSPITAL, days=2)
    away.hears("front-door", contact="open")
    quiet = World(rules=[rule(AJAR)])
    silences(quiet, "r", device="front-door", hours=2)
    before = one(quiet)
    quiet.hears("front-door", contact="open")
    fire = World(rules=[rule(AJAR, priority=Priority.LIFE_SAFETY)])
    silences(fire, hours=2)
    suspends(fire, days=1)
    fire.hears("front-door", contact="open")

    assert standing(away)[0] is Standing.HELD_BACK
    assert standing(away)[1].startswith("what it found is held back: nobody is at home since 08:00")
    assert [gap.why for gap in told(away).gaps] == ["hospital", "front-door, then silence"]
    assert before.standing is Standing.NOT_MET
    assert standing(quiet) == (
        Standing.HELD_BACK,
        "whatever it finds is held back: silenced by Ann Lee until 10:00",
    )
    assert [each.device for each in told(quiet).silences] == ["front-door"]
    assert one(fire).standing is Standing.WAITING


def test_what_is_not_met_is_not_held_back_but_would_be() -> None:
    """A silence of every rule does not make each of them look as if it had found something."""
    world = World(rules=[rule(AJAR)])
    silences(world, hours=2)

    assert standing(world) == (
        Standing.NOT_MET,
        (
            "it is not met at 08:00:00 on Sun 01 Mar; whatever it finds is held back: silenced by"
            " Ann Lee until 10:00"
        ),
    )


def test_a_cooldown_and_a_full_day_are_told() -> None:
    """Until when it rests, and that its alerts of the day are opened."""
    cooling = World(rules=[rule(OPEN, cooldown=HOUR)])
    capped = World(rules=[rule(OPEN, priority=Priority.ROUTINE, max_per_day=1)])
    for world in (cooling, capped):
        world.hears("front-door", contact="open")
        world.resolves("Ben Hall")
        world.hears("front-door", contact="closed")
    assert standing(cooling) == (
        Standing.COOLDOWN,
        (
            "within its cooldown until 09:00:00 on Sun 01 Mar: its alert ended at 08:00:00 on Sun"
            " 01 Mar"
        ),
    )
    assert standing(capped) == (
        Standing.CAPPED,
        "it has opened as many alerts as it may on one day: 1",
    )
    cooling.advance(hours=1)
    capped.advance(hours=17)
    assert one(cooling).standing is one(capped).standing is Standing.NOT_MET


def test_during_an_outage_silence_is_not_judged_and_other_deadlines_are() -> None:
    """The link is lost: nobody can say that the home is silent, a door stays open all the same."""
    world = World(
        rules=[rule(STILL), Rule(name="ajar", when=AJAR), Rule(name="dumb", when=Silent(
            at=("unit",), duration=HOUR))]
    )  # fmt: skip
    world.hears("hall-pir", motion="detected")
    world.hears("front-door", contact="open")
    world.advance(minutes=1)
    world.site_hears(LinkDown(at=world.at))

    assert standing(world) == (
        Standing.NOT_JUDGED,
        "silence is not judged: the link to the broker is lost since 08:01:00 on Sun 01 Mar",
    )
    assert one(world, "ajar").standing is Standing.WAITING
    (heard,) = one(world, "dumb").evidence
    assert (heard.device, heard.property, heard.value, heard.since) == (
        "unit", "any message", None, None,
    )  # fmt: skip
    held = world.site = World(site=type(world.site)()).site
    assert held.down_since is None
    assert standing(world)[1] == "silence is not judged: the link to the broker is lost"


def test_after_an_outage_an_absence_is_due_when_the_session_was_drained() -> None:
    """What would have been due in the outage is due at its end, and that is what is told."""
    world = World(rules=[rule(STILL)])
    world.hears("hall-pir", motion="detected")
    world.advance(hours=1)
    world.outage(hours=2)

    assert one(world).due == instant("2026-03-01T12:00Z")


def test_a_rule_that_failed_is_set_aside_and_is_not_asked_again() -> None:
    """What raised once would raise in the explanation too."""
    world = World(rules=[rule(AJAR), Rule(name="other", when=AJAR)])
    world.hears("front-door", contact="open")

    for key in ("r", "r|front-door", "r~look"):
        world.state.broken = (key,)
        found = one(world)
        assert found.standing is Standing.SET_ASIDE
        assert (found.parts, found.due, found.since) == ((), None, None)
        assert one(world, "other").standing is Standing.WAITING


def test_a_finding_whose_alert_is_gone_is_not_open() -> None:
    """What a finding says counts only while its alert is there."""
    world = World(rules=[rule(AJAR)])
    world.state.findings["r|unit"] = Finding(7, 0, 0)

    assert one(world).alert is None


def test_a_rule_without_a_device_says_so() -> None:
    """Nothing in this home tells what it reads."""
    world = World(rules=[rule(HeldFor(
        property="contact", values=("open",), duration=MINUTE, at=("cellar",)))])  # fmt: skip

    assert standing(world) == (Standing.NO_DEVICE, "no device of this home tells what it reads")


# --- rules that are not in force ------------------------------------------------------------------


def test_a_rule_that_is_not_in_force_says_why() -> None:
    """It is for other homes, or off; and one that does not exist names those that do."""
    off = {"mode": "off"}
    plan = plan_of([
        Rule(name="elsewhere", when=AJAR, applies_to=AppliesTo(
            tags=("dementia", "deaf"), schemes=("south", "northside"))),
        Rule(name="only-oak", when=AJAR, applies_to=AppliesTo(homes=("oak-1",))),
        Rule(name="idle", when=AJAR, mode=Mode.OFF, source="rules.yaml:9"),
        Rule(name="unnamed", when=AJAR, mode=Mode.OFF),
        Rule(name="by-home", when=AJAR, source="rules.yaml:20"),
        Rule(name="by-tag", when=AJAR, values=(
            Values(applies_to=AppliesTo(), values=off, source="rules.yaml:31"),)),
        rule(AJAR),
    ])  # fmt: skip
    world = World(plan=plan, record=record_of(tags=("deaf",), rule_values={"by-home": off}))

    idle = [each for each in told(world).rules if each.standing is Standing.NOT_IN_FORCE]
    why = {each.rule: each.why for each in idle}

    assert why == {
        "only-oak": "it applies to homes oak-1; of these this home has none",
        "idle": "its mode is off, set by rules.yaml:9",
        "unnamed": "its mode is off",
        "by-home": "its mode is off, set by the home",
        "by-tag": "its mode is off, set by rules.yaml:31",
    }
    untagged = World(plan=plan)
    assert one(untagged, "elsewhere").why == (
        "it applies to schemes south, northside; of these this home has northside, and to tags"
        " dementia, deaf; of these this home has none"
    )
    assert one(untagged, "idle").standing is Standing.NOT_IN_FORCE
    assert told(untagged, "idle").duty == ()
    with pytest.raises(ValueError, match=r"there is no rule nope; there are: by-home, .*, unnamed"):
        told(world, "nope")
    with pytest.raises(ValueError, match="there are: none"):
        told(World(), "nope")


def test_in_a_home_that_is_deleted_no_rule_is_in_force() -> None:
    """Its state lives on with its alerts; no rule reads it."""
    world = World(rules=[rule(AJAR)])
    world.is_replanned(deleted=True)

    assert why_not_in_force(world.home, world.plan.rules[0]) == (
        f"{HOME} is not registered: no rule is in force"
    )


# --- versions and duty ----------------------------------------------------------------------------


def test_the_same_rule_has_the_same_version() -> None:
    """A value that a home changes is another version of the rule there."""
    plain = World(rules=[rule(AJAR)])
    other = World(
        rules=[rule(AJAR)], record=record_of(rule_values={"r": {"when.duration": 2 * MINUTE}})
    )

    assert one(plain).version == one(World(rules=[rule(AJAR)])).version == version_of(rule(AJAR))
    assert one(other).version != one(plain).version
    assert len(one(plain).version) == 12


def test_who_was_on_duty_is_told_step_by_step() -> None:
    """Outside his hours Ben is meant and cannot be told; a refused number neither."""
    hours = (Window(start=17 * 60, end=8 * 60),)
    ben = Contact(id="ben", name=BEN.name, phone=BEN.phone, roles=BEN.roles, reachable=hours)
    world = World(
        rules=[rule(AJAR)], record=record_of(contacts=(ben, CARA)), start="2026-03-02T07:30Z"
    )

    early = told(world).duty
    world.advance(hours=1)

    assert early[0] == Duty("family-then-centre", 1, ("ben",), (), early[0].by, 2 * MINUTE)
    later = duty_of(world.home, world.state, world.site, world.plan.rules[0])
    assert [(each.step, each.to, each.not_now) for each in later] == [
        (1, (), ("ben",)),
        (2, ("cara",), ()),
        (3, ("monitoring_centre",), ()),
    ]
    assert told(world).duty == later


def test_all_rules_are_explained_at_once_with_nested_conditions() -> None:
    """A combination is told with its parts below it, each with what would have changed it."""
    cold = Compare(property="temperature", below=16, clear=17, duration=HOUR, at=("unit",))
    world = World(rules=[rule(AllOf(of=(cold, Not(of=AJAR)))), Rule(name="ajar", when=AJAR)])
    world.hears("unit", temperature=12.0)
    world.advance(hours=2)

    found = told(world)
    parts = [
        (each.depth, each.name, each.holds, each.would_change) for each in found.rules[0].parts
    ]

    assert [each.rule for each in found.rules] == ["r", "ajar"]
    assert parts == [
        (0, "all", True, "the end of any of its parts"),
        (1, "above or below", True, "temperature no longer below 17"),
        (1, "not", True, "the beginning of its part"),
        (2, "for", False, "contact: open for 5m"),
    ]
    assert found.rules[0].standing is Standing.OPEN
    assert found.rules[0].parts[1].since == instant("2026-03-01T09:00Z")
