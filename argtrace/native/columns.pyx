# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Calls to columns: `transport/columns.py` as machine code."""

from cpython.bytearray cimport PyByteArray_AS_STRING, PyByteArray_Resize
from cpython.bytes cimport PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

import struct

from argtrace.fetch import record
from argtrace.native.ring cimport Walker
from argtrace.transport import columns

cdef Py_ssize_t HEADER = record.ITEMS
cdef Py_ssize_t SIZE = record.SIZE
cdef uint16_t CALL = record.Kind.CALL


cdef struct Field:
    Py_ssize_t at, size


cdef class Columns(Walker):
    """Of a batch at a time: `drain`."""

    cdef Field fields[32]
    cdef int count
    cdef list arrays
    cdef bytearray memory
    cdef list others
    cdef Py_ssize_t calls, room, memory_size

    def __cinit__(self, *_):
        # Each head field follows the one before, after the kind; the size is not among them.
        offsets = {"number": record.NUMBER, "word0": record.IMAGE}
        at = record.FLAGS
        self.count = 0
        for name, form in columns.HEAD.items():
            at = offsets.get(name, at)
            self.fields[self.count].at, self.fields[self.count].size = at, struct.calcsize(form)
            at += self.fields[self.count].size
            self.count += 1

    def drain(self, into):
        """A batch into a `Columns`: how many samples."""
        cdef int field
        self.arrays = [into.columns[name] for name in columns.FIELDS]
        self.memory, self.others = into.memory, into.others
        self.calls = self.room = len(into)
        self.memory_size = len(self.memory)
        try:
            return self.walk()
        finally:
            self.resize(self.calls)
            PyByteArray_Resize(self.memory, self.memory_size)

    cdef int resize(self, Py_ssize_t calls) except -1:
        cdef int field
        for field in range(self.count):
            PyByteArray_Resize(self.arrays[field], calls * self.fields[field].size)
        PyByteArray_Resize(self.arrays[self.count], calls * 8)
        PyByteArray_Resize(self.arrays[self.count + 1], calls * 4)
        self.room = calls
        return 0

    cdef int sample(self, const uint8_t *data, Py_ssize_t length) except -1:
        cdef int field
        cdef Py_ssize_t rest = length - HEADER, size
        cdef uint64_t begin = self.memory_size
        cdef uint32_t rest_size = rest
        if rest < 0 or (<const uint16_t *>data)[0] != CALL or (<const uint32_t *>(data + SIZE))[0] != length:
            self.others.append((self.calls, PyBytes_FromStringAndSize(<const char *>data, length)))
            return 0
        if self.calls == self.room:
            self.resize(2 * self.calls + 64)
        for field in range(self.count):
            size = self.fields[field].size
            memcpy(PyByteArray_AS_STRING(self.arrays[field]) + self.calls * size, data + self.fields[field].at, size)
        memcpy(PyByteArray_AS_STRING(self.arrays[self.count]) + self.calls * 8, &begin, 8)
        memcpy(PyByteArray_AS_STRING(self.arrays[self.count + 1]) + self.calls * 4, &rest_size, 4)
        if self.memory_size + rest > len(self.memory):
            PyByteArray_Resize(self.memory, 2 * (self.memory_size + rest))
        memcpy(PyByteArray_AS_STRING(self.memory) + self.memory_size, data + HEADER, rest)
        self.memory_size += rest
        self.calls += 1
        return 0
