"""Messages of shipped device profiles, taken through the whole core: decoded, then stepped.

A story registers devices by profile and topic and lets their own messages arrive in a home with
rules. What the messages mean is left to the profile, what follows from it to the core.
"""

import json
from functools import cache
from pathlib import Path

from telecared.config.profiles import load_profiles
from telecared.core.directory import Directory
from telecared.core.events import MessageHeard
from telecared.core.plan import Device, Rule
from telecared.core.profiles import DeviceBinding
from telecared.core.resolved import Resolved
from telecared.core.shapes import CompiledProfile
from telecared.core.vocabulary import DeviceKind, Priority
from telecared.core.when import ReadingIs
from tests.core.world import HOME, World, record_of

DEVICES = Path(__file__).parents[2] / "devices"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "devices"

PENDANT_PRESSED = Rule(
    name="pendant-pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
)
FALL = Rule(
    name="fall",
    when=ReadingIs(property="fall", values=("detected", "suspected")),
    priority=Priority.LIFE_SAFETY,
)
LEAK = Rule(name="leak", when=ReadingIs(property="water", values=("wet",)))
DOOR_OPEN = Rule(name="door-open", when=ReadingIs(property="contact", values=("open",)))


@cache
def compiled(profile: str) -> CompiledProfile:
    """A shipped profile, ready for use."""
    return load_profiles([DEVICES / f"{profile}.yaml"])[profile].compiled


class DeviceStory:
    """A home whose devices speak their makers' languages."""

    def __init__(self, profile: str, devices: dict[str, tuple[DeviceKind, str]]) -> None:
        """`devices`: id -> kind and topic."""
        self.directory = Directory(
            [
                DeviceBinding(HOME, name, kind, profile, topic)
                for name, (kind, topic) in devices.items()
            ],
            {profile: compiled(profile)},
        )
        assert self.directory.conflicts == ()
        registered = tuple(
            Device(id=name, kind=kind, profile=profile, topic=topic)
            for name, (kind, topic) in devices.items()
        )
        self.world = World(
            rules=[PENDANT_PRESSED, FALL, LEAK, DOOR_OPEN], record=record_of(devices=registered)
        )

    def hears(self, topic: str, payload: object, *, retained: bool = False) -> Resolved:
        """A message arrives now; return what the directory made of it."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        found = self.directory.resolve(topic, text.encode(), self.world.at)
        for each in (found, *found.more):
            if each.binding is not None:
                self.world.happens(
                    MessageHeard(
                        input=self.world.next_input(),
                        at=self.world.at,
                        device=each.binding.device,
                        readings=each.decoded.readings,
                        seq=each.decoded.seq,
                        retained=retained,
                        qos=1,
                    )
                )
        return found

    def opened(self) -> list[str]:
        """The rules that opened an alert, in order."""
        return [each.rule or "" for each in self.world.records("alert.opened")]

    def repeats(self) -> int:
        """How often an alert was repeated."""
        return len(self.world.records("alert.repeated"))
