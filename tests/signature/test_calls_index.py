"""Which family declares which call, as `signature/calls/index.py` says it.

After a change of what is declared:

    ARGTRACE_UPDATE=1 pytest tests/signature/test_calls_index.py

writes the index anew.
"""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

from argtrace.signature import calls
from argtrace.signature.calls import declaration, declarations, index, of_family

DIRECTORY = Path(calls.__file__).parent

HEAD = '''"""Which family declares each call: written by tests/signature/test_calls_index.py."""

FAMILIES = {
'''


def _text() -> str:
    text = HEAD
    for path in sorted(DIRECTORY.glob("*.py")):
        if path.stem not in ("__init__", "index"):
            names = " ".join(sorted(of_family(path.stem)))
            lines = textwrap.wrap(names, 96, break_long_words=False, break_on_hyphens=False)
            rest = [f'    "{line}{" " if line is not lines[-1] else ""}"\n' for line in lines]
            body = (
                f'"{lines[0]}"'
                if len(lines) == 1
                else "(\n" + "".join(f"    {line}" for line in rest) + "    )"
            )
            text += f'    "{path.stem}": {body},\n'
    return text + "}\n"


def test_the_index_is_what_is_declared() -> None:
    if os.environ.get("ARGTRACE_UPDATE"):
        Path(index.__file__).write_text(_text())

    assert _text() == Path(index.__file__).read_text()


def test_one_declaration_is_that_of_all() -> None:
    everything = declarations()

    assert {name: declaration(name) for name in everything} == everything
    assert declaration("no_such_call") is None
