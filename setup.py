"""The part of the build that pyproject.toml cannot say: the native executor, if it can be built.

Where there is no C compiler the package installs without it, and decodes in Python.
"""

from Cython.Build import cythonize
from setuptools import Extension, setup

NAMES = ("columns", "lines", "memo", "ring", "stops")

modules = cythonize([Extension(f"argtrace.native.{name}", [f"argtrace/native/{name}.pyx"]) for name in NAMES])
assert len(modules) == len(NAMES)
for module in modules:
    module.optional = True  # which cythonize does not pass on

setup(ext_modules=modules)
