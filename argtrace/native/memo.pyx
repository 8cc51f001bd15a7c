# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Texts by number, made by Python once for each."""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport uint8_t, uint64_t
from libc.string cimport memset

cdef int MOST_WORDS = 4096  # remembered at the same time


cdef class Memo:
    """Text by a 64-bit number, made by Python once for each. Forgets all when there are too many."""

    def __cinit__(self, call):
        self.call = call
        self.size = 16
        self.count = 0
        self.texts = []
        self.keys = <uint64_t *>PyMem_Malloc(self.size * sizeof(uint64_t))
        self.places = <Py_ssize_t *>PyMem_Malloc(self.size * sizeof(Py_ssize_t))
        self.states = <uint8_t *>PyMem_Malloc(self.size)
        if self.keys == NULL or self.places == NULL or self.states == NULL:
            raise MemoryError
        memset(self.states, 0, self.size)

    def __dealloc__(self):
        PyMem_Free(self.keys)
        PyMem_Free(self.places)
        PyMem_Free(self.states)

    cdef void forget(self):
        memset(self.states, 0, self.size)
        self.count = 0
        self.texts = []

    cdef Py_ssize_t slot(self, uint64_t key) noexcept:
        cdef uint64_t mixed = key * <uint64_t>0x9E3779B97F4A7C15
        cdef Py_ssize_t at = <Py_ssize_t>(mixed >> 40) & (self.size - 1)
        while self.states[at] and self.keys[at] != key:
            at = (at + 1) & (self.size - 1)
        return at

    cdef Py_ssize_t find(self, uint64_t key) except -1:
        """Where the text of `key` is; Python is asked for one that is not there."""
        cdef Py_ssize_t at = self.slot(key)
        if self.states[at]:
            return at
        answer = self.call(key)
        cdef bint unused = False
        if isinstance(answer, tuple):
            answer, unused = answer
        if not isinstance(answer, bytes):
            raise TypeError("a memo's text is bytes")
        if self.count >= MOST_WORDS:
            self.forget()
        if 2 * (self.count + 1) > self.size:
            self.grow()
        at = self.slot(key)
        self.keys[at] = key
        self.states[at] = 2 if unused else 1
        self.places[at] = len(self.texts)
        self.texts.append(answer)
        self.count += 1
        return at

    cdef int grow(self) except -1:
        cdef uint64_t *keys = self.keys
        cdef Py_ssize_t *places = self.places
        cdef uint8_t *states = self.states
        cdef Py_ssize_t size = self.size, at, to
        cdef uint64_t *more_keys = <uint64_t *>PyMem_Malloc(2 * size * sizeof(uint64_t))
        cdef Py_ssize_t *more_places = <Py_ssize_t *>PyMem_Malloc(2 * size * sizeof(Py_ssize_t))
        cdef uint8_t *more_states = <uint8_t *>PyMem_Malloc(2 * size)
        if more_keys == NULL or more_places == NULL or more_states == NULL:
            PyMem_Free(more_keys)
            PyMem_Free(more_places)
            PyMem_Free(more_states)
            raise MemoryError
        self.keys, self.places, self.states, self.size = more_keys, more_places, more_states, 2 * size
        memset(self.states, 0, self.size)
        for at in range(size):
            if states[at]:
                to = self.slot(keys[at])
                self.keys[to], self.places[to], self.states[to] = keys[at], places[at], states[at]
        PyMem_Free(keys)
        PyMem_Free(places)
        PyMem_Free(states)
        return 0
