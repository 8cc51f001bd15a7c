"""The tests under other kernels: Debian's, each in a QEMU guest of its own that lives for one command.

    machines.py   what differs between x86-64 and arm64
    apt.py        packages, by an apt with a state of its own
    image.py      a kernel image: what QEMU starts fastest
    modules.py    the modules that a boot needs, in their order
    kernels.py    which package has the kernel of a series; the kernels that are there
    roots.py      an arm64 userland, of Debian's packages
    initramfs.py  what the kernel unpacks first: busybox, guest/init, the command
    guest/        what runs in the guest before the command
    shares.py     directories of the host in the guest, by virtiofs
    qemu.py       the command line
    boot.py       a boot: a command's output and status
    suite.py      the live tests in a boot: what the host prepares, and what came of them
    outcomes.py   the same, as a plugin of pytest in the guest writes it
    variants.py   what argtrace chose there
    rounds.py     one kernel after another, and the host
    results.py    what runs came to, kept in results/
    pages.py      docs/support-matrix.md and docs/verifier-cost.md, of rows.toml and results/
    __main__.py   `python3 -m vm`

docs/vm.md says how to use it, and what was found.
"""
