"""What devices send, taken through the shipped profiles into the home of the core's stories.

A helper for the tests of profiles; what a single message decodes to stands in the profile itself.
"""

import json
from functools import cache
from pathlib import Path

from telecared.config.profiles import load_profiles
from telecared.core.compile import HomePlan
from telecared.core.directory import Directory
from telecared.core.events import MessageHeard
from telecared.core.plan import Device, Rule
from telecared.core.profiles import DeviceBinding
from telecared.core.registered import binding_of
from telecared.core.shapes import CompiledProfile
from telecared.core.vocabulary import DeviceKind, Duration, Priority
from telecared.core.when import ReadingIs
from tests.core.world import HOME, World, record_of

DEVICES = Path(__file__).parents[2] / "devices"

PRESSED = Rule(
    name="pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
)
SMOKE = Rule(
    name="smoke",
    when=ReadingIs(property="smoke", values=("alarm",)),
    priority=Priority.LIFE_SAFETY,
)
DOOR = Rule(
    name="door",
    when=ReadingIs(property="contact", values=("open",)),
    priority=Priority.ROUTINE,
)


@cache
def profile(name: str) -> CompiledProfile:
    """A shipped profile, read once."""
    return load_profiles([DEVICES / f"{name}.yaml"])[name].compiled


def payload_of(payload: object) -> bytes:
    """The bytes on the wire: text as it is, everything else as JSON."""
    return payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()


def binding(
    name: str, kind: DeviceKind, topic: str, *, home: str = HOME, **more: str | None
) -> DeviceBinding:
    """A registered device of one shipped profile."""
    return DeviceBinding(home, "device", kind, name, topic, **more)  # type: ignore[arg-type]


class Wire:
    """A home with real devices, which hears what they send."""

    def __init__(self, *devices: Device) -> None:
        profiles = {each.profile: profile(each.profile) for each in devices}
        record = record_of(devices=devices)
        self.world = World(rules=[PRESSED, SMOKE, DOOR], record=record)
        self.home: HomePlan = self.world.home
        self.directory = Directory([binding_of(HOME, each) for each in devices], profiles)

    def sends(self, topic: str, payload: object, *, after: Duration = 0) -> None:
        """A message comes in, `after` the one before it."""
        self.world.until_instant(self.world.at + after)
        resolved = self.directory.resolve(topic, payload_of(payload), self.world.at)
        for one in (resolved, *resolved.more):
            assert one.binding is not None, "the story speaks of registered devices only"
            assert one.decoded.error is None
            self.world.happens(
                MessageHeard(
                    input=self.world.next_input(),
                    at=self.world.at,
                    device=one.binding.device,
                    readings=one.decoded.readings,
                )
            )

    def opened(self) -> list[str]:
        """The rules whose alerts were opened, in order."""
        return [name for _, name in self.world.opened()]

    def counts(self) -> list[int]:
        """How often each unresolved alert was told again."""
        return [alert.repeats for _, alert in sorted(self.world.state.alerts.items())]
