"""The other back end: the same plans run, and the same records made, by ptrace(2) instead of BPF.

For users who may not load BPF programs, for containers, for kernels without BTF; and the word of
another witness for what BPF says.

    memory.py    reads as the programs' helpers read
    copies.py    a plan's steps, carried out
    records.py   records of tasks
    seccomp.py   a filter that lets calls that nobody asked for go by at full speed
    attach.py    seizing a process, and why it may be refused
    tracer.py    the stops of all tracees, to records
    calls.py     which calls are wanted, and their plans as they are met
    ring.py      the records' way to who reads them
    session.py   all of it as `argtrace.session` has it
"""
