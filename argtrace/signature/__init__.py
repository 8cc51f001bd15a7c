"""Stage 1: what types go in and out of a call.

`syscalls` gives each system call its Signature, from the running kernel's own
descriptions (`tracefs`, BTF) or from the committed tables.
"""
