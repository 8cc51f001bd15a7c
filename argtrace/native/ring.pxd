from libc.stdint cimport uint8_t, uint64_t


cdef class Walker:
    cdef const uint8_t[::1] producer_bytes, data_bytes
    cdef uint8_t[::1] consumer_bytes
    cdef uint64_t *consumer
    cdef const uint64_t *producer
    cdef const uint8_t *data
    cdef uint64_t size
    cdef bytes joined

    cdef int walk(self) except -1
    cdef bint enough(self) noexcept
    cdef int sample(self, const uint8_t *data, Py_ssize_t length) except -1
    cdef const uint8_t *contiguous(self, uint64_t begin, uint64_t length) except NULL
