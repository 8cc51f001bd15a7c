"""`argtrace doctor`: what a machine allows, what argtrace will therefore do, and how to mend what is missing.

    probes.py      what this kernel's BPF has, by trying
    survey.py      asks the machine: a `Machine`
    findings.py    what that means: a `Report`

Nothing of it is imported by a trace. How a report looks is `present/doctor.py`.
"""
