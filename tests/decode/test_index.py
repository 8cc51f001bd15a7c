"""Which module has which decoder, as `decode/index.py` says it.

After a change of what is registered:

    ARGTRACE_UPDATE=1 pytest tests/decode/test_index.py

writes the index anew.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

from argtrace.decode import decoders, index

HEAD = '''"""Which module has which decoders: written by tests/decode/test_index.py."""

MODULES = {
'''


def _text() -> str:
    decoders.load()
    homes = defaultdict(list)
    for name, function in decoders._DECODERS.items():
        home = getattr(function, "func", function).__module__
        homes[home.rpartition(".")[2]].append(name)
    text = HEAD
    for module, names in sorted(homes.items()):
        lines = textwrap.wrap(" ".join(sorted(names)), 90)
        rest = [f'        "{line}{" " if line is not lines[-1] else ""}"\n' for line in lines]
        body = f'"{lines[0]}"' if len(lines) == 1 else "(\n" + "".join(rest) + "    )"
        text += f'    "{module}": {body},\n'
    return text + "}\n"


def test_the_index_is_what_is_registered() -> None:
    if os.environ.get("ARGTRACE_UPDATE"):
        Path(index.__file__).write_text(_text())

    assert _text() == Path(index.__file__).read_text()


def test_a_decoder_brings_no_others() -> None:
    script = (
        "import sys; from argtrace.decode import decoders; decoders.decoder('sigset');"
        "print(*(m for m in ('signal_sets', 'netlink', 'ioctl') if f'argtrace.decode.{m}' in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["signal_sets"]
