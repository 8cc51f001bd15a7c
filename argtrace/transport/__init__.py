"""Stage 4: from kernel memory to records.

`ring` is the algebra of the ring buffer over any buffer, `ringbuf` puts it over
the kernel's pages; `records` makes records of bytes.
"""
