"""A Plan of meanings alone, and its steps as text.

    planned(call(fd=FD, buf=Out(Bytes(Least(RESULT, "count"))), count=SIZE))
    steps(plan)     ["exit 0: block(rsi, min(result, u64 rdx) <= 32)"]

`u64 rdx` is a number in a register, `u32 +8` one in the record's fixed part.
"""

from __future__ import annotations

from argtrace.fetch import derive
from argtrace.fetch.limits import Limits
from argtrace.fetch.plan import (
    Chosen,
    Code,
    CopyBlock,
    CopyString,
    CopyStrings,
    Filled,
    IoctlSize,
    Lesser,
    Linear,
    Load,
    Plan,
    Plans,
    ResultWord,
    Spot,
    Step,
)
from argtrace.location import frames, syscall
from argtrace.signature.meaning import Declaration, On
from argtrace.signature.model import Int, Param, Signature
from argtrace.target import X86_64

LONG = Int("long", 8, signed=True)
REGISTERS = {frames.frame(X86_64).offsets[name]: name for name in syscall.X86_64_REGISTERS}


def signature(declaration: Declaration, *types: Int, name: str = "made_up") -> Signature:
    """Of a call that nobody has. `types`: those of its parameters, unsigned long without."""
    word = Int("unsigned long", 8, signed=False)
    params = tuple(
        Param(name, types[at] if at < len(types) else word, meaning, name)
        for at, (name, meaning) in enumerate(declaration.params)
    )
    return Signature(name, params, LONG, "table", declaration.result)


def planned(declaration: Declaration, *types: Int, limits: Limits | None = None) -> Plans:
    return derive.plans(0, signature(declaration, *types), X86_64, limits or Limits())


def steps(plan: Plan) -> list[str]:
    return [_step(step) for step in plan.steps]


def _step(step: Step) -> str:
    half = "entry" if step.on is None else "exit" if step.on is On.SUCCESS else f"exit on {step.on.value}"
    guard = "" if step.guard is None else f" if {step.guard.item} has {step.guard.size}"
    return f"{half} {step.item}: {_copy(step)}{guard}"


def _copy(step: Step) -> str:
    pointer = _spot(step.pointer)
    match step:
        case CopyString(limit=limit):
            return f"string({pointer}, {limit})"
        case CopyStrings(limit=limit):
            return f"strings({pointer}, {limit})"
        case CopyBlock(size=size, room=room, fixed=fixed, chunks=chunks):
            length = f"{size}" if size == room else f"{_code(size)} <= {room}"
            place = "" if fixed is None else f" to +{fixed}"
            return f"block({pointer}, {length}{f' and {chunks} chunks' if chunks else ''}){place}"


def _spot(spot: Spot) -> str:
    return f"+{spot.at}" if spot.fixed else REGISTERS[spot.at]


def _code(code: Code) -> str:
    match code:
        case int():
            return str(code)
        case Load(spot=spot, size=size):
            return f"u{8 * size} {_spot(spot)}"
        case ResultWord():
            return "result"
        case Lesser(a=a, b=b):
            return f"min({_code(a)}, {_code(b)})"
        case Linear(of=of, add=0, shift=0, by=by):
            return f"{_code(of)} * {by}"
        case Linear(of=of, add=add, shift=shift, by=by):
            return f"({_code(of)} + {add} >> {shift}) * {by}"
        case IoctlSize(of=of, reads=reads):
            return f"{'reads' if reads else 'writes'} of {_code(of)}"
        case Filled(of=of, start=None):
            return f"share of {_code(of)}"
        case Filled(of=of, start=start):
            assert start is not None
            return f"share of {_code(of)} from {_code(start)}"
        case Chosen():
            return "chosen"
