"""The schemas in docs/reference/, asked about a line."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import jsonschema
import referencing
from referencing.jsonschema import DRAFT202012

DIRECTORY = Path(__file__).parents[2] / "docs" / "reference"
PATH = DIRECTORY / "json.schema.json"
EXECS = DIRECTORY / "execs.schema.json"


@functools.cache
def _validator(path: Path) -> jsonschema.Draft202012Validator:
    """What a schema refers to is beside it."""
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    registry = referencing.Registry().with_resources(
        (other.name, DRAFT202012.create_resource(json.loads(other.read_text())))
        for other in DIRECTORY.glob("*.schema.json")
    )
    return jsonschema.Draft202012Validator(schema, registry=registry)


def problems(line: bytes, path: Path = PATH) -> list[str]:
    """What is wrong with a line, and where; nothing if it is as the schema says."""
    errors = _validator(path).iter_errors(json.loads(line))
    return [f"{error.json_path}: {error.message}" for error in errors]
