"""The part of the build that pyproject.toml cannot say: the native executor, if it can be built.

Where there is no C compiler the package installs without it, and decodes in Python.
"""

from Cython.Build import cythonize
from setuptools import Extension, setup

MODULES = [
    Extension(f"argtrace.native.{name}", [f"argtrace/native/{name}.pyx"], optional=True)
    for name in ("columns", "lines", "memo", "ring")
]

setup(ext_modules=cythonize(MODULES))
