"""The synthetic resident obeys only rules that name their home."""

from telecared.core.compile import HomePlan
from telecared.core.plan import SYNTHETIC_HOME, SYNTHETIC_TAG, Plan, Rule
from telecared.core.policy import AppliesTo
from telecared.core.selftest import home_of
from telecared.core.when import ReadingIs


def test_a_press_of_the_synthetic_resident_pages_nobody_by_a_rule_for_people() -> None:
    """Only the rule that names the home holds there."""
    pressed = ReadingIs(property="trigger", values=("pressed",))
    everybody = Rule(name="pendant-pressed", when=pressed)
    own = Rule(name="own", when=pressed, applies_to=AppliesTo(homes=(SYNTHETIC_HOME,)))
    home = home_of("+447700900000")

    compiled = HomePlan(Plan(rules=(everybody, own)), home.id, home)

    assert [rule.name for rule in compiled.rules] == ["own"]
    assert SYNTHETIC_TAG in home.tags
