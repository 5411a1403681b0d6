"""Kernels as plain Python: `jit` functions have no entry point of their own, and compiling one takes a second."""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from simulator.numerics.draws import derive


def interpreted(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The function a kernel was made from, and so for the kernels it calls, except those that Python may call."""
    if kernel is derive:
        return lambda key, code: np.uint64(derive(key, code))  # compiled, it gives Python an int
    options = getattr(kernel, "targetoptions", {})
    if "no_cpython_wrapper" not in options:
        return kernel
    source = kernel.py_func
    called = {name: source.__globals__.get(name) for name in source.__code__.co_names}
    plain = {name: interpreted(value) for name, value in called.items() if callable(value)}
    return FunctionType(source.__code__, {**source.__globals__, **plain}, source.__name__)
