"""The part of the build that pyproject.toml cannot say: the native executor, if it can be built.

Where there is no C compiler the package installs without it, and decodes in Python.
"""

from Cython.Build import cythonize
from setuptools import Extension, setup

EXECUTOR = Extension(
    "argtrace.native.walk",
    ["argtrace/native/walk.pyx"],
    extra_compile_args=["-O2"],
    optional=True,
)

setup(ext_modules=cythonize([EXECUTOR]))
