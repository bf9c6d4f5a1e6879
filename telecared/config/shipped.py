"""Where the device profiles and rule packs that ship with telecared lie.

In a wheel they stand inside the package, in a checkout at its top. Reading them is `load`'s work.
"""

from pathlib import Path
from typing import Final

from telecared.errors import ConfigError

_PACKAGE: Final = Path(__file__).resolve().parent.parent


def devices_folder() -> Path:
    """Return the folder of the device profiles that ship.

    Raises:
        ConfigError: the installation is incomplete.
    """
    return _find("devices")


def rules_folder() -> Path:
    """Return the folder of the rule packs and escalation policies that ship.

    Raises:
        ConfigError: the installation is incomplete.
    """
    return _find("rules")


def _find(name: str) -> Path:
    in_the_wheel = _PACKAGE / "data" / name
    in_the_checkout = _PACKAGE.parent / name
    # The checkout is told by its pyproject.toml: beside an installed package, a folder that
    # happens to be called `rules` is somebody else's.
    if (_PACKAGE.parent / "pyproject.toml").is_file() and in_the_checkout.is_dir():
        return in_the_checkout
    if in_the_wheel.is_dir():
        return in_the_wheel
    problem = (
        f"{in_the_wheel}: the {name} that ship with telecared are missing; install telecared"
        f" again, or name your own folder under `{name}:` in telecared.yaml"
    )
    raise ConfigError([problem])
