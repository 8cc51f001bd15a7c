"""What the kernel's headers, formats and BTF say about system calls, written by `make tables`.

The fall-back where the running kernel's own word cannot be read; nothing here is typed by hand.
"""
