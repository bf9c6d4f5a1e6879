"""The schemas by themselves: valid, complete, the same in the repository and on the terminal."""

from collections.abc import Iterator
from importlib import import_module
from typing import Annotated, Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, PlainValidator

from telecared.config.condition_bodies import ReadingBody
from telecared.config.schema_types import TYPES, describe_model
from telecared.config.schemas import FILE_KINDS, schema_of, schema_text
from tests.conftest import REPOSITORY


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_the_schemas_are_schemas(kind: str) -> None:
    """Each is valid JSON Schema 2020-12 and every reference in it leads somewhere."""
    schema = schema_of(kind)

    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(references(schema)) <= {f"#/$defs/{name}" for name in schema["$defs"]}


def references(part: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a schema
    """Every `$ref` of a schema."""
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


@pytest.mark.parametrize("kind", FILE_KINDS)
def test_the_files_of_the_repository_are_what_the_command_prints(kind: str) -> None:
    """Run `telecared schema KIND > schemas/KIND.json` after a change of what is read."""
    text = (REPOSITORY / "schemas" / f"{kind}.json").read_text(encoding="utf-8")

    assert text == schema_text(kind)


def test_each_named_reader_is_there() -> None:
    """A validator that was renamed would leave its values without a pattern."""
    for name in TYPES:
        module, _, function = name.rpartition(".")
        assert callable(getattr(import_module(module), function)), name


def test_a_reader_that_nobody_described_is_no_schema_that_takes_anything() -> None:
    """Whoever adds a value is told to describe it."""

    class Odd(BaseModel):
        """A value that only its reader knows."""

        value: Annotated[int, PlainValidator(int)]

    with pytest.raises(LookupError, match=r"no schema for builtins\.int"):
        describe_model(Odd)
    assert describe_model(ReadingBody)[0]["required"] == ["property", "is"]
