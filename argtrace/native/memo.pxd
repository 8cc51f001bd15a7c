from libc.stdint cimport uint8_t, uint64_t


cdef class Memo:
    cdef uint64_t *keys
    cdef uint8_t *states    # 0 free, 1 text, 2 text of something that is not used
    cdef Py_ssize_t *places
    cdef list texts
    cdef Py_ssize_t size, count
    cdef object call

    cdef void forget(self)
    cdef Py_ssize_t slot(self, uint64_t key) noexcept
    cdef Py_ssize_t find(self, uint64_t key) except -1
    cdef int grow(self) except -1
