"""Stage 3: the BPF programs that pick arguments up.

`plan` says what to copy, as data, and `derive` makes it of what is declared;
`record` is the layout of what is copied, the contract with `transport/`; `isa` and
`asm` are the machine; `collectors`, `copies`, `execs` and `tasks` turn a Plan into
instructions; `programs` is the whole set.
"""
