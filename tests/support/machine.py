"""A machine that runs a ProgramSet: memory, maps, helpers, tail calls; no verifier, no kernel.

    machine = Machine(program_set("openat"))
    machine.track(10)
    machine.user.place(b"/etc/hosts\0", at=0x7000)
    machine.call("openat", -100, 0x7000, result=3)
    machine.records()       what a reader would be handed

It is stricter than a processor: a read of a register or of memory that nobody
wrote, a store outside of stack and map values, and a helper's buffer that is too
short are Faults. Source: RFC 9669; the helpers' words in include/uapi/linux/bpf.h.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from argtrace.fetch import record
from argtrace.fetch.asm import Program
from argtrace.fetch.choosing import IDENTIFY
from argtrace.fetch.isa import COMPARE_EXCHANGE, Instruction
from argtrace.fetch.layout import COUNTERS, TASK, TRACK, TRACKED
from argtrace.fetch.programs import ProgramSet
from argtrace.fetch.record import Phase
from argtrace.kernel import uapi
from argtrace.kernel.asking import VALUE
from argtrace.kernel.maps import MapSpec
from argtrace.location import frames, syscall
from argtrace.signature.syscalls import names
from argtrace.target import AARCH64, X86_64, Target
from argtrace.transport import records
from argtrace.transport.records import CallRecord, ChunkRecord, Record, TaskRecord
from tests.support import bpf_reader
from tests.support.event_records import event_record
from tests.support.generated import ARM64_FIELDS, EVENTS, FIELDS, MEMBERS, STRUCT_SIZE

WORD = (1 << 64) - 1
STACK = 512
TAIL_CALLS = 33
BUDGET = 1_000_000
USER_END = 1 << 56
POISON = 0xA5
CPUS = 2

_SIZES = {0x00: 4, 0x08: 2, 0x10: 1, 0x18: 8}


HASHES = (uapi.BPF_MAP_TYPE_HASH, uapi.BPF_MAP_TYPE_PERCPU_HASH, uapi.BPF_MAP_TYPE_LPM_TRIE)
"""Those that hold what was put into them, and no more."""


class Fault(Exception):
    """What the verifier would not load, or a processor not run."""


@dataclass
class Region:
    base: int
    data: bytearray
    writable: bool


class Memory:
    """Bytes at addresses, with nothing between them."""

    def __init__(self, first: int) -> None:
        self._next = first
        self._regions: list[Region] = []

    def place(self, data: bytes, at: int | None = None, *, writable: bool = False) -> int:
        base = self._next if at is None else at
        if at is None:
            self._next += len(data) + 0x1000 & ~0xFF
        self._regions.append(Region(base, bytearray(data), writable))
        return base

    def forget(self, base: int) -> None:
        self._regions = [region for region in self._regions if region.base != base]

    def find(self, address: int, size: int) -> tuple[Region, int] | None:
        for region in self._regions:
            at = address - region.base
            if at >= 0 and at + size <= len(region.data):
                return region, at
        return None

    def read(self, address: int, size: int) -> bytes | None:
        if size == 0 and address < USER_END:
            return b""  # mm/maccess.c: an address is looked at, what is there is not
        found = self.find(address, size)
        if found is None:
            return None
        region, at = found
        return bytes(region.data[at : at + size])

    def string(self, address: int, size: int) -> bytes | None:
        """Up to and with its NUL, or the first size - 1 bytes and a NUL; None where a byte is missing."""
        text = bytearray()
        while len(text) < size - 1:
            byte = self.read(address + len(text), 1)
            if byte is None:
                return None
            text += byte
            if byte == b"\0":
                return bytes(text)
        return bytes(text) + b"\0"

    def write(self, address: int, data: bytes) -> None:
        found = self.find(address, len(data))
        if found is None or not found[0].writable:
            raise Fault(f"{len(data)} bytes to {address:#x}")
        region, at = found
        region.data[at : at + len(data)] = data


@dataclass
class Table:
    """A map: its values by key, as addresses."""

    spec: MapSpec
    handle: int
    values: dict[bytes, int] = field(default_factory=dict)


class Machine:
    """`now`: the clock, in ns. `room`: how many more records the ring takes, None for any number.
    `target`: whose pt_regs and thread_info it has."""

    def __init__(self, programs: ProgramSet, target: Target = X86_64) -> None:
        self.programs = programs
        self.target = target
        self.numbers = {name: number for number, name in names(target).items()}
        self.kernel = Memory(0xFFFF_8880_0000_0000)
        self.user = Memory(0x5555_0000_0000)
        self.maps: dict[str, Table] = {}
        self.ring: list[bytes] = []
        self.room: int | None = None
        self.now = 1_000_000
        self.tick = 0
        """ns that pass while somebody looks at the clock."""
        self.cpu = 0
        self.uid = self.gid = 0
        self.cgroup = 1
        self.under: set[int] = set()
        """Which entries of `cgroups` the current task is below."""
        self.unread = 0
        """Bytes in the ring, as it tells them."""
        self.woken = 0
        self.ran: list[str] = []
        """Each program that was entered, by tail calls too."""
        self._tasks: dict[int, int] = {}
        self._signals: dict[int, int] = {}
        self._tgids: dict[int, int] = {}
        self.regs: dict[int, int] = {}
        """Where the registers are that each task has entered the kernel with."""
        for spec in programs.maps():
            self.maps[spec.name] = Table(spec, self.kernel.place(bytes(8)))
        self._update("blank", 0, record.slot(self._slot_size, Phase.NEWBORN))
        self._update("selected", 0, programs.selected)
        if programs.opens is not None:
            self._update("opens", 0, programs.opens)
        self._update("calls", 0, programs.calls)
        for key, value in programs.variants.items():
            self.update(self.maps["variants"], key, value)
        self.be(10)

    # Who is there, and what they have.

    def look_at_clock(self) -> int:
        self.now += self.tick
        return self.now

    def be(self, tid: int, tgid: int | None = None, comm: bytes = b"argtrace-test") -> int:
        """Go on as this task; give the address of its task_struct, which is made if it is new."""
        self.tid, self.tgid, self.comm = tid, tid if tgid is None else tgid, comm
        self._tgids[tid] = self.tgid
        if tid not in self._tasks:
            self._tasks[tid] = self.kernel.place(bytes(STRUCT_SIZE), writable=True)
            self.poke(self._tasks[tid] + FIELDS.task_pid, self.tid, 4)
            self.poke(self._tasks[tid] + FIELDS.task_tgid, self.tgid, 4)
            self._join(tid)
        return self._tasks[tid]

    def _join(self, tid: int) -> None:
        """The task is one more of its process."""
        leader = self._tasks.get(self.tgid, self._tasks[tid])
        signals = self._signals.setdefault(self.tgid, 0)
        if not signals:
            signals = self._signals[self.tgid] = self.kernel.place(bytes(STRUCT_SIZE), writable=True)
        self.poke(self._tasks[tid] + FIELDS.task_signal, signals)
        self.poke(self._tasks[tid] + FIELDS.task_group_leader, leader)

    def poke(self, address: int, value: int, size: int = 8) -> None:
        """Write a member of a structure of the kernel's."""
        self.kernel.write(address, (value & WORD).to_bytes(8, "little")[:size])

    def track(self, tid: int, phase: Phase = Phase.IDLE) -> int:
        """As a session does, by the program for it; what that returns."""
        run = self._ask(tid, phase or Phase.NEWBORN)
        if phase is Phase.IDLE:
            self.poke(self._slot(tid) + record.PHASE, phase, 2)
        return run

    def forget(self, tid: int) -> None:
        """As a session does of one that has ended."""
        self._ask(tid, Phase.IDLE)

    def _ask(self, tid: int, phase: Phase) -> int:
        return self._run_asked(TRACK, TASK.pack(tid, self._tgids.get(tid, tid), phase))

    def _run_asked(self, name: str, context: bytes) -> int:
        """One that a session runs; what it returned."""
        asked = self.maps.get("asked")
        if asked is not None:
            who = self.tgid << 32 | self.tid
            self.update(
                asked, bytes(4), VALUE.pack(who, *struct.unpack("<QQ", context.ljust(16, b"\0")), WORD)
            )
            context = bytes(8)  # task_rename's, which is nobody's business
        run = _Run(self, self.kernel.place(context))
        run.run(self.programs.programs()[name])
        self.ran.pop()
        return (run.regs[0] or 0) if asked is None else VALUE.unpack(self.value("asked"))[3]

    def slot(self, tid: int) -> bytes:
        """What a task's slot holds, in its place or in the hash."""
        return self._bytes(self._slot(tid), self.maps["tasks"])

    def _slot(self, tid: int) -> int:
        places = self.maps["slots"].values.values()
        found = [address for address in places if self._owner(address) & 0xFFFF_FFFF == tid]
        found += [address for key, address in self.maps["tasks"].values.items() if key == _key(tid)]
        assert len(found) == 1, f"{tid} has {len(found)} slots"
        return found[0]

    def tracked(self) -> set[int]:
        """Those who have a slot; as many as are counted."""
        owners = (self._owner(address) for address in self.maps["slots"].values.values())
        found = [owner & 0xFFFF_FFFF for owner in owners if owner]
        found += [int.from_bytes(key, "little") for key in self.maps["tasks"].values]
        counted = COUNTERS.unpack(self.value("counters"))[TRACKED // 8]
        assert len(found) == len(set(found)) == counted, f"{counted} counted, of {found}"
        return set(found)

    def _owner(self, address: int) -> int:
        return int.from_bytes(self.kernel.read(address + record.OWNER, 8) or b"", "little")

    def value(self, name: str, key: int = 0) -> bytes:
        """The value in a map; zeros where an array has none yet."""
        table = self.maps[name]
        address = table.values.get(key.to_bytes(4, "little"))
        return bytes(table.spec.value_size) if address is None else self._bytes(address, table)

    def program_memory(self, arguments: bytes, environment: bytes) -> None:
        """The current task's new program, as execve left it."""
        ends = self.user.place(arguments + environment)
        mm = self.kernel.place(bytes(STRUCT_SIZE), writable=True)
        self.poke(mm + FIELDS.mm_arg_start, ends)
        self.poke(mm + FIELDS.mm_arg_end, ends + len(arguments))
        self.poke(mm + FIELDS.mm_env_start, ends + len(arguments))
        self.poke(mm + FIELDS.mm_env_end, ends + len(arguments) + len(environment))
        self.poke(self.be(self.tid, self.tgid, self.comm) + FIELDS.task_mm, mm)

    def file(self, device: int, inode: int) -> int:
        """The address of an open file."""
        file, node, block = (self.kernel.place(bytes(STRUCT_SIZE), writable=True) for _ in range(3))
        self.poke(file + MEMBERS.file_inode, node)
        self.poke(node + MEMBERS.inode_ino, inode)
        self.poke(node + MEMBERS.inode_sb, block)
        self.poke(block + MEMBERS.sb_dev, device, 4)
        self.poke(block + MEMBERS.sb_dev + 4, 0xBAD, 4)  # something else
        return file

    def executable(self, device: int, inode: int) -> None:
        """What the current task runs."""
        mm = self.kernel.place(bytes(STRUCT_SIZE), writable=True)
        self.poke(mm + MEMBERS.mm_exe, self.file(device, inode))
        self.poke(self.be(self.tid, self.tgid, self.comm) + MEMBERS.task_mm, mm)

    def identify(self, device: int, inode: int, fd: int = 3) -> None:
        """As a session does of a program's file, with a descriptor of its own."""
        files, fdt = (self.kernel.place(bytes(STRUCT_SIZE), writable=True) for _ in range(2))
        opened = b"".join(self.file(1, number).to_bytes(8, "little") for number in range(fd))
        opened += self.file(device, inode).to_bytes(8, "little")
        self.poke(self.be(self.tid, self.tgid, self.comm) + MEMBERS.task_files, files)
        self.poke(files + MEMBERS.files_fdt, fdt)
        self.poke(fdt + MEMBERS.fdt_fd, self.kernel.place(opened))
        self._run_asked(IDENTIFY, fd.to_bytes(8, "little"))

    def began(self, tid: int, time: int, leader: int | None = None) -> None:
        """When a task's process began, whose first thread is `leader`."""
        first = self._tasks[tid if leader is None else leader]
        self.poke(self._tasks[tid] + MEMBERS.task_leader, first)
        self.poke(first + MEMBERS.task_started, time)

    def alive(self, count: int) -> None:
        """So many threads of the current process go on."""
        signal = self.kernel.place(bytes(STRUCT_SIZE), writable=True)
        self.poke(signal + MEMBERS.signal_live, count, 4)
        self.poke(signal + MEMBERS.signal_live + 4, 0xBAD, 4)
        self.poke(self.be(self.tid, self.tgid, self.comm) + MEMBERS.task_signal, signal)

    def binary(self, filename: bytes) -> int:
        """The address of a linux_binprm with this file name."""
        bprm = self.kernel.place(bytes(STRUCT_SIZE), writable=True)
        self.poke(bprm + FIELDS.bprm_filename, self.kernel.place(filename + b"\0"))
        return bprm

    # What happens.

    def registers(self, number: int, *arguments: int, compat: bool = False) -> int:
        """The address of a pt_regs."""
        if self.target == AARCH64:
            return self._arm64_registers(number, arguments, compat=compat)
        order = syscall.I386_REGISTERS if compat else syscall.X86_64_REGISTERS
        words = bytearray(b"\xee" * frames.pt_regs_offset("ss") + b"\xee" * 8)
        for register, value in (("orig_rax", number), *zip(order, arguments, strict=False)):
            at = frames.pt_regs_offset(register)
            words[at : at + 8] = (value & WORD).to_bytes(8, "little")
        return self.kernel.place(bytes(words))

    def _arm64_registers(self, number: int, arguments: tuple[int, ...], *, compat: bool) -> int:
        """As el0_svc_common() leaves them: the first argument in x0 and orig_x0, the number in r7 or x8
        and in syscallno, an int; other bytes are not zero. Call -1 has its result before sys_enter."""
        words = bytearray(b"\xee" * 336)
        for at, value in enumerate(arguments):
            words[8 * at : 8 * at + 8] = (value & WORD).to_bytes(8, "little")
        words[272:280] = words[:8]
        if number & 0xFFFF_FFFF == 0xFFFF_FFFF:
            words[:8] = (-errno.ENOSYS & WORD).to_bytes(8, "little")
        words[280:284] = (number & 0xFFFF_FFFF).to_bytes(4, "little")
        at = 56 if compat else 64
        words[at : at + 8] = (number & WORD).to_bytes(8, "little")
        return self.kernel.place(bytes(words), writable=True)

    def narrow(self, *, is_narrow: bool = True) -> None:
        """Whether the call is a 32-bit one: x86-64's thread_info.status tells, or arm64's flags."""
        task = self.be(self.tid, self.tgid, self.comm)
        if self.target == AARCH64:
            self.poke(task + ARM64_FIELDS.task_status, 0x0180_0002 | is_narrow << 22)
        else:
            self.poke(task + FIELDS.task_status, is_narrow << 1, 4)

    def enter(self, name: str | int, *arguments: int, compat: bool = False) -> int:
        """sys_enter; the address of pt_regs, for `leave`."""
        number = self.numbers[name] if isinstance(name, str) else name
        self.narrow(is_narrow=compat)
        regs = self.regs[self.tid] = self.registers(number, *arguments, compat=compat)
        self.run("sys_enter", regs, number)
        return regs

    def leave(self, regs: int, result: int) -> None:
        self.regs[self.tid] = regs
        if self.target == AARCH64:
            self.poke(regs, result)  # x0
        self.run("sys_exit", regs, result)

    def call(self, name: str | int, *arguments: int, result: int = 0, compat: bool = False) -> None:
        self.leave(self.enter(name, *arguments, compat=compat), result)

    def run(self, tracepoint: str, *words: int) -> None:
        """A tracepoint with its arguments. Nothing, where nobody is attached."""
        for attached in (self.programs.before, self.programs.attached):
            if tracepoint in attached:
                self.run_one(attached[tracepoint], tracepoint, *words)

    def run_one(self, program: Program, tracepoint: str, *words: int) -> None:
        """One program alone, as if the others were left out."""
        if self.programs.handed(program.name).recorded:
            data = event_record(self.programs.context, tracepoint, words, self.kernel)
        else:
            data = b"".join((word & WORD).to_bytes(8, "little") for word in words)
        context = self.kernel.place(data)
        _Run(self, context).run(program)
        self.kernel.forget(context)

    def find_task(self, pid: int) -> int:
        """The address of the task_struct with this id, or 0."""
        return self._tasks.get(pid, 0)

    # What came of it.

    def records(self) -> list[Record]:
        return [records.parse(sample) for sample in self.ring]

    def calls(self) -> list[CallRecord]:
        return [found for found in self.records() if isinstance(found, CallRecord)]

    def chunks(self) -> list[ChunkRecord]:
        return [found for found in self.records() if isinstance(found, ChunkRecord)]

    def events(self) -> list[TaskRecord]:
        return [found for found in self.records() if isinstance(found, TaskRecord)]

    @property
    def _slot_size(self) -> int:
        return self.maps["tasks"].spec.value_size

    def _bytes(self, address: int, table: Table) -> bytes:
        return self.kernel.read(address, table.spec.value_size) or b""

    def _update(self, name: str, key: int, value: bytes) -> int:
        return self.update(self.maps[name], key.to_bytes(4, "little"), value)

    def update(self, table: Table, key: bytes, value: bytes, flags: int = uapi.BPF_ANY) -> int:
        """The errno, or 0."""
        if table.spec.type == uapi.BPF_MAP_TYPE_LPM_TRIE:
            key = _prefix(key)
        if key in table.values and flags == uapi.BPF_NOEXIST:
            return errno.EEXIST
        if key in table.values:
            self.kernel.write(table.values[key], value)
            return 0
        is_hash = table.spec.type in HASHES
        if len(table.values) >= table.spec.entries if is_hash else not self._in_array(table, key):
            return errno.E2BIG
        table.values[key] = self.kernel.place(value, writable=True)
        return 0

    def look_up(self, table: Table, key: bytes) -> int:
        """The address of a value, or 0."""
        if table.spec.type == uapi.BPF_MAP_TYPE_LPM_TRIE:
            return _longest(table, key)
        is_array = table.spec.type not in HASHES
        if is_array and key not in table.values and self._in_array(table, key):
            self.update(table, key, bytes(table.spec.value_size))
        return table.values.get(key, 0)

    def _in_array(self, table: Table, key: bytes) -> bool:
        return int.from_bytes(key, "little") < table.spec.entries + table.spec.a_cpu * CPUS


def _key(number: int) -> bytes:
    return number.to_bytes(4, "little")


def _prefix(key: bytes) -> bytes:
    """An LPM trie's key without the bits that do not count (Documentation/bpf/map_lpm_trie.rst)."""
    bits, data = int.from_bytes(key[:4], "little"), key[4:]
    beyond = 8 * len(data) - bits
    if beyond < 0:
        raise Fault(f"a prefix of {bits} bits, of {8 * len(data)}")
    kept = int.from_bytes(data, "big") >> beyond << beyond
    return key[:4] + kept.to_bytes(len(data), "big")


def _longest(table: Table, key: bytes) -> int:
    for bits in range(int.from_bytes(key[:4], "little"), -1, -1):
        found = table.values.get(_prefix(bits.to_bytes(4, "little") + key[4:]))
        if found is not None:
            return found
    return 0


class _TailCall(Exception):
    def __init__(self, program: Program) -> None:
        super().__init__(program.name)
        self.program = program


class _Run:
    """One program, and those it jumps to."""

    def __init__(self, machine: Machine, context: int) -> None:
        self.machine = machine
        self.context = context
        self.stack = machine.kernel.place(bytes([POISON]) * STACK, writable=True)
        self.left = TAIL_CALLS
        self.reserved: dict[int, int] = {}
        """Bytes at each address that are neither submitted nor given back."""
        self.taken: list[int] = []
        """Tasks that are to be given back."""
        self.handles = {table.handle: name for name, table in machine.maps.items()}
        self.regs: list[int | None] = []

    def run(self, program: Program) -> None:
        try:
            while True:
                try:
                    self._run(program)
                except _TailCall as jump:
                    program = jump.program
                    continue
                return
        finally:
            self.machine.kernel.forget(self.stack)

    def _run(self, program: Program) -> None:
        self.machine.ran.append(program.name)
        self.regs = [None, self.context, *[None] * 8, self.stack + STACK]
        self._function(program, 0)
        if self.reserved:
            raise Fault(f"{program.name} ends with a piece of the ring reserved")
        if self.taken:
            raise Fault(f"{program.name} ends with a task that it has not given back")

    def _function(self, program: Program, at: int) -> None:
        maps = dict(program.maps)
        for _ in range(BUDGET):
            i = program.instructions[at]
            try:
                if i.opcode == bpf_reader.EXIT:
                    self._get(0)
                    return
                if bpf_reader.calls_function(i):
                    self._call_function(program, at + 1 + i.imm)
                    at += 1
                    continue
                at = self._step(program.instructions, at, maps.get(at))
            except Fault as fault:
                raise Fault(f"{program.name}: {at}: {fault}\n{program.listing()}") from fault
        raise Fault(f"{program.name} does not end")

    def _call_function(self, program: Program, at: int) -> None:
        """With a stack of its own; r6 to r9 are the caller's again afterwards."""
        if at not in dict(program.functions):
            raise Fault("a call to what is no function")
        kept = self.regs[6:]
        stack = self.machine.kernel.place(bytes([POISON]) * STACK, writable=True)
        self.regs = [None, *self.regs[1:6], *[None] * 4, stack + STACK]
        self._function(program, at)
        self.machine.kernel.forget(stack)
        self.regs = [self._get(0), *[None] * 5, *kept]

    def _step(self, code: tuple[Instruction, ...], at: int, map_name: str | None) -> int:
        i = code[at]
        kind = i.opcode & 7
        if i.opcode == bpf_reader.WIDE:
            self._wide(i, map_name)
            return at + 2
        if kind == bpf_reader.ALU64:
            self._alu(i)
        elif kind == bpf_reader.LDX:
            data = self.machine.kernel.read(self._get(i.src) + i.offset, _SIZES[i.opcode & 0x18])
            if data is None:
                raise Fault("a load from nowhere")
            self.regs[i.dst] = int.from_bytes(data, "little")
        elif i.opcode == bpf_reader.ALU | 0xB0 and i.imm:
            self.regs[i.dst] = i.imm & 0xFFFF_FFFF
        elif kind in (bpf_reader.ST, bpf_reader.STX):
            self._store(i)
        elif i.opcode == bpf_reader.CALL:
            self._call_kernel(i.imm) if bpf_reader.calls_kernel(i) else self._call(i.imm)
        elif kind == bpf_reader.JMP:
            return at + 1 + (i.offset if self._jumps(i) else 0)
        else:
            raise Fault(f"opcode {i.opcode:#x}")
        return at + 1

    def _get(self, register: int) -> int:
        value = self.regs[register]
        if value is None:
            raise Fault(f"r{register} was not written")
        return value

    def _operand(self, i: Instruction) -> int:
        return self._get(i.src) if i.opcode & 8 else i.imm & WORD

    def _wide(self, i: Instruction, map_name: str | None) -> None:
        if map_name is None:
            raise Fault("a 64-bit load that names no map")
        table = self.machine.maps[map_name]
        self.regs[i.dst] = table.handle if i.src == 1 else self.machine.look_up(table, bytes(4))

    def _alu(self, i: Instruction) -> None:
        operand = self._operand(i)
        operation = i.opcode & 0xF0
        if operation == 0xB0:
            self.regs[i.dst] = operand
            return
        value = self._get(i.dst)
        self.regs[i.dst] = _ALU[operation](value, operand) & WORD

    def _store(self, i: Instruction) -> None:
        size, address = _SIZES[i.opcode & 0x18], self._get(i.dst) + i.offset
        value = self._get(i.src) if i.opcode & 7 == bpf_reader.STX else i.imm & WORD
        if i.opcode & 0xE0 == 0xC0:
            old = int.from_bytes(self.machine.kernel.read(address, size) or b"", "little")
            if i.imm == COMPARE_EXCHANGE:
                value = value if old == self._get(0) else old
                self.regs[0] = old
            else:
                value += old
        self.machine.kernel.write(address, (value & WORD).to_bytes(8, "little")[:size])

    def _jumps(self, i: Instruction) -> bool:
        if i.opcode == bpf_reader.JA:
            return True
        left, right = self._get(i.dst), self._operand(i)
        return _COMPARE[i.opcode & 0xF0](left, right)

    def _call(self, number: int) -> None:
        arguments = self.regs[1:6]
        result = _HELPERS[number](self, *arguments)
        self.regs[:6] = [result & WORD, *[None] * 5]

    def _call_kernel(self, id: int) -> None:
        argument, result = self._get(1), 0
        if id == EVENTS.task_from_pid:
            result = self.machine.find_task(argument)
            self.taken += [result] if result else []
        elif id == EVENTS.task_release and argument in self.taken:
            self.taken.remove(argument)
        else:
            raise Fault(f"the kernel's function {id}")
        self.regs[:6] = [result, *[None] * 5]

    # Helpers. What a register holds that nobody wrote is None, and no helper takes that.

    def _table(self, handle: int | None) -> Table:
        if handle not in self.handles:
            raise Fault("this is no map")
        return self.machine.maps[self.handles[handle]]

    def _bytes(self, address: int | None, size: int) -> bytes:
        data = None if address is None else self.machine.kernel.read(address, size)
        if data is None:
            raise Fault(f"no {size} bytes for a helper to read")
        return data

    def _lookup(self, map: int | None, key: int | None, *_: int | None) -> int:
        table = self._table(map)
        return self.machine.look_up(table, self._bytes(key, table.spec.key_size))

    def _update(
        self, map: int | None, key: int | None, value: int | None, flags: int | None, *_: object
    ) -> int:
        table = self._table(map)
        if flags not in (uapi.BPF_ANY, uapi.BPF_NOEXIST):
            raise Fault(f"flags {flags}")
        return -self.machine.update(
            table, self._bytes(key, table.spec.key_size), self._bytes(value, table.spec.value_size), flags
        )

    def _delete(self, map: int | None, key: int | None, *_: int | None) -> int:
        table = self._table(map)
        address = table.values.pop(self._bytes(key, table.spec.key_size), None)
        return -errno.ENOENT if address is None else 0

    def memory(self, address: int | None) -> Memory:
        """Whose an address is, where there is one helper for both."""
        return self.machine.user if (address or 0) < USER_END else self.machine.kernel

    def _to_this_cpu(
        self, context: int | None, map: int | None, flags: int | None, data: int | None, size: int | None
    ) -> int:
        if self._table(map).spec.type != uapi.BPF_MAP_TYPE_PERF_EVENT_ARRAY:
            raise Fault("output that is not for an event")
        if context != self.context or flags != 0xFFFF_FFFF:
            raise Fault(f"output with context {context} and flags {flags}")
        return self._take(self._bytes(data, size or 0))

    def _output(
        self, map: int | None, data: int | None, size: int | None, flags: int | None, *_: object
    ) -> int:
        if self._table(map).spec.type != uapi.BPF_MAP_TYPE_RINGBUF:
            raise Fault("output that is not for the ring")
        full = self.machine.unread > self._table(map).spec.entries // 4
        if flags != (
            uapi.BPF_RB_FORCE_WAKEUP if full and not self.machine.now % 64 else uapi.BPF_RB_NO_WAKEUP
        ):
            raise Fault(f"output with flags {flags}")
        self.machine.woken += flags == uapi.BPF_RB_FORCE_WAKEUP
        return self._take(self._bytes(data, size or 0))

    def _take(self, sample: bytes) -> int:
        if self.machine.room == 0:
            return -errno.EAGAIN
        if self.machine.room is not None:
            self.machine.room -= 1
        self.machine.ring.append(sample)
        return 0

    def _under(self, map: int | None, index: int | None, *_: object) -> int:
        table = self._table(map)
        if table.spec.type != uapi.BPF_MAP_TYPE_CGROUP_ARRAY:
            raise Fault("this is no array of cgroups")
        if index is None or index >= table.spec.entries:
            return -errno.E2BIG
        return int(index in self.machine.under)

    def _query(self, map: int | None, question: int | None, *_: object) -> int:
        size = self._table(map).spec.entries
        return {uapi.BPF_RB_AVAIL_DATA: self.machine.unread, uapi.BPF_RB_RING_SIZE: size}[question or 0]

    def _reserve(self, map: int | None, size: int | None, flags: int | None, *_: object) -> int:
        if self._table(map).spec.type != uapi.BPF_MAP_TYPE_RINGBUF or flags != 0 or size is None:
            raise Fault("a reservation that is not in the ring")
        if self.machine.room == 0:
            return 0
        if self.machine.room is not None:
            self.machine.room -= 1
        address = self.machine.kernel.place(bytes([POISON]) * size, writable=True)
        self.reserved[address] = size
        return address

    def _submit(self, sample: int | None, flags: int | None, *_: object) -> int:
        if sample not in self.reserved or flags != uapi.BPF_RB_NO_WAKEUP:
            raise Fault("submits what is not reserved, or wakes the reader")
        self.machine.ring.append(self._bytes(sample, self.reserved.pop(sample)))
        self.machine.kernel.forget(sample)
        return 0

    def _tail_call(self, context: int | None, map: int | None, index: int | None, *_: object) -> int:
        if context != self.context or index is None:
            raise Fault("a tail call without context or index")
        program = self.machine.programs.reached.get((self._table(map).spec.name, index & 0xFFFF_FFFF))
        if program is None or not self.left:
            return -errno.ENOENT
        self.left -= 1
        raise _TailCall(program)

    def _read(self, memory: Memory, to: int | None, size: int | None, source: int | None) -> int:
        if to is None or size is None or source is None:
            raise Fault("a copy without target, size or source")
        data = memory.read(source, size)
        self.machine.kernel.write(to, data or bytes(size))
        return -errno.EFAULT if data is None else 0

    def _read_string(self, memory: Memory, to: int | None, size: int | None, source: int | None) -> int:
        if to is None or size is None or source is None:
            raise Fault("a copy without target, size or source")
        self._writable(to, size)
        text = memory.string(source, size)
        self.machine.kernel.write(to, text or bytes(size))
        return -errno.EFAULT if text is None else len(text)

    def _writable(self, to: int, size: int) -> None:
        found = self.machine.kernel.find(to, size)
        if found is None or not found[0].writable:
            raise Fault(f"no {size} bytes for a helper to write")

    def _comm(self, to: int | None, size: int | None, *_: int | None) -> int:
        self._writable(to or 0, size or 0)
        self.machine.kernel.write(to or 0, self.machine.comm.ljust(size or 0, b"\0"))
        return 0


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


_ALU: dict[int, Callable[[int, int], int]] = {
    0x00: lambda a, b: a + b,
    0x10: lambda a, b: a - b,
    0x20: lambda a, b: a * b,
    0x30: lambda a, b: a // b if b else 0,
    0x40: lambda a, b: a | b,
    0x50: lambda a, b: a & b,
    0x60: lambda a, b: a << (b & 63),
    0x70: lambda a, b: a >> (b & 63),
    0xA0: lambda a, b: a ^ b,
    0xC0: lambda a, b: _signed(a) >> (b & 63),
}
_COMPARE: dict[int, Callable[[int, int], bool]] = {
    0x10: lambda a, b: a == b,
    0x20: lambda a, b: a > b,
    0x30: lambda a, b: a >= b,
    0x40: lambda a, b: bool(a & b),
    0x50: lambda a, b: a != b,
    0x60: lambda a, b: _signed(a) > _signed(b),
    0x70: lambda a, b: _signed(a) >= _signed(b),
    0xA0: lambda a, b: a < b,
    0xB0: lambda a, b: a <= b,
    0xC0: lambda a, b: _signed(a) < _signed(b),
    0xD0: lambda a, b: _signed(a) <= _signed(b),
}
_HELPERS: dict[int, Callable[..., int]] = {
    uapi.BPF_FUNC_map_lookup_elem: _Run._lookup,
    uapi.BPF_FUNC_map_update_elem: _Run._update,
    uapi.BPF_FUNC_map_delete_elem: _Run._delete,
    uapi.BPF_FUNC_ringbuf_output: _Run._output,
    uapi.BPF_FUNC_ringbuf_reserve: _Run._reserve,
    uapi.BPF_FUNC_ringbuf_submit: _Run._submit,
    uapi.BPF_FUNC_tail_call: _Run._tail_call,
    uapi.BPF_FUNC_ringbuf_query: _Run._query,
    uapi.BPF_FUNC_get_current_comm: _Run._comm,
    uapi.BPF_FUNC_get_smp_processor_id: lambda run, *_: run.machine.cpu,
    uapi.BPF_FUNC_ktime_get_ns: lambda run, *_: run.machine.look_at_clock(),
    uapi.BPF_FUNC_get_current_pid_tgid: lambda run, *_: run.machine.tgid << 32 | run.machine.tid,
    uapi.BPF_FUNC_get_current_task_btf: lambda run, *_: run.machine._tasks[run.machine.tid],
    uapi.BPF_FUNC_get_current_task: lambda run, *_: run.machine._tasks[run.machine.tid],
    uapi.BPF_FUNC_get_current_uid_gid: lambda run, *_: run.machine.gid << 32 | run.machine.uid,
    uapi.BPF_FUNC_get_current_cgroup_id: lambda run, *_: run.machine.cgroup,
    uapi.BPF_FUNC_current_task_under_cgroup: _Run._under,
    uapi.BPF_FUNC_task_pt_regs: lambda run, *_: run.machine.regs[run.machine.tid],
    uapi.BPF_FUNC_probe_read_kernel: lambda run, *a: run._read(run.machine.kernel, *a[:3]),
    uapi.BPF_FUNC_probe_read_kernel_str: lambda run, *a: run._read_string(run.machine.kernel, *a[:3]),
    uapi.BPF_FUNC_perf_event_output: _Run._to_this_cpu,
    uapi.BPF_FUNC_probe_read: lambda run, *a: run._read(run.memory(a[2]), *a[:3]),
    uapi.BPF_FUNC_probe_read_str: lambda run, *a: run._read_string(run.memory(a[2]), *a[:3]),
    uapi.BPF_FUNC_probe_read_user: lambda run, *a: run._read(run.machine.user, *a[:3]),
    uapi.BPF_FUNC_probe_read_user_str: lambda run, *a: run._read_string(run.machine.user, *a[:3]),
}
