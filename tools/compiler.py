"""What numbers does a header name, and what are they? The compiler's word.

Source: gcc's preprocessor output (cpp(1), -dD: definitions, and markers `# 12 "file"`
before the lines of each file), and gcc's values of integer constant expressions.

For what `headers.py` cannot read without a preprocessor: macros within #if, commands that
_IOR() makes of the size of a structure, enumerators. Each header is compiled by itself, for
many contradict one another. Only what stands below the include directory is given out,
though a header may include what the compiler has elsewhere.
"""

from __future__ import annotations

import re
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.headers import UnreadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

_MARKER = re.compile(r'# \d+ "(.*?)"')
# What many headers take for granted when they are compiled. Nothing of libc's: with it they
# leave out what libc has too.
_GRANTED = ("stddef.h", "stdint-gcc.h", "linux/types.h", "linux/const.h", "linux/ioctl.h")
# "#define NAME(x)" has parameters, "#define NAME " no value.
_DEFINE = re.compile(r"#define (\w+) +(\S.*)")
_UNDEF = re.compile(r"#undef (\w+)")
_ENUM = re.compile(r"\benum\s*(?:__attribute__\s*\(\(.*?\)\)\s*)?\w*\s*\{")
_ENUMERATOR = re.compile(r"\s*(\w+)\s*(?:=|$|__attribute__)")
# An error's place is where the macro is used, not where it is defined.
_ERROR = re.compile(r"(?m)^(\S+?):(\d+):\d+: error: (.*)$")
_ANSWER = re.compile(r"(?m)^\s*argtrace (\d+) \$(-?\d+) \$([01]) \$(\d+)$")


@dataclass(frozen=True, slots=True)
class Number:
    """An integer constant as C has it; `size` in bytes of its type, `file` that states it."""

    value: int
    size: int
    file: str


@dataclass(frozen=True, slots=True)
class Name:
    """Where a name is stated, and as what: the text of a macro, nothing of an enumerator."""

    file: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reader:
    """The headers below one include directory, for x86-64."""

    headers: Path

    def names(self, includes: Sequence[str]) -> dict[str, Name]:
        """Macros without parameters and enumerators of the last header.

        In the header's order, those of what it includes among them. The headers before the
        last are what it needs to be compiled.
        """
        out = self._gcc("-E", "-dD", text=_including(includes))
        if not out.stdout:
            raise UnreadError(f"{includes[-1]}: {_first_error(out.stderr)}")
        found: dict[str, Name] = {}
        code: dict[str, list[str]] = defaultdict(list)
        file = None
        for line in out.stdout.splitlines():
            if marker := _MARKER.match(line):
                file = self._below(marker[1])
            elif file is None:
                continue
            elif define := _DEFINE.match(line):
                found.setdefault(define[1], Name(file, define[2]))
            elif undef := _UNDEF.match(line):
                found.pop(undef[1], None)
            else:
                code[file].append(line)
        for file, lines in code.items():
            for name in enumerators("\n".join(lines)):
                found.setdefault(name, Name(file))
        return found

    def numbers(
        self, includes: Sequence[str], names: Mapping[str, Name]
    ) -> tuple[dict[str, Number], dict[str, str]]:
        """The values of names with their files, and of those that have none the reason."""
        wanted, reasons = list(names), dict[str, str]()
        while wanted:
            text = _including((*_GRANTED, *includes))
            first = text.count("\n") + 1
            out = self._gcc("-S", text=text + _questions(wanted))
            if not out.returncode:
                answers = [map(int, numbers) for numbers in _ANSWER.findall(out.stdout)]
                # gcc prints 64 bits as if they had a sign.
                return {
                    wanted[at]: Number(value if negative else value % 2**64, size, names[wanted[at]].file)
                    for at, value, negative, size in answers
                }, reasons
            bad = {
                wanted[int(line) - first]: message
                for file, line, message in _ERROR.findall(out.stderr)
                if file == "<stdin>" and first <= int(line) < first + len(wanted)
            }
            if not bad:
                raise UnreadError(f"{includes[-1]} does not compile: {_first_error(out.stderr)}")
            reasons |= bad
            wanted = [name for name in wanted if name not in bad]
        return {}, reasons

    def preprocessed(self, text: str) -> str:
        """C text with its macros expanded."""
        return self._gcc("-E", "-P", text=text).stdout

    def _below(self, path: str) -> str | None:
        for top in (self.headers / "x86_64-linux-gnu", self.headers):
            if path.startswith(f"{top}/"):
                return path.removeprefix(f"{top}/")
        return None

    def _gcc(self, *options: str, text: str) -> subprocess.CompletedProcess[str]:
        # Canonical paths would follow the links of a distribution's asm/ out of the directory.
        command = ["gcc", "-m64", "-w", "-O0", "-fmax-errors=0", "-ftrack-macro-expansion=0"]
        command += ["-fno-canonical-system-headers", "-D_GNU_SOURCE", "-D__EXPORTED_HEADERS__"]
        command += ["-isystem", f"{self.headers}/x86_64-linux-gnu", "-isystem", str(self.headers)]
        command += [*options, "-x", "c", "-", "-o", "-"]
        try:
            return subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        except FileNotFoundError as error:
            raise UnreadError("there is no gcc") from error


def enumerators(text: str) -> Iterator[str]:
    """The names in the enums of a preprocessed text."""
    for enum in _ENUM.finditer(text):
        for part in _split(text, enum.end()):
            if name := _ENUMERATOR.match(part):
                yield name[1]


def _split(text: str, start: int) -> Iterator[str]:
    """The parts up to the brace that closes what `start` is in, at the commas in no other brackets."""
    depth = 0
    for at in range(start, len(text)):
        letter = text[at]
        if depth == 0 and letter in ",}":
            yield text[start:at]
            start = at + 1
            if letter == "}":
                return
        depth += (letter in "({") - (letter in ")}")


def _questions(names: Sequence[str]) -> str:
    """C text: one line a name that compiles only if it is an integer constant; then the answers."""
    lines = [f"enum {{ argtrace_{at} = ({name}) }};\n" for at, name in enumerate(names)]
    lines.append("void argtrace(void) {\n")
    for at, name in enumerate(names):
        word, sign = f'"i"((unsigned long long)argtrace_{at})', f'"i"(argtrace_{at} < 0)'
        lines.append(f'__asm__("argtrace {at} %0 %1 %2" :: {word}, {sign}, "i"(sizeof({name})));\n')
    return "".join([*lines, "}\n"])


def _including(includes: Iterable[str]) -> str:
    return "".join(f"#include <{name}>\n" for name in includes)


def _first_error(text: str) -> str:
    error = re.search(r"error: (.*)", text)
    return error[1] if error else text.strip()
