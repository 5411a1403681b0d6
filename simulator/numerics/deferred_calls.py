"""Kernels that other kernels call by address, so that they are compiled only when a run needs them.

What a kernel calls is compiled with it. A mechanism that many runs do not have, and that takes seconds to compile, is
called through an address instead, kept in the record that every kernel has at hand.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numba.np import numpy_support

from simulator.numerics.jit import OPTIONS
from simulator.numerics.pointers import view_record

_INT64 = ir.IntType(64)
_SIGNATURE = types.int64(types.int64, types.int64)
_interpreted: list[
    Callable[[int, int], int]
] = []  # with NUMBA_DISABLE_JIT=1 an address is a place in this list


class DeferredKernel:
    """A kernel (address of a record, number) → number, compiled or loaded when its own address is asked for."""

    def __init__(self, function: Callable[[int, int], int]) -> None:
        self._function = function
        self._compiled: Any = None

    def address(self) -> int:
        """Where its machine code begins."""
        if numba.config.DISABLE_JIT:
            if self._function not in _interpreted:
                _interpreted.append(self._function)
            return _interpreted.index(self._function)
        if self._compiled is None:
            self._compiled = numba.cfunc(_SIGNATURE, cache=True, **OPTIONS)(self._function)
        return int(self._compiled.address)


def deferred(function: Callable[[int, int], int]) -> DeferredKernel:
    """Let a kernel be called by address; it must stand in a module by itself, or its machine code is not kept on disk."""
    return DeferredKernel(function)


def record_at_address(dtype: np.dtype[np.void]) -> Any:
    """Function (address) → record of `dtype`, for kernels."""
    if numba.config.DISABLE_JIT:
        return lambda address: view_record(address, dtype)
    record_type = numpy_support.from_dtype(dtype)

    @intrinsic
    def access(typing_context, address):
        def generate(context, builder, signature, arguments):
            return builder.inttoptr(arguments[0], context.get_value_type(record_type))

        return record_type(types.int64), generate

    return access


@intrinsic
def _call_compiled(typing_context, address, record, number):
    """Call the late kernel at `address` with the address of `record`, and a number."""

    def generate(context, builder, signature, arguments):
        kernel_type = ir.FunctionType(_INT64, [_INT64, _INT64])
        kernel = builder.inttoptr(arguments[0], kernel_type.as_pointer())
        place = builder.ptrtoint(arguments[1], _INT64)
        argument = context.cast(builder, arguments[2], signature.args[2], types.int64)
        return builder.call(kernel, [place, argument])

    return types.int64(types.int64, record, number), generate


def _call_interpreted(address: int, record: Any, number: int) -> int:
    """The same for `NUMBA_DISABLE_JIT=1`."""
    place = (
        record.view(np.recarray).ctypes.data
        if isinstance(record, np.ndarray)
        else record.__array_interface__["data"][0]
    )
    return _interpreted[int(address)](place, number)


call_late = _call_interpreted if numba.config.DISABLE_JIT else _call_compiled
