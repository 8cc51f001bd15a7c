"""Numbers to digits, without Python."""

from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy, memset

cdef enum:
    DECIMAL, HEX, SHORT_HEX, OCTAL, POINTER  # as native/template.py has them


cdef inline uint64_t cut(uint64_t word, int size, bint is_signed) noexcept nogil:
    """To the size of its C type; with its sign in all 64 bits."""
    cdef int unused = 64 - 8 * size
    if unused <= 0:
        return word
    if is_signed:
        return <uint64_t>(<int64_t>(word << unused) >> unused)
    return word << unused >> unused


cdef inline Py_ssize_t write_decimal(char *to, uint64_t value) noexcept nogil:
    cdef char digits[24]
    cdef int at = 24, count
    while True:
        at -= 1
        digits[at] = c'0' + value % 10
        value //= 10
        if value == 0:
            break
    count = 24 - at
    memcpy(to, &digits[at], count)
    return count


cdef inline Py_ssize_t write_fraction(char *to, uint64_t value, int digits) noexcept nogil:
    """A point and so many digits."""
    cdef int at
    to[0] = c'.'
    for at in range(digits, 0, -1):
        to[at] = c'0' + value % 10
        value //= 10
    return digits + 1


cdef inline Py_ssize_t write_fixed(char *to, uint64_t value, int digits, int width) noexcept nogil:
    cdef uint64_t unit = 1
    cdef int at
    cdef Py_ssize_t count, missing
    for at in range(digits):
        unit *= 10
    count = write_decimal(to, value // unit)
    count += write_fraction(to + count, value % unit, digits)
    missing = width - count
    if missing > 0:
        for at in range(count - 1, -1, -1):
            to[at + missing] = to[at]
        memset(to, c' ', missing)
        return width
    return count


cdef inline Py_ssize_t write_number(char *to, uint64_t value, int form, bint is_signed) noexcept nogil:
    cdef char digits[24]
    cdef int at = 24, shift = 4, count
    cdef Py_ssize_t begin = 0
    if form == DECIMAL:
        if is_signed and <int64_t>value < 0:
            to[0] = c'-'
            return 1 + write_decimal(to + 1, <uint64_t>0 - value)
        return write_decimal(to, value)
    if form == POINTER and value == 0:
        memcpy(to, b"NULL", 4)
        return 4
    if form == SHORT_HEX and value == 0:
        to[0] = c'0'
        return 1
    to[0] = c'0'
    begin = 1
    if form == OCTAL:
        shift = 3
    else:
        to[1] = c'x'
        begin = 2
    while True:
        at -= 1
        count = <int>(value & ((1 << shift) - 1))
        digits[at] = <char>(c'0' + count) if count < 10 else <char>(c'a' + count - 10)
        value >>= shift
        if value == 0 and (shift == 4 or at <= 22):
            break
    count = 24 - at
    memcpy(to + begin, &digits[at], count)
    return begin + count
