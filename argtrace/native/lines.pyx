# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Calls to lines: what the ring has, written by templates.

A plain call is written by its template (`native/template.py`). Whatever is no plain call, or
does not fit its template, Python is asked for: for the call's pieces, which are remembered by the
bytes they came from, or for the whole line. No name, no layout and no rule of spelling is here:
all come from Python as data.

Nothing in a sample is trusted: every length is checked against the sample's own.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memchr, memcpy, memset

from argtrace.fetch import filters, record
from argtrace.native.digits cimport cut, write_decimal, write_fixed, write_fraction, write_number
from argtrace.native.memo cimport Memo
from argtrace.native.ring cimport Walker

# As native/template.py has them; tests/native compares.
cdef enum:
    TEXT, NUMBER, MEMO, BEGIN, END, DROP, OPEN, CLOSE, BRANCH, LESS, JUMP, ITEM, NEED, STRING, LEAST
    LEAST_RESULT, BUFFER, QUOTED, IF_CUT, SPAN_LENGTH, LENGTH, WHO, TIME_OF_DAY, FIXED, MARK, PAD, FAILED
    IS, PIECE, BAIL, FORGET, ENTRIES, IF_ONE, DECODED, EACH, ENTRY
    AGAIN, REST, TO_NUL

cdef enum:
    IN_RECORD, IN_MEMORY, IN_CLOCK

JUMPS = frozenset((BRANCH, LESS, JUMP, ITEM, MEMO, IF_CUT, IF_ONE, FAILED, ENTRY))

STEPS = TO_NUL + 1
"""How many kinds of steps there are."""

# The record's layout, from fetch/record.py.
cdef Py_ssize_t HEADER = record.ITEMS
cdef uint16_t CALL = record.Kind.CALL
cdef uint16_t WHOLE_LINE = record.Flag.LATE | record.Flag.NO_RESULT
cdef uint16_t COMPAT = record.Flag.COMPAT
cdef int KIND = record.KIND, FLAGS = record.FLAGS, LOST = record.LOST, TID = record.TID
cdef int TGID = record.TGID, TIME = record.TIME, START = record.START, RESULT = record.RESULT
cdef int NUMBER_AT = record.NUMBER, SIZE = record.SIZE
cdef int ITEM_SIZE = record.ITEM.size
cdef uint32_t PARTIAL = record.PARTIAL
cdef int32_t SKIPPED = record.SKIPPED
cdef uint32_t CALLS = record.CALLS
cdef int64_t MAX_ERRNO = filters.MAX_ERRNO

cdef Py_ssize_t BLOCK = 1 << 18   # bytes of text a batch ends at
cdef int MOST_WORDS = 4096        # texts of memory, templates of a call: remembered at the same time
cdef Py_ssize_t MOST_PIECES = 8 << 20  # bytes remembered of whole calls
cdef Py_ssize_t LONG_CALL = 2048  # bytes of a record that is not remembered
cdef Py_ssize_t LONG_MEMORY = 512  # bytes of memory whose text is not remembered
cdef Py_ssize_t LONGEST_NUMBER = 64  # bytes of any number, with what it is padded to
cdef int DEEP = 16                # lists in lists


cdef struct Step:
    int do, base, form, load, size, is_signed, jump, memo
    int64_t at, value
    uint64_t mask
    const char *text
    Py_ssize_t length


cdef struct Nest:
    Py_ssize_t mark, keep
    bint first


