"""docs/reference/json.schema.json, asked about a line."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import jsonschema

PATH = Path(__file__).parents[2] / "docs" / "reference" / "json.schema.json"


@functools.cache
def _validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(PATH.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def problems(line: bytes) -> list[str]:
    """What is wrong with a line, and where; nothing if it is as the schema says."""
    errors = _validator().iter_errors(json.loads(line))
    return [f"{error.json_path}: {error.message}" for error in errors]
