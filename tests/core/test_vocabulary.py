"""Which devices may tell what: the table that coverage and waiting rules are judged by."""

import pytest

from telecared.core.vocabulary import DeviceKind, may_tell


@pytest.mark.parametrize(
    ("kind", "name", "may"),
    [
        (DeviceKind.OTHER, "smoke", True),
        (DeviceKind.SMOKE_DETECTOR, "smoke", True),
        (DeviceKind.SMOKE_DETECTOR, "battery", True),
        (DeviceKind.PERSONAL_TRIGGER, "smoke", False),
    ],
)
def test_a_device_tells_what_its_kind_is_for_and_what_any_device_tells(
    kind: DeviceKind, name: str, may: bool
) -> None:
    """Of a device that nobody can classify anything is possible."""
    assert may_tell(kind, name) is may
