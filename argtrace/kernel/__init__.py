"""The only folder that calls the kernel: bpf(2), mounts, capabilities.

Everything goes through a `Kernel` (`calls.py`), so that tests can put a fake in
its place. It knows nothing of signatures, plans or values.
"""