cdef class Program:
    """A template, as the executor runs it."""

    cdef Step *steps
    cdef Py_ssize_t count
    cdef Py_ssize_t room  # bytes of all that is written, but for what Python made and strings
    cdef list texts, memos

    def __cinit__(self, template):
        self.count = len(template)
        self.texts, self.memos = [], []
        self.steps = <Step *>PyMem_Malloc(max(self.count, 1) * sizeof(Step))
        if self.steps == NULL:
            raise MemoryError
        cdef Py_ssize_t at
        cdef Step *step
        cdef bytes text
        for at, op in enumerate(template):
            step = &self.steps[at]
            text = op.text
            self.texts.append(text)
            step.text, step.length = PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text)
            self.room += step.length + LONGEST_NUMBER
            if op.do == PAD:
                self.room += op.value
            step.do, step.base, step.form = op.do, op.base, op.form
            step.at, step.load, step.mask = op.at, op.load, op.mask
            step.size, step.is_signed, step.value = op.size, op.signed, op.value
            step.jump = op.jump
            if not (0 <= step.do < STEPS and op.jump <= self.count and op.load in (1, 2, 4, 8)):
                raise ValueError(f"step {at} of a template: {op}")
            # Jumps go forward alone, or to where an entry is taken: a template ends.
            if step.do == AGAIN:
                if not (0 <= op.jump < at and template[op.jump].do == ENTRY):
                    raise ValueError(f"step {at} of a template goes on for ever: {op}")
            elif step.do in JUMPS and -1 < op.jump <= at:
                raise ValueError(f"step {at} of a template goes back: {op}")
            if step.do in JUMPS and op.jump < 0 and step.do != MEMO:
                raise ValueError(f"step {at} of a template goes nowhere: {op}")
            step.memo = len(self.memos)
            if op.decode is not None:
                self.memos.append((op.decode, {}))
            elif op.call is not None:
                self.memos.append(Memo(op.call))
            elif step.do in (MEMO, FAILED, WHO, TIME_OF_DAY, DECODED):
                raise ValueError(f"step {at} of a template has nobody to ask: {op}")

    def __dealloc__(self):
        PyMem_Free(self.steps)


