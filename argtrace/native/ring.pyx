# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The ring buffer's samples, one after the other: `transport/ring.py` as machine code.

Source: kernel/bpf/ringbuf.c. Nothing in the ring is trusted: a length that does not fit ends the walk.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from argtrace.errors import FormatError
from argtrace.kernel.uapi import BPF_RINGBUF_BUSY_BIT, BPF_RINGBUF_DISCARD_BIT, BPF_RINGBUF_HDR_SZ

cdef extern from *:
    """
    #define load_acquire(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)
    #define store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
    """
    uint64_t load_acquire(const uint64_t *p) nogil
    uint32_t load_acquire32 "load_acquire"(const uint32_t *p) nogil
    void store_release(uint64_t *p, uint64_t v) nogil

cdef uint32_t BUSY = BPF_RINGBUF_BUSY_BIT, DISCARD = BPF_RINGBUF_DISCARD_BIT
cdef uint64_t HEADER_SIZE = BPF_RINGBUF_HDR_SZ

cdef int BATCH = 4096              # samples a batch ends at: signals are handled between batches
cdef uint64_t GIVE_BACK = 1 << 16  # bytes of the ring that are given back at once


cdef class Walker:
    """`consumer` (writable), `producer` and `data` as in `transport/ring.py`.

    `sample` is for others to say: what is done with each.
    """

    def __cinit__(self, consumer, producer, data, **_):
        self.consumer_bytes, self.producer_bytes, self.data_bytes = consumer, producer, data
        if self.consumer_bytes.shape[0] < 8 or self.producer_bytes.shape[0] < 8:
            raise ValueError("a position takes 8 bytes")
        self.size = self.data_bytes.shape[0]
        if self.size == 0 or self.size & (self.size - 1):
            raise ValueError("the size of a ring's data is a power of two")
        self.consumer = <uint64_t *>&self.consumer_bytes[0]
        self.producer = <const uint64_t *>&self.producer_bytes[0]
        self.data = &self.data_bytes[0]

    def release(self):
        """Let go of the ring's memory, so that it can be unmapped. Nothing can be read afterwards."""
        self.size = 0
        self.consumer_bytes = self.producer_bytes = self.data_bytes = None

    cdef int walk(self) except -1:
        """Up to a batch of samples; how many. Raises FormatError if a length does not fit, but what came
        before it is taken first: the next walk raises."""
        cdef uint64_t position, end, start, after, at, length
        cdef uint32_t header
        cdef const uint8_t *sample
        cdef int taken = 0
        if self.size == 0:
            raise ValueError("the ring was released")
        position = start = self.consumer[0]
        end = load_acquire(self.producer)
        try:
            while position < end and taken < BATCH and not self.enough():
                at = position & (self.size - 1)
                header = load_acquire32(<const uint32_t *>(self.data + at))
                if header & BUSY:
                    break
                length = header & ~(BUSY | DISCARD)
                after = position + HEADER_SIZE + ((length + 7) & ~<uint64_t>7)
                if after > end or after - position > self.size:
                    if taken:
                        break
                    raise FormatError("ring buffer", position, f"at most {end - position} bytes")
                taken += 1
                # Whatever is done with it, it is read once.
                position = after
                if not header & DISCARD:
                    sample = self.contiguous((at + HEADER_SIZE) & (self.size - 1), length)
                    self.sample(sample, length)
                if position - start >= GIVE_BACK:
                    store_release(self.consumer, position)
                    start = position
        finally:
            if self.size:
                store_release(self.consumer, position)
        return taken

    cdef bint enough(self) noexcept:
        """Whether the batch ends here."""
        return False

    cdef int sample(self, const uint8_t *data, Py_ssize_t length) except -1:
        raise NotImplementedError

    cdef const uint8_t *contiguous(self, uint64_t begin, uint64_t length) except NULL:
        """The sample in one piece: put together where it goes over the end."""
        cdef uint64_t first
        if begin + length <= self.size:
            return self.data + begin
        first = self.size - begin
        self.joined = PyBytes_FromStringAndSize(<const char *>self.data + begin, first) + \
            PyBytes_FromStringAndSize(<const char *>self.data, length - first)
        return <const uint8_t *>PyBytes_AS_STRING(self.joined)


cdef class Samples(Walker):
    """The samples as they are, copied."""

    cdef list taken

    cdef int sample(self, const uint8_t *data, Py_ssize_t length) except -1:
        self.taken.append(PyBytes_FromStringAndSize(<const char *>data, length))
        return 0

    def drain(self):
        """A batch: a list of bytes, empty if there is nothing. Raises FormatError."""
        self.taken = []
        self.walk()
        return self.taken
