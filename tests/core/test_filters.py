"""Which topics a shard listens to: whole subtrees that never overlap (decision 8)."""

from collections.abc import Mapping

import pytest

from telecared.core.filters import topic_filters
from telecared.core.plan import Device, HomeRecord
from telecared.core.vocabulary import DeviceKind


def _home(scheme: str, *topics: str) -> HomeRecord:
    devices = tuple(
        Device(id=f"d{number}", kind=DeviceKind.OTHER, profile="native", topic=topic)
        for number, topic in enumerate(topics)
    )
    return HomeRecord(id="larch-12", scheme=scheme, timezone="Europe/London", devices=devices)


@pytest.mark.parametrize(
    ("home", "schemes", "expected"),
    [
        (_home("north"), {}, ["telecare/north/#"]),
        (_home("north", "telecare/north/larch-12/pir"), {}, ["telecare/north/#"]),
        (_home("north", "telecare/south/l/pir"), {}, ["telecare/north/#", "telecare/south/#"]),
        (_home("north", "zigbee2mqtt/hall"), {}, ["telecare/north/#", "zigbee2mqtt/#"]),
        (_home("north", "/odd/one"), {}, ["/#", "telecare/north/#"]),
        (_home("north", "northside/a/b"), {"north": ("northside/#",)}, ["northside/#"]),
        (_home("north", "hall"), {"north": ("hall",)}, ["hall"]),
        (_home("north"), {"north": ("a/#", "a/b/#", "a/b/c")}, ["a/#"]),
        (_home("north"), {"south": ()}, ["telecare/north/#", "telecare/south/#"]),
        (_home("north", "zigbee2mqtt/hall"), {"north": ("#",)}, ["#"]),
    ],
)  # fmt: skip
def test_filters_hold_every_topic_once(
    home: HomeRecord, schemes: Mapping[str, tuple[str, ...]], expected: list[str]
) -> None:
    """Unknown neighbours are heard too, and no message comes twice."""
    assert topic_filters([home], schemes) == expected
