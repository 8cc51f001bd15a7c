# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The stops of plain system calls, from wait4 to the record in the ring: `ptrace/tracer.py` and
`ptrace/copies.py` as machine code.

What is not plain goes back to Python, untouched: task events, signals, 32-bit calls, execs, calls
that begin anew. Each plan is compiled to a few numbers when its call is met.

Source: ptrace(2), process_vm_readv(2). No rule of its own: the Python it does the work of is the
reference, and the tests run both over the same memory.
"""

from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_FromStringAndSize, PyByteArray_GET_SIZE, \
    PyByteArray_Resize
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.errno cimport EINTR, errno
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memchr, memcpy, memset

from os import uname

from argtrace.fetch import record
from argtrace.fetch.filters import MAX_ERRNO
from argtrace.fetch.plan import Chosen, CopyBlock, CopyString, Filled, IoctlSize, Lesser, Linear, Load, ResultWord
from argtrace.kernel import ptrace as constants
from argtrace.kernel.uapi import BPF_RINGBUF_HDR_SZ
from argtrace.ptrace import copies, seccomp
from argtrace.ptrace.copies import Making
from argtrace.signature.meaning import On

cdef extern from "sys/ptrace.h" nogil:
    long c_ptrace "ptrace"(int request, int pid, void *address, void *data)

cdef extern from "sys/wait.h" nogil:
    int wait4(int pid, int *status, int options, void *usage)

cdef extern from "sys/uio.h" nogil:
    struct iovec:
        void *iov_base
        size_t iov_len
    ssize_t process_vm_readv(int pid, const iovec *local, unsigned long locals, const iovec *remote,
                             unsigned long remotes, unsigned long flags)

cdef extern from "time.h" nogil:
    struct timespec:
        long tv_sec
        long tv_nsec
    int clock_gettime(int clock, timespec *at)

cdef int GET_SYSCALL_INFO = constants.PTRACE_GET_SYSCALL_INFO
cdef int RESUME_SYSCALL = constants.PTRACE_SYSCALL, RESUME = constants.PTRACE_CONT
cdef int WALL = constants.WALL
cdef int OP_ENTRY = constants.PTRACE_SYSCALL_INFO_ENTRY, OP_EXIT = constants.PTRACE_SYSCALL_INFO_EXIT
cdef uint32_t OURS = seccomp.OURS
cdef int OP_SECCOMP = constants.PTRACE_SYSCALL_INFO_SECCOMP
cdef uint32_t NATIVE = constants.ARCHES.get(uname().machine, (0,))[0]
cdef int SYSCALL_STOPPED = (5 | constants.SYSCALL_STOP) << 8 | 0x7F  # SIGTRAP
cdef int SECCOMP_STOPPED = constants.PTRACE_EVENT_SECCOMP << 16 | 5 << 8 | 0x7F
cdef int CLOCK_MONOTONIC = 1

cdef int EFAULT_SIZE = -14
cdef int SKIPPED = record.SKIPPED
cdef uint32_t PARTIAL = record.PARTIAL
cdef int NO_RESULT = record.Flag.NO_RESULT
cdef int KIND_CALL = record.Kind.CALL
cdef Py_ssize_t ITEMS = record.ITEMS, IMAGE = record.IMAGE
cdef Py_ssize_t TID = record.TID, TGID = record.TGID, TIME = record.TIME, START = record.START
cdef Py_ssize_t RESULT = record.RESULT, NUMBER = record.NUMBER, SIZE = record.SIZE, FLAGS = record.FLAGS
cdef uint32_t CALLS = record.CALLS
cdef int64_t ERRNOS = MAX_ERRNO
cdef uint64_t PAGE = 4096, TOP = 0xFFFFFFFFFFF000, S32_MAX = 0x7FFFFFFF
cdef uint64_t HEADER = BPF_RINGBUF_HDR_SZ

# How much: `Code` of fetch/plan.py.
cdef enum:
    CONST, LOAD, RESULT_WORD, LESSER, LINEAR, IOCTL, FILLED
# After which results: `On`.
cdef enum:
    ENTRY_HALF, ALWAYS, SUCCESS, POSITIVE, ON_INTERRUPTED

cdef dict _ON = {None: ENTRY_HALF, On.ALWAYS: ALWAYS, On.SUCCESS: SUCCESS, On.POSITIVE: POSITIVE}

cdef struct Amount:
    int op, a, b, shift, size
    Py_ssize_t at
    uint64_t value

cdef struct Step:
    bint string, whole, chunks
    int item, guard, guard_size, on, amount, start
    Py_ssize_t pointer, fixed
    uint64_t room

cdef int MOST_STEPS = 128, MOST_AMOUNTS = 512


cdef class Program:
    """A plan as numbers. `plan` is kept for what Python does."""

    cdef Step *steps
    cdef Amount *amounts
    cdef int count, amount_count, items
    cdef Py_ssize_t payload, fixed
    cdef bint returns
    cdef readonly object plan

    def __cinit__(self, plan):
        self.steps = <Step *>PyMem_Malloc(sizeof(Step) * MOST_STEPS)
        self.amounts = <Amount *>PyMem_Malloc(sizeof(Amount) * MOST_AMOUNTS)
        if self.steps == NULL or self.amounts == NULL:
            raise MemoryError
        self.plan = plan
        self.items, self.payload, self.returns = plan.items, plan.payload, plan.returns
        self.fixed = record.payload_offset(plan.items)
        if len(plan.steps) > MOST_STEPS:
            raise ValueError("too many steps")
        for step in plan.steps:
            self._add(step)

    def __dealloc__(self):
        PyMem_Free(self.steps)
        PyMem_Free(self.amounts)

    def _add(self, step):
        cdef Step *made = &self.steps[self.count]
        made.string = isinstance(step, CopyString)
        if not made.string and not isinstance(step, CopyBlock):
            raise ValueError("not a plain step")
        made.item = step.item
        made.pointer = step.pointer.offset(self.items)
        made.guard = -1 if step.guard is None else step.guard.item
        made.guard_size = 0 if step.guard is None else step.guard.size
        made.on = _ON.get(step.on, ON_INTERRUPTED)
        made.room, made.fixed, made.amount, made.start, made.chunks, made.whole = step.room, -1, -1, -1, 0, 0
        if not made.string:
            made.chunks = step.chunks > 0
            made.fixed = -1 if step.fixed is None else self.fixed + step.fixed
            made.whole = isinstance(step.size, int)
            made.amount = self._amount(step.room if made.whole else step.size)
            if isinstance(step.size, Filled) and step.size.start is not None:
                made.start = self._amount(step.size.start)
        self.count += 1

    def _amount(self, code):
        cdef Amount made
        memset(&made, 0, sizeof(made))
        if isinstance(code, int):
            made.op, made.value = CONST, code
        elif isinstance(code, Chosen):
            made.op, made.value = CONST, self.plan.sizes[code.exit]
        elif isinstance(code, Load):
            made.op, made.at, made.size = LOAD, code.spot.offset(self.items), code.size
        elif isinstance(code, ResultWord):
            made.op = RESULT_WORD
        elif isinstance(code, Lesser):
            made.op, made.a, made.b = LESSER, self._amount(code.a), self._amount(code.b)
        elif isinstance(code, Linear):
            made.op, made.a, made.value = LINEAR, self._amount(code.of), code.add & 0xFFFFFFFFFFFFFFFF
            made.shift, made.size = code.shift, code.by
        elif isinstance(code, IoctlSize):
            made.op, made.a, made.shift = IOCTL, self._amount(code.of), 31 if code.reads else 30
        elif isinstance(code, Filled):
            made.op, made.a = FILLED, self._amount(code.of)
        else:
            raise ValueError("not a plain size")
        if self.amount_count == MOST_AMOUNTS:
            raise ValueError("too many sizes")
        self.amounts[self.amount_count] = made
        self.amount_count += 1
        return self.amount_count - 1


cdef ssize_t read(int tid, uint64_t address, void *to, uint64_t size) noexcept nogil:
    """As many bytes as can be read from there on; less than 0 for none."""
    cdef iovec local, remote
    local.iov_base, local.iov_len = to, size
    remote.iov_base, remote.iov_len = <void *>address, size
    return process_vm_readv(tid, &local, 1, &remote, 1, 0)


cdef inline uint64_t word(const char *raw, Py_ssize_t at) noexcept:
    cdef uint64_t value
    memcpy(&value, raw + at, 8)
    return value


cdef inline int32_t item_size(const char *raw, int item) noexcept:
    return (<const int32_t *>(raw + ITEMS + 8 * item))[1]


cdef inline uint32_t item_at(const char *raw, int item) noexcept:
    return (<const uint32_t *>(raw + ITEMS + 8 * item))[0]


cdef inline void set_item(char *raw, int item, uint32_t at, int32_t size) noexcept:
    (<uint32_t *>(raw + ITEMS + 8 * item))[0] = at
    (<int32_t *>(raw + ITEMS + 8 * item))[1] = size


cdef class Copier:
    """Carries out a program's halves over another process's memory: `ptrace/copies.py`."""

    cdef char *scratch
    cdef Py_ssize_t scratch_size
    cdef uint64_t left
    cdef object send

    def __cinit__(self, send):
        self.send = send
        self.scratch_size = 1 << 16
        self.scratch = <char *>PyMem_Malloc(self.scratch_size)
        if self.scratch == NULL:
            raise MemoryError

    def __dealloc__(self):
        PyMem_Free(self.scratch)

    def enter(self, Program program, making, int tid):
        """The entry half, of a Making whose record is begun."""
        cdef int i
        cdef bint retry = False
        cdef bytearray raw = making.raw
        for i in range(program.count):
            if program.steps[i].on == ENTRY_HALF:
                retry |= self.copy(program, making, raw, tid, i, 0, False, False)
        making.retry = retry
        return retry

    def leave(self, Program program, making, int tid, int64_t result):
        """The exit half."""
        cdef int i
        cdef bytearray raw = making.raw
        cdef Step *step
        making.result = result
        if making.retry:
            for i in range(program.count):
                step = &program.steps[i]
                if step.on == ENTRY_HALF and item_size(PyByteArray_AS_STRING(raw), step.item) < 0:
                    self.copy(program, making, raw, tid, i, result, True, not step.string)
        for i in range(program.count):
            step = &program.steps[i]
            if step.on == ALWAYS or (step.on == SUCCESS and result >= 0) or \
                    (step.on == POSITIVE and result > 0) or (step.on == ON_INTERRUPTED and interrupted(result)):
                self.copy(program, making, raw, tid, i, result, True, False)

    cdef bint copy(self, Program program, making, bytearray raw, int tid, int which, int64_t result, bint last,
                   bint again) except -1:
        """One step; whether it is to be tried again at the end."""
        cdef Step *step = &program.steps[which]
        cdef char *data = PyByteArray_AS_STRING(raw)
        cdef uint64_t address
        if step.start >= 0:
            self.left = self.compute(program, data, step.start, result)
        if step.guard >= 0 and item_size(data, step.guard) < step.guard_size:
            return False
        address = word(data, step.pointer)
        if address == 0 and (step.string or not last):
            return False
        if step.string:
            return self.copy_string(raw, step, tid, address, last)
        return self.copy_block(program, making, raw, which, tid, address, result, last, again)

    cdef bint copy_string(self, bytearray raw, Step *step, int tid, uint64_t address, bint last) except -1:
        cdef Py_ssize_t at = PyByteArray_GET_SIZE(raw), found = 0, most = step.room - 1
        cdef uint64_t here, part
        cdef ssize_t got
        cdef char *end
        if most + 1 > self.scratch_size:
            raise MemoryError
        while found < most:
            here = address + <uint64_t>found
            part = min(<uint64_t>(most - found), PAGE - here % PAGE)
            got = read(tid, here, self.scratch + found, part) if here < TOP else -1
            if got > 0:
                end = <char *>memchr(self.scratch + found, 0, got)
                if end != NULL:
                    found = end - self.scratch
                    break
                found += got
                continue
            set_item(PyByteArray_AS_STRING(raw), step.item, at, EFAULT_SIZE)
            if last:
                self.before_page_end(raw, step.item, tid, address, step.room, at, True)
            return not last
        self.scratch[found] = 0
        found += 1
        append(raw, self.scratch, found)
        set_item(PyByteArray_AS_STRING(raw), step.item, at, found)
        return False

    cdef bint copy_block(self, Program program, making, bytearray raw, int which, int tid, uint64_t address,
                         int64_t result, bint last, bint again) except -1:
        cdef Step *step = &program.steps[which]
        cdef char *data = PyByteArray_AS_STRING(raw)
        cdef uint64_t whole = self.compute(program, data, step.amount, result), size
        cdef Py_ssize_t at = PyByteArray_GET_SIZE(raw)
        cdef bint retry = False
        size = min(whole, step.room)
        if step.fixed >= 0:
            at = step.fixed
        elif again and item_at(data, step.item) < at:
            at = item_at(data, step.item)  # the entry half left room for it
        if at + <Py_ssize_t>size > PyByteArray_GET_SIZE(raw):
            PyByteArray_Resize(raw, at + size)
            data = PyByteArray_AS_STRING(raw)
        if (size == 0 and address <= TOP) or \
                (address + size <= TOP and address + size >= address and
                 read(tid, address, data + at, size) == <ssize_t>size):
            set_item(data, step.item, at, size)
        else:
            # What could not be read is zeros, and they stay.
            memset(data + at, 0, size)
            set_item(data, step.item, at, EFAULT_SIZE)
            if last:
                self.before_page_end(raw, step.item, tid, address, size, at, False)
            else:
                retry = True
        if step.chunks and whole > step.room and item_size(PyByteArray_AS_STRING(raw), step.item) >= 0:
            copies.send_chunks(making, program.plan.steps[which], address, whole, constants.reader(tid), self.send)
        return retry

    cdef int before_page_end(self, bytearray raw, int item, int tid, uint64_t address, uint64_t size,
                             Py_ssize_t at, bint appended) except -1:
        """What is before the end of the page, if more than that was wanted."""
        cdef uint64_t part = PAGE - address % PAGE
        if part >= size or address + part > TOP or address + part < address:
            return 0
        if read(tid, address, self.scratch, part) != <ssize_t>part:
            return 0
        if appended:
            append(raw, self.scratch, part)
        else:
            memcpy(PyByteArray_AS_STRING(raw) + at, self.scratch, part)
        set_item(PyByteArray_AS_STRING(raw), item, at | PARTIAL, part)
        return 0

    cdef uint64_t compute(self, Program program, const char *raw, int which, int64_t result) noexcept:
        cdef Amount *code = &program.amounts[which]
        cdef uint64_t value = 0, other
        if code.op == CONST:
            return code.value
        if code.op == LOAD:
            memcpy(&value, raw + code.at, code.size)
            return value
        if code.op == RESULT_WORD:
            return <uint64_t>result
        value = self.compute(program, raw, code.a, result)
        if code.op == LESSER:
            other = self.compute(program, raw, code.b, result)
            return min(value, other)
        if code.op == LINEAR:
            value = value + code.value >> code.shift
            return value if code.size == 1 else min(value, S32_MAX) * <uint64_t>code.size
        if code.op == IOCTL:
            return (value >> 16 & 0x3FFF) * (value >> code.shift & 1)
        value = min(value, self.left)
        self.left -= value
        return value


cdef inline bint interrupted(int64_t result) noexcept:
    return result in (-4, -512, -513, -514, -516)


cdef inline int append(bytearray raw, const char *data, Py_ssize_t size) except -1:
    cdef Py_ssize_t at = PyByteArray_GET_SIZE(raw)
    PyByteArray_Resize(raw, at + size)
    memcpy(PyByteArray_AS_STRING(raw) + at, data, size)
    return 0


cdef class Stops:
    """`tracer`: a `ptrace.tracer.Tracer`, whose tasks these are. `frame`: where arguments are in the image.
    `records`: the ring, or None where each record goes to `emit` at once."""

    cdef object tracer, emit, records, find
    cdef dict tasks
    cdef list programs
    cdef Copier copier
    cdef uint8_t info[96]
    cdef int image_at[8]
    cdef bint has_rax
    cdef object failed, errnos
    cdef uint64_t duration
    cdef uint64_t[::1] consumer, producer
    cdef uint8_t[::1] data
    cdef uint64_t size

    def __init__(self, tracer, frame, filters, emit, find, records):
        self.tracer, self.emit, self.records, self.find = tracer, emit, records, find
        self.tasks = tracer.tasks
        self.programs = [None] * record.CALLS
        self.copier = Copier(emit)
        self.failed, self.errnos, self.duration = filters.failed, filters.errnos, filters.duration
        # What GET_SYSCALL_INFO gives, in this order; then x86-64's rax and rcx.
        for at, offset in enumerate((*frame.arguments, *frame.spare)):
            self.image_at[at] = offset
        self.has_rax = "rax" in frame.offsets
        self.size = 0
        if records is not None:
            self.consumer, self.producer = (page[:8].cast("Q") for page in records.pages[:2])
            self.data = records.pages[2]
            self.size = self.data.shape[0]

    def release(self):
        """Let go of the ring's memory."""
        self.consumer = self.producer = None
        self.data = None
        self.size = 0
        self.records = None

    def run(self, int most):
        """Up to so many stops. A wait status that Python must look at, as (tid, status); or None: the
        stops were all plain, a signal came, or nobody is there any more."""
        cdef int i, tid, status
        for i in range(most):
            with nogil:
                tid = wait4(-1, &status, WALL, NULL)
            if tid <= 0:
                if errno != EINTR:
                    self.tasks.clear()
                return None
            if status != SYSCALL_STOPPED and status != SECCOMP_STOPPED:
                return tid, status
            task = self.tasks.get(tid)
            if task is None or not self.syscall(tid, task):
                return tid, status
            if self.size and self.producer[0] - self.consumer[0] > self.size // 2:
                return None
        return None

    cdef bint syscall(self, int tid, task) except -1:
        """A plain call's entry or exit; false, and nothing was done, if it is not plain."""
        cdef uint8_t *info = self.info
        cdef bint done
        if task.served:
            return False
        if c_ptrace(GET_SYSCALL_INFO, tid, <void *>96, info) < 0 or (<uint32_t *>info)[1] != NATIVE:
            return False
        if info[0] == OP_EXIT:
            done = self.exit(tid, task, (<int64_t *>info)[3])
        elif info[0] == OP_ENTRY or (info[0] == OP_SECCOMP and (<uint32_t *>info)[20] == OURS):
            done = self.entry(tid, task)
        else:
            return False
        if done:
            plain = RESUME_SYSCALL if task.inside or task.refusing or not self.tracer.filtered else RESUME
            c_ptrace(plain, tid, NULL, NULL)  # who is gone is told of by its wait status
        return done

    cdef bint entry(self, int tid, task) except -1:
        cdef uint64_t *words = <uint64_t *>self.info
        cdef uint32_t number = <uint32_t>words[3]
        cdef uint64_t start
        cdef Program program
        cdef bytearray raw
        cdef char *data
        cdef Py_ssize_t at
        cdef int i
        if task.held is not None or task.inside or number >= CALLS:
            return False
        found = self.programs[number]
        if found is None:
            found = self.programs[number] = self.find(number)
        if found is False:  # for Python
            return False
        task.inside, task.index, task.observed = True, number, ()
        if found is True:  # not wanted
            task.making = None
            return True
        start = now()
        raw = PyByteArray_FromStringAndSize(NULL, IMAGE + 64)
        data = PyByteArray_AS_STRING(raw)
        memset(data, 0, IMAGE + 64)
        for i in range(6):
            (<uint64_t *>(data + IMAGE + self.image_at[i]))[0] = words[4 + i]
        if self.has_rax:
            (<int64_t *>(data + IMAGE + self.image_at[6]))[0] = -38  # ENOSYS
            (<uint64_t *>(data + IMAGE + self.image_at[7]))[0] = words[1]
        if not isinstance(found, Program):
            found = found(bytes(raw[IMAGE:]))
            if found is None:
                task.inside = False
                return False
        program = found
        (<uint16_t *>data)[0] = KIND_CALL
        (<uint32_t *>(data + TID))[0] = tid
        (<uint32_t *>(data + TGID))[0] = task.tgid
        (<uint64_t *>(data + START))[0] = start
        (<uint32_t *>(data + NUMBER))[0] = number
        PyByteArray_Resize(raw, program.payload)
        data = PyByteArray_AS_STRING(raw)
        memset(data + ITEMS, 0, program.payload - ITEMS)
        for i in range(program.count):
            set_item(data, program.steps[i].item, 0xFFFFFFFF, SKIPPED)
        making = Making.__new__(Making)
        making.plan, making.items, making.raw, making.native = program.plan, program.items, raw, program
        making.retry, making.left, making.result = False, 0, 0
        self.copier.enter(program, making, tid)
        if program.returns:
            task.making = making
            return True
        task.making = None
        data = PyByteArray_AS_STRING(raw)
        (<uint64_t *>(data + TIME))[0] = start
        (<uint16_t *>(data + FLAGS))[0] |= NO_RESULT
        self.put(raw)
        return True

    cdef bint exit(self, int tid, task, int64_t result) except -1:
        cdef bytearray raw
        cdef char *data
        cdef uint64_t end
        if -516 <= result <= -512 or task.observed:
            return False
        making = task.making
        if making is None:
            task.inside = False
            return True
        if making.native is None:
            return False
        end = now()
        task.inside, task.making = False, None
        raw = making.raw
        data = PyByteArray_AS_STRING(raw)
        if not self.passes(result, end - word(data, START)):
            return True
        (<uint64_t *>(data + TIME))[0] = end
        (<int64_t *>(data + RESULT))[0] = result
        self.copier.leave(making.native, making, tid, result)
        self.put(raw)
        return True

    cdef bint passes(self, int64_t result, uint64_t duration):
        """As `tracer.passes`."""
        if self.failed is not None and (-ERRNOS <= result < 0) != self.failed:
            return False
        if self.errnos and -result not in self.errnos:
            return False
        return duration >= self.duration

    cdef int put(self, bytearray raw) except -1:
        """The record, behind all others."""
        cdef Py_ssize_t length = PyByteArray_GET_SIZE(raw)
        cdef char *data = PyByteArray_AS_STRING(raw)
        cdef uint64_t position, taken, at, first
        (<uint32_t *>(data + SIZE))[0] = length
        if self.size == 0 or self.records.waiting:
            self.emit(bytes(raw))
            return 0
        position = self.producer[0]
        taken = HEADER + (<uint64_t>length + 7 & ~<uint64_t>7)
        if position + taken - self.consumer[0] > self.size:
            self.emit(bytes(raw))
            return 0
        at = position & self.size - 1
        (<uint64_t *>&self.data[at])[0] = length
        at = at + HEADER & self.size - 1
        first = min(<uint64_t>length, self.size - at)
        memcpy(&self.data[at], data, first)
        memcpy(&self.data[0], data + first, length - first)
        self.producer[0] = position + taken
        return 0


cdef inline uint64_t now() noexcept:
    cdef timespec at
    clock_gettime(CLOCK_MONOTONIC, &at)
    return <uint64_t>at.tv_sec * 1000000000 + at.tv_nsec
