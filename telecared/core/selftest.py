"""The synthetic resident's rule, policy and home: what a self-test of the whole way needs.

Values only. When it presses, and what a failure means, is `telecared.synthetic`.
"""

from typing import Final

import msgspec

from telecared.core.plan import SYNTHETIC_HOME, SYNTHETIC_TAG, Device, HomeRecord, Plan, Rule
from telecared.core.policy import MONITORING_CENTRE, AppliesTo, Contact, Policy, Step
from telecared.core.vocabulary import HOUR, DeviceKind, Priority
from telecared.core.when import ReadingIs

SCHEME: Final = SYNTHETIC_HOME
TOPIC: Final = f"telecare/{SCHEME}/{SYNTHETIC_HOME}/pendant"
NAME: Final = "synthetic resident"
PROBE: Final = "probe"
RULE: Final = "synthetic-pendant"


def with_synthetic(plan: Plan) -> Plan:
    """Return a plan in which the synthetic resident has a rule and a policy."""
    rule = Rule(
        name=RULE,
        when=ReadingIs(property="trigger", values=("pressed",)),
        priority=Priority.URGENT,
        say="Self-test of telecared. Nobody need do anything. Code {code}.",
        applies_to=AppliesTo(homes=(SYNTHETIC_HOME,)),
        policy=RULE,
    )
    # It is closed long before: the centre is only for what nobody closed.
    steps = (Step(notify=(PROBE,), wait=HOUR), Step(notify=(MONITORING_CENTRE,)))
    return msgspec.structs.replace(
        plan,
        rules=(*plan.rules, rule),
        policies=(*plan.policies, Policy(name=RULE, steps=steps, receipt=HOUR)),
    )


def home_of(number: str) -> HomeRecord:
    """Return the synthetic resident's home."""
    device = Device(id="pendant", kind=DeviceKind.PERSONAL_TRIGGER, profile="native", topic=TOPIC)
    return HomeRecord(
        id=SYNTHETIC_HOME,
        scheme=SCHEME,
        timezone="UTC",
        address="the self-test",
        tags=(SYNTHETIC_TAG,),
        devices=(device,),
        contacts=(Contact(id=PROBE, name=NAME, phone=number),),
        policy=RULE,
    )
