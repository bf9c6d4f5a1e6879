"""Reading the files that people write from disk, with sentences for what cannot be read.

Bytes become text and folders become lists of files here; nothing is parsed. Bytes that are not
UTF-8 are refused rather than guessed at, since a name must not arrive garbled at a responder.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from telecared.errors import ConfigError

MAX_FILE_BYTES: Final = 64 * 1024 * 1024
"""A longer file is refused before it is read."""

MAX_FILES: Final = 1000
"""Files in one folder; more is a folder that somebody named by mistake."""

YAML_SUFFIXES: Final = (".yaml", ".yml")


def read_text(path: Path) -> str:
    """Return the text of one file; a byte order mark is dropped.

    Raises:
        ConfigError: it is missing, unreadable, too long, or not UTF-8.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ConfigError([f"{path}:1:1: longer than {MAX_FILE_BYTES} bytes; split the file"])
        data = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError([f"{path}:1:1: no such file; check the name"]) from None
    except IsADirectoryError:
        raise ConfigError([f"{path}:1:1: a folder; name a file in it"]) from None
    except OSError as error:
        raise ConfigError([f"{path}:1:1: cannot be read ({error.strerror}); change that"]) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        col = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise ConfigError([f"{path}:{line}:{col}: not UTF-8; save the file as UTF-8"]) from None


def yaml_files(places: Iterable[Path]) -> list[Path]:
    """Return the YAML files that `places` name; a folder stands for its own files, by name.

    Folders within folders are not entered: scenario tests and drafts may lie there.

    Raises:
        ConfigError: with every place that does not exist or holds no YAML file.
    """
    files: list[Path] = []
    problems: list[str] = []
    for place in places:
        if not place.is_dir():
            files.append(place)
            continue
        inside = sorted(
            path for path in place.iterdir() if path.is_file() and path.suffix in YAML_SUFFIXES
        )
        if not inside:
            problems.append(f"{place}:1:1: the folder holds no .yaml file; add one or name another")
        elif len(inside) > MAX_FILES:
            problems.append(f"{place}:1:1: more than {MAX_FILES} files; name a smaller folder")
        else:
            files += inside
    if problems:
        raise ConfigError(problems)
    return list(dict.fromkeys(files))


def short_name(path: Path) -> str:
    """Return `folder/file`: the same on every machine, so that the plan's hash is too."""
    return "/".join(path.parts[-2:]) if not path.is_absolute() else "/".join(path.parts[1:][-2:])
