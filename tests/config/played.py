"""Messages as devices send them, played through a shipped profile into one home of the pure core.

Between a profile's examples (one message each) and the engine: what several messages in a row
come to. The home's rules are the two that every home has; nothing here decides about care.
"""

import functools
from pathlib import Path
from typing import Final

import msgspec

from telecared.config.profiles import load_profiles
from telecared.core.decode import CompiledProfile
from telecared.core.directory import Directory, Resolved
from telecared.core.events import MessageHeard
from telecared.core.plan import Device, Rule
from telecared.core.profiles import DeviceBinding
from telecared.core.vocabulary import DeviceKind, Priority
from telecared.core.when import ReadingIs
from tests.core.world import HOME, World, record_of

DEVICES: Final = Path(__file__).parents[2] / "devices"

PRESSED: Final = Rule(
    name="pressed",
    when=ReadingIs(property="trigger", values=("pressed",)),
    priority=Priority.LIFE_SAFETY,
)
WET: Final = Rule(
    name="wet", when=ReadingIs(property="water", values=("wet",)), priority=Priority.URGENT
)


@functools.cache
def _compiled(profile: str) -> dict[str, CompiledProfile]:
    loaded = load_profiles([DEVICES / f"{profile}.yaml"])
    return {name: each.compiled for name, each in loaded.items()}


class Played:
    """One home whose devices speak one profile.

    Attributes:
        world: the home, on a virtual clock.
        profiles: the compiled profile, by its name.
        directory: whose a message is.
        strangers: what was heard of devices that nobody registered.
    """

    def __init__(self, profile: str, bindings: list[DeviceBinding]) -> None:
        self.profiles = _compiled(profile)
        self.directory = Directory(bindings, self.profiles)
        assert self.directory.conflicts == ()
        devices = tuple(
            Device(id=each.device, kind=each.kind, profile=profile, topic=each.topic)
            for each in bindings
        )
        self.world = World(rules=(PRESSED, WET), record=record_of(devices=devices))
        self.strangers: list[Resolved] = []

    def send(self, topic: str, payload: object, *, after: float = 0.0) -> Resolved:
        """A message arrives, so many seconds after the one before; return what it is."""
        self.world.advance(seconds=after)
        raw = payload.encode() if isinstance(payload, str) else msgspec.json.encode(payload)
        found = self.directory.resolve(topic, raw, self.world.at)
        for each in (found, *found.more):
            if each.binding is None:
                self.strangers.append(each)
                continue
            self.world.happens(
                MessageHeard(
                    input=self.world.next_input(),
                    at=self.world.at,
                    device=each.binding.device,
                    readings=each.decoded.readings,
                )
            )
        return found

    def opened(self) -> list[str]:
        """The rules of the alerts that were opened, in order."""
        return [line.rule or "" for line in self.world.records("alert.opened")]

    def repeats(self) -> int:
        """How often alerts that were open were told again."""
        return len(self.world.records("alert.repeated"))


def binding(
    device: str, kind: DeviceKind, profile: str, topic: str, address: str | None = None
) -> DeviceBinding:
    """A registered device of the home."""
    return DeviceBinding(HOME, device, kind, profile, topic, address)