cdef class Executor(Walker):
    """`consumer` (writable), `producer` and `data` as in `transport/ring.py`.

    `head` and `tail`: templates of what is before and after each call's own; `whole` stands for
    the call's own where Python made its pieces. `template(index, record)` gives the template of
    a call, or None; one made for a value of an argument that decides comes with
    `selector(index)`: offset in the record and mask, or None. `pieces(record)` makes the two
    pieces, `line(sample)` whatever else is to be written. `escapes`: 512 texts: of a byte; and of
    a byte before an octal digit. b"" leaves the call to Python.
    """

    cdef object find_template, find_selector, make_pieces, make_line
    cdef Program head, tail, whole
    cdef dict programs, selectors, remembered
    cdef list by_index
    cdef list escapes
    cdef const char *escape_at[512]
    cdef uint8_t escape_size[512]
    cdef uint8_t itself[256]  # bytes that are written as they are
    cdef Py_ssize_t longest_escape
    cdef list whos
    # What is written.
    cdef char *out
    cdef Py_ssize_t end, room_at, spare
    # The call at hand.
    cdef uint64_t clock[4]
    cdef const uint8_t *entries
    cdef Py_ssize_t entries_size, entry_at
    cdef uint64_t entries_address
    cdef const uint8_t *here
    cdef Py_ssize_t here_size
    cdef const uint8_t *span
    cdef Py_ssize_t span_size
    cdef bint cut
    cdef uint64_t length_at_hand
    cdef Py_ssize_t mark
    cdef Nest nests[16]
    cdef int depth
    cdef Py_ssize_t pieces_size
    cdef tuple the_pieces
    # For Python to set.
    cdef public bint direct
    cdef public uint32_t lost
    cdef public int64_t left
    cdef public uint64_t origin

    def __cinit__(self, consumer, producer, data, *, head, tail, whole, template, selector, pieces, line,
                  escapes, origin):
        self.head, self.tail, self.whole = Program(head), Program(tail), Program(whole)
        self.find_template, self.find_selector = template, selector
        self.make_pieces, self.make_line = pieces, line
        self.by_index = [None] * CALLS
        self.selectors, self.remembered = {}, {}
        self.escapes = list(escapes)
        if len(self.escapes) != 512:
            raise ValueError("512 escapes")
        cdef int byte
        cdef bytes text
        for byte in range(512):
            text = self.escapes[byte]
            self.escape_at[byte], self.escape_size[byte] = PyBytes_AS_STRING(text), len(text)
            self.longest_escape = max(self.longest_escape, len(text))
        for byte in range(256):
            self.itself[byte] = self.escapes[byte] == self.escapes[byte + 256] == bytes([byte])
        self.whos = [memo for program in (self.head, self.tail, self.whole) for memo in _whos(program)]
        self.room_at = 2 * BLOCK
        self.out = <char *>PyMem_Malloc(self.room_at)
        if self.out == NULL:
            raise MemoryError
        self.end = 0
        self.origin = origin
        self.direct = False
        self.lost = 0
        self.left = 1 << 62
        self.the_pieces = None

    def __dealloc__(self):
        PyMem_Free(self.out)

    def forget(self):
        """A thread may have another name now."""
        cdef Memo memo
        for memo in self.whos:
            memo.forget()

    def drain(self):
        """Take what the ring has, up to a batch. Returns how many samples that were, and the text.

        Raises FormatError if a length does not fit: somebody else writes there; and whatever the
        functions raise that are asked.
        """
        self.end = 0
        cdef int taken = self.walk()
        return taken, PyBytes_FromStringAndSize(self.out, self.end)

    cdef bint enough(self) noexcept:
        return self.end >= BLOCK or self.left <= 0

    cdef int sample(self, const uint8_t *data, Py_ssize_t length) except -1:
        cdef uint16_t flags
        cdef uint32_t size
        cdef uint64_t start, time
        if self.direct and length >= HEADER and (<const uint16_t *>(data + KIND))[0] == CALL:
            flags = (<const uint16_t *>(data + FLAGS))[0]
            size = (<const uint32_t *>(data + SIZE))[0]
            start = (<const uint64_t *>(data + START))[0]
            time = (<const uint64_t *>(data + TIME))[0]
            # Below 2**63 ns, so that the time of day is below 2**64.
            if not flags & WHOLE_LINE and (<const uint32_t *>(data + LOST))[0] == self.lost and \
                    HEADER <= size <= length and 0 < start and self.origin <= start <= time and \
                    not time >> 63:
                self.clock[0], self.clock[1], self.clock[2] = start - self.origin, time - start, start
                self.call(data, length, flags)
                return 0
        text = self.make_line(PyBytes_FromStringAndSize(<const char *>data, length))
        self.append(text)
        return 0

    cdef int call(self, const uint8_t *data, Py_ssize_t size, uint16_t flags) except -1:
        cdef Py_ssize_t begin = self.end, own
        cdef Program program = None
        self.depth = 0
        self.run(self.head, data, size)
        own = self.end
        if not flags & COMPAT:
            program = self.program(data, size)
        if program is not None:
            if self.run(program, data, size) and self.run(self.tail, data, size):
                self.left -= 1
                return 0
            self.end = own
            self.depth = 0
        if not self.look_up(data, size, flags):
            self.end = begin
            self.append(self.make_line(PyBytes_FromStringAndSize(<const char *>data, size)))
            return 0
        self.left -= 1
        # Marks are within the call's own part.
        self.run(self.whole, data, size)
        self.run(self.tail, data, size)
        self.the_pieces = None
        return 0

    cdef Program program(self, const uint8_t *data, Py_ssize_t size):
        """The call's own template, or None."""
        cdef uint32_t number = (<const uint32_t *>(data + NUMBER_AT))[0]
        cdef uint64_t value
        if number >= CALLS:
            return None
        found = self.by_index[number]
        if found is None:
            selector = self.find_selector(number)
            if selector is None:
                found = self.made(number, data, size)
            else:
                found = (selector[0], selector[1], {})
                if selector[0] + 8 > HEADER:
                    raise ValueError("a selector is in the image")
            self.by_index[number] = found
        if not isinstance(found, tuple):
            return None if found is False else <Program>found
        at, mask, by_value = found
        value = (<const uint64_t *>(data + <Py_ssize_t>at))[0] & <uint64_t>mask
        program = by_value.get(value)
        if program is None:
            if len(by_value) >= MOST_WORDS:
                by_value.clear()
            program = by_value[value] = self.made(number, data, size)
        return None if program is False else <Program>program

    cdef object made(self, uint32_t number, const uint8_t *data, Py_ssize_t size):
        template = self.find_template(number, PyBytes_FromStringAndSize(<const char *>data, size))
        return False if template is None else Program(template)

    cdef int look_up(self, const uint8_t *data, Py_ssize_t size, uint16_t flags) except -1:
        """The two pieces of the call, as they were made of the same bytes, or by Python now; 0 if
        Python cannot make them."""
        cdef bytes key
        if size > LONG_CALL:
            self.the_pieces = self.make_pieces(PyBytes_FromStringAndSize(<const char *>data, size))
            return self.the_pieces is not None
        # All but who and when: the flags, and what is from the result on.
        key = PyBytes_FromStringAndSize(<const char *>data + RESULT - 2, size - RESULT + 2)
        (<uint16_t *>PyBytes_AS_STRING(key))[0] = flags
        found = self.remembered.get(key)
        if found is None:
            found = self.make_pieces(PyBytes_FromStringAndSize(<const char *>data, size))
            if found is None:
                return 0
            self.pieces_size += len(key) + len(found[0]) + len(found[1]) + 200
            if self.pieces_size > MOST_PIECES:
                self.remembered.clear()
                self.pieces_size = 0
            self.remembered[key] = found
        self.the_pieces = found
        return 1

    cdef inline int reserve(self, Py_ssize_t more) except -1:
        """Room for so many bytes, and for the spare."""
        if self.end + more + self.spare > self.room_at:
            self.grow(2 * (self.end + more + self.spare))
        return 0

    cdef int grow(self, Py_ssize_t room) except -1:
        cdef char *grown = <char *>PyMem_Realloc(self.out, room)
        if grown == NULL:
            raise MemoryError
        self.out, self.room_at = grown, room
        return 0

    cdef inline int append(self, bytes text) except -1:
        cdef Py_ssize_t length = PyBytes_GET_SIZE(text)
        self.reserve(length)
        memcpy(self.out + self.end, PyBytes_AS_STRING(text), length)
        self.end += length
        return 0

    cdef inline int number(self, Step *step, const uint8_t *data, Py_ssize_t size, uint64_t *to) noexcept:
        """The step's number, not cut to its type; 0 if it is not there."""
        cdef const uint8_t *base
        cdef Py_ssize_t there
        if step.base == IN_RECORD:
            base, there = data, size
        elif step.base == IN_MEMORY:
            base, there = self.here, self.here_size
        else:
            base, there = <const uint8_t *>self.clock, sizeof(self.clock)
        if step.at < 0 or step.at + step.load > there:
            return 0
        base += step.at
        if step.load == 8:
            to[0] = (<const uint64_t *>base)[0] & step.mask
        elif step.load == 4:
            to[0] = (<const uint32_t *>base)[0] & step.mask
        elif step.load == 2:
            to[0] = (<const uint16_t *>base)[0] & step.mask
        else:
            to[0] = base[0] & step.mask
        return 1

    cdef int run(self, Program program, const uint8_t *data, Py_ssize_t size) except -1:
        """1, or 0 if the record is not as the template expects."""
        cdef Py_ssize_t at = 0, place
        cdef Step *step
        cdef uint64_t word
        cdef int64_t result
        cdef Memo memo
        cdef bytes text
        cdef uint32_t begins
        cdef int32_t bytes_there
        cdef Nest *nest
        cdef const void *nul
        cdef int do
        # What is written from here on has room, but for texts: `append` makes room for them, and for
        # all that may come after.
        self.spare = program.room
        self.reserve(0)
        while at < program.count:
            step = &program.steps[at]
            do = step.do
            at += 1
            if do == TEXT:
                memcpy(self.out + self.end, step.text, step.length)
                self.end += step.length
            elif do == NUMBER:
                if not self.number(step, data, size, &word):
                    return 0
                self.end += write_number(
                    self.out + self.end, cut(word + <uint64_t>step.value, step.size, step.is_signed), step.form, step.is_signed
                )
            elif do == MEMO:
                if not self.number(step, data, size, &word):
                    return 0
                memo = <Memo>program.memos[step.memo]
                place = memo.find(word)
                if memo.states[place] == 2 and step.value:
                    nest = &self.nests[self.depth]
                    self.end = nest.mark
                else:
                    text = <bytes>memo.texts[memo.places[place]]
                    self.append(text)
                if memo.states[place] == 2:
                    at = step.jump
            elif do == BEGIN:
                nest = &self.nests[self.depth]
                nest.mark = self.end
                if not nest.first:
                    self.out[self.end] = c','
                    self.out[self.end + 1] = c' '
                    self.end += 1 if step.value else 2
                memcpy(self.out + self.end, step.text, step.length)
                self.end += step.length
            elif do == END:
                nest = &self.nests[self.depth]
                nest.first = False
                nest.keep = self.end
            elif do == DROP:
                self.nests[self.depth].first = False
            elif do == OPEN:
                memcpy(self.out + self.end, step.text, step.length)
                self.end += step.length
                if self.depth + 1 >= DEEP:
                    return 0
                self.depth += 1
                nest = &self.nests[self.depth]
                nest.first, nest.keep = True, self.end
            elif do == CLOSE:
                self.end = self.nests[self.depth].keep
                if self.depth == 0:
                    return 0
                self.depth -= 1
                memcpy(self.out + self.end, step.text, step.length)
                self.end += step.length
            elif do == BRANCH:
                if not self.number(step, data, size, &word):
                    return 0
                if word == 0:
                    at = step.jump
            elif do == LESS:
                if not self.number(step, data, size, &word):
                    return 0
                if word < <uint64_t>step.value:
                    at = step.jump
            elif do == JUMP:
                at = step.jump
            elif do == ITEM:
                if not self.number(step, data, size, &word):
                    return 0
                place = HEADER + ITEM_SIZE * step.value
                if step.value < 0 or place + ITEM_SIZE > size:
                    return 0
                begins = (<const uint32_t *>(data + place))[0]
                bytes_there = (<const int32_t *>(data + place + 4))[0]
                # A lie is Python's to tell of, whether anything is looked at there or not.
                if bytes_there > 0 and <uint64_t>(begins & ~PARTIAL) + bytes_there > <uint64_t>size:
                    return 0
                if word == 0 or bytes_there == SKIPPED:
                    at = step.jump
                    continue
                if bytes_there < 0 or begins & PARTIAL or begins > size:
                    return 0
                self.here, self.here_size = data + begins, bytes_there
            elif do == NEED:
                if self.here_size < step.value:
                    return 0
            elif do == STRING:
                self.span = self.here
                self.cut = self.here_size > step.value + 1
                # An empty string is its NUL alone, or nothing (`decode/strings.py`).
                self.span_size = step.value if self.cut else max(self.here_size - 1, 0)
            elif do == FORGET:
                self.length_at_hand = <uint64_t>-1
            elif do == LEAST:
                if not self.number(step, data, size, &word):
                    return 0
                self.length_at_hand = min(self.length_at_hand, word)
            elif do == LEAST_RESULT:
                result = (<const int64_t *>(data + RESULT))[0]
                self.length_at_hand = min(self.length_at_hand, <uint64_t>max(result, 0))
            elif do == BUFFER:
                self.span = self.here
                self.span_size = min(<uint64_t>self.here_size, self.length_at_hand)
                if 0 <= step.value < self.span_size:
                    self.span_size = step.value
                self.cut = <uint64_t>self.span_size < self.length_at_hand
            elif do == QUOTED:
                if not self.quote():
                    return 0
            elif do == IF_CUT:
                if not self.cut:
                    at = step.jump
            elif do == SPAN_LENGTH:
                self.end += write_decimal(self.out + self.end, self.span_size)
            elif do == LENGTH:
                self.end += write_decimal(self.out + self.end, self.length_at_hand)
            elif do == WHO:
                memo = <Memo>program.memos[step.memo]
                # Thread and process in one number, the thread below.
                place = memo.find((<const uint64_t *>(data + TID))[0])
                text = <bytes>memo.texts[memo.places[place]]
                self.append(text)
            elif do == TIME_OF_DAY:
                if not self.number(step, data, size, &word):
                    return 0
                word += <uint64_t>step.value
                memo = <Memo>program.memos[step.memo]
                place = memo.find(word // 1000000000)
                text = <bytes>memo.texts[memo.places[place]]
                self.append(text)
                self.end += write_fraction(self.out + self.end, word // 1000 % 1000000, 6)
            elif do == FIXED:
                if not self.number(step, data, size, &word):
                    return 0
                self.end += write_fixed(self.out + self.end, (word + 500) // 1000, step.value, step.size)
            elif do == MARK:
                self.mark = self.end
            elif do == PAD:
                if step.value > self.end - self.mark:
                    place = step.value - (self.end - self.mark)
                    memset(self.out + self.end, c' ', place)
                    self.end += place
            elif do == FAILED:
                result = (<const int64_t *>(data + RESULT))[0]
                if -MAX_ERRNO <= result < 0:
                    memo = <Memo>program.memos[step.memo]
                    place = memo.find(<uint64_t>result)
                    text = <bytes>memo.texts[memo.places[place]]
                    self.append(text)
                    at = step.jump
            elif do == IS:
                if not self.number(step, data, size, &word):
                    return 0
                if word == <uint64_t>step.value:
                    return 0
            elif do == ENTRIES:
                if not self.count(step):
                    return 0
            elif do == IF_ONE:
                if self.span_size != 1 or self.cut:
                    at = step.jump
            elif do == DECODED:
                if not self.number(step, data, size, &word) or not self.decoded(program.memos[step.memo], word):
                    return 0
            elif do == EACH:
                if not self.number(step, data, size, &word):
                    return 0
                self.entries, self.entries_size, self.entries_address = self.here, self.here_size, word
                self.entry_at = 0
                self.here_size = 0
            elif do == ENTRY:
                self.entry_at += self.here_size
                if not self.entry(step):
                    at = step.jump
            elif do == AGAIN:
                at = step.jump
                self.reserve(0)
            elif do == REST:
                self.here, self.here_size = self.entries + self.entry_at, self.entries_size - self.entry_at
                self.clock[3] = self.entries_address + self.entry_at
                self.cut = <uint64_t>self.entries_size < self.length_at_hand
                if self.here_size and not self.cut:
                    return 0
            elif do == TO_NUL:
                if step.value < 0 or step.value > self.here_size:
                    return 0
                self.span, self.cut = self.here + step.value, False
                self.span_size = self.here_size - step.value
                nul = memchr(self.span, 0, self.span_size)
                if nul != NULL:
                    self.span_size = <const uint8_t *>nul - self.span
            elif do == PIECE:
                text = <bytes>self.the_pieces[step.value]
                self.append(text)
            else:
                return 0
        return 1

    cdef int decoded(self, tuple memo, uint64_t address) except -1:
        """The text of the memory, remembered by its bytes, or made by Python now; 0 if it cannot."""
        cdef dict known
        cdef bytes key
        decode, known = memo
        key = PyBytes_FromStringAndSize(NULL, self.here_size + 16)
        cdef char *to = PyBytes_AS_STRING(key)
        memcpy(to, self.here, self.here_size)
        memcpy(to + self.here_size, &address, 8)
        memcpy(to + self.here_size + 8, &self.length_at_hand, 8)
        found = known.get(key)
        if found is None:
            found = decode(key[:self.here_size], address, self.length_at_hand)
            if found is None:
                return 0
            if self.here_size <= LONG_MEMORY:
                if len(known) >= MOST_WORDS:
                    known.clear()
                known[key] = found
        self.append(found)
        return 1

    cdef int entry(self, Step *step) noexcept:
        """Look at the entry at `entry_at` (`decode/entries.py`); 0 if there is no whole one."""
        cdef const uint8_t *begin = self.entries + self.entry_at
        cdef Py_ssize_t left = self.entries_size - self.entry_at, size
        self.here_size = 0
        if step.at < 0 or step.load != 2 or step.value < step.at + step.load or left < step.value:
            return 0
        size = (<const uint16_t *>(begin + step.at))[0]
        if size < step.value or size > left:
            return 0
        self.here, self.here_size = begin, size
        self.clock[3] = self.entries_address + self.entry_at
        return 1

    cdef int count(self, Step *step) noexcept:
        """How many entries there are."""
        cdef Py_ssize_t entries = 0
        self.entries, self.entries_size, self.entry_at = self.here, self.here_size, 0
        while self.entry(step):
            self.entry_at += self.here_size
            entries += 1
        self.span_size = entries
        self.cut = self.entry_at < self.entries_size or <uint64_t>self.entries_size < self.length_at_hand
        return 1

    cdef int quote(self) except -1:
        """The span in quotes; 0 if there is a byte that only Python knows how to write."""
        cdef Py_ssize_t at = 0, count = self.span_size
        cdef int size, index
        cdef const uint8_t *span = self.span
        self.reserve(self.longest_escape * count + 2)
        cdef char *to = self.out + self.end
        to[0] = c'"'
        to += 1
        while at < count:
            if self.itself[span[at]]:
                to[0] = span[at]
                to += 1
                at += 1
                continue
            index = span[at]
            at += 1
            if at < count and c'0' <= span[at] <= c'7':
                index += 256
            size = self.escape_size[index]
            if size == 0:
                return 0
            memcpy(to, self.escape_at[index], size)
            to += size
        to[0] = c'"'
        self.end = to + 1 - self.out
        return 1


cdef list _whos(Program program):
    cdef Py_ssize_t at
    return [program.memos[program.steps[at].memo] for at in range(program.count) if program.steps[at].do == WHO]
