"""Made-up makers for stories about strangers: a radio receiver, a bus, and a mesh of sensors."""

from functools import cache

from telecared.config.profiles import load_profiles, read_profile
from telecared.config.shipped import devices_folder
from telecared.core.plan import Device, HomeRecord
from telecared.core.vocabulary import DeviceKind
from telecared.engine import DirectoryOf
from telecared.shard import directory_of
from tests.engine.scenery import home

RADIO = """
profile: radio
topics: ["{scheme}/{home}/radio"]
strangers: alarms_only
address: id
identity: id
readings:
  - {from: contact, property: contact, on: open, off: closed}
  - {from: sos, property: trigger, values: {true: pressed}, unknown: ignore}
"""

BUS = """
profile: bus
topics: ["{scheme}/{home}/bus"]
sections:
  - keys: parts
    readings:
      - {from: motion, property: motion, on: detected, off: clear}
      - {from: sos, property: trigger, values: {true: pressed}, unknown: ignore}
"""

MESH = """
profile: mesh
topics: ["{scheme}/{home}/mesh/{device}"]
identity: serial
readings:
  - {from: contact, property: contact, on: open, off: closed}
  - {from: sos, property: trigger, values: {true: pressed}, unknown: ignore}
"""


@cache
def gadget_directory() -> DirectoryOf:
    """What builds a directory with the native profile and the made-up ones."""
    loaded = dict(load_profiles([devices_folder() / "native.yaml"]))
    for text in (RADIO, BUS, MESH):
        profile = read_profile(text, "made-up.yaml")
        loaded[profile.profile.name] = profile
    return directory_of(loaded)


def with_device(number: int, device: Device) -> HomeRecord:
    """A home with one device more."""
    plain = home(number)
    return home(number, devices=(*plain.devices, device))


def bus_part(number: int, part: str, kind: DeviceKind) -> Device:
    """A device behind a home's bus."""
    topic = f"north/h{number:03d}/bus"
    return Device(id=part, kind=kind, profile="bus", topic=topic, address=part)


def mesh_door(number: int, name: str, serial: str | None = None) -> Device:
    """A door sensor of a home's mesh."""
    topic = f"north/h{number:03d}/mesh/{name}"
    return Device(id=name, kind=DeviceKind.DOOR_SENSOR, profile="mesh", topic=topic, serial=serial)
