"""`argtrace plan`: what a trace would fetch, from where, and what the verifier makes of it.

Without --cost it needs no privileges.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time

from argtrace import kept, running_kernel
from argtrace.cli import options
from argtrace.errors import KernelRefused
from argtrace.fetch.plan import Chosen, CopyBlock, CopyString, CopyStrings, Fetched, Plan
from argtrace.kernel import access
from argtrace.kernel.programs import Program
from argtrace.location import syscall
from argtrace.options import Options
from argtrace.prepare import Prepared, prepare
from argtrace.signature import spell
from argtrace.signature.model import Signature
from argtrace.start import Begun, apart
from argtrace.target import host


def main(arguments: list[str]) -> int:
    wanted = _parser().parse_args(arguments)
    try:
        _write(wanted)
        sys.stdout.flush()
    except BrokenPipeError:
        # `argtrace plan | head`: who reads has seen enough. The interpreter flushes once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _write(wanted: argparse.Namespace) -> None:
    chosen = Options(calls=tuple(wanted.calls), limits=options.limits(wanted), naming=options.naming(wanted))
    if wanted.cost:
        _cost(chosen)
        return
    prepared = prepare(chosen)
    if wanted.listing:
        for program in prepared.programs.programs().values():
            sys.stdout.write(f"{program.name}:\n{program.listing()}\n\n")
        return
    _plans(prepared)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="argtrace plan",
        description="Show what a trace would fetch, from where, and what the verifier makes of it.",
        allow_abbrev=False,
    )
    options.add_selection(parser)
    options.add_names(parser)
    parser.add_argument("--cost", action="store_true", help="load the programs and show the verifier's cost")
    parser.add_argument("--listing", action="store_true", help="show the generated instructions")
    parser.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)
    return parser


def _plans(prepared: Prepared) -> None:
    for plans in prepared.plans:
        signature = prepared.signatures[plans.number]
        sys.stdout.write(f"{spell.prototype(signature)}  [{plans.number}, from {signature.source}]\n")
        sys.stdout.writelines(f"    {line}\n" for line in _arguments(signature, plans.default))
        for value, plan in plans.variants:
            sys.stdout.write(f"  with {value:#x}:\n")
            lines = _arguments(signature, plan)
            sys.stdout.writelines(f"    {line}\n" for line in lines if "bytes" in line)
    programs = len(prepared.programs.programs())
    space = prepared.programs.layout.record_space
    sys.stdout.write(f"{len(prepared.plans)} calls, {programs} programs, slots of {space} bytes a task\n")


def _arguments(signature: Signature, plan: Plan) -> list[str]:
    lines = []
    registers = syscall.registers(host())
    for param, register, copies in zip(signature.params, registers, plan.arguments, strict=False):
        halves = [
            _fetched(plan, fetched, when)
            for fetched, when in ((copies.entry, "at entry"), (copies.exit, "at exit"))
            if fetched is not None
        ]
        lines.append(f"{param.name:<16} {register:<4} {'; '.join(halves) or 'word'}")
    return lines


def _fetched(plan: Plan, fetched: Fetched, when: str) -> str:
    """What is copied for one pointer, and how many copies follow the pointers inside."""
    steps = {step.item: step for step in plan.steps}
    step = steps[fetched.item]
    match step:
        case CopyString(limit=limit):
            text = f"string of up to {limit} bytes {when}"
        case CopyStrings(space=space):
            text = f"up to {space} bytes of strings {when}"
        case CopyBlock(size=int(size)):
            text = f"{size} bytes {when}"
        case CopyBlock(size=Chosen(exit=exit)):
            text = f"{plan.sizes[exit]} bytes {when}"
        case CopyBlock(room=room):
            text = f"up to {room} bytes {when}"
    inside = _count(fetched)
    return text + (f", and {inside} more from pointers in it" if inside else "")


def _count(fetched: Fetched) -> int:
    return sum(1 + _count(each) for _, each in fetched.inner)


def _cost(chosen: Options) -> None:
    """Of each half of a kind of call by itself; then what a trace loads, many halves to a program."""
    try:
        with contextlib.closing(Begun(running_kernel.running(), apart(chosen))) as each:
            each.finish()
            _table(each.programs)
        ready = kept.ready(chosen, host())
        begin = time.perf_counter()
        with contextlib.closing(Begun(running_kernel.running(), ready)) as together:
            together.finish()
            seconds = time.perf_counter() - begin
            processed = sum(program.cost().verified or 0 for program in together.programs.values())
        count = len(ready.loadable.codes)
        sys.stdout.write(
            f"A trace has them in {count} programs, {processed} instructions processed: "
            f"loaded, with their maps, in {seconds * 1000:.1f} ms\n"
        )
    except KernelRefused as refused:
        raise access.explain(refused) or refused from refused


def _table(programs: dict[str, Program]) -> None:
    sys.stdout.write(f"{'program':<16} {'instructions':>12} {'processed':>10} {'JIT bytes':>10}\n")
    for name, program in programs.items():
        cost = program.cost()
        processed = "?" if cost.verified is None else str(cost.verified)
        sys.stdout.write(f"{name:<16} {cost.instructions:>12} {processed:>10} {cost.jited_bytes:>10}\n")
