"""Arrays by address: a kernel reaches every array of a run through one record that holds where they are.

numba passes an array as seven scalars and a NamedTuple as those of all its arrays. Handing thirty arrays from handler
to handler cost 250 arguments a call, 50 s of compilation and most of the run time; a record costs one pointer.
The arrays are kept alive by their owner in Python (`simulator.kernel.state.World`).
"""

import ctypes
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np import arrayobj, numpy_support
from numpy.typing import DTypeLike, NDArray

_INT64 = ir.IntType(64)


def address_of(array: NDArray[Any]) -> int:
    """Address of a C-contiguous array's first element."""
    assert array.flags.c_contiguous
    return int(array.ctypes.data)


def record_accessor(handle: np.dtype, field: str, dtype: np.dtype) -> Callable[[Any, int], Any]:
    """Function (handle record, index) → record of `dtype` in the array whose address is in `field`.

    Parameters
    ----------
    handle : dtype of the record that holds addresses
    field : its field with the address of the array's first element
    dtype : structured dtype of the array
    """
    if numba.config.DISABLE_JIT:
        return lambda record, index: _view(record[field], (int(index) + 1,), dtype)[int(index)]
    offset = handle.fields[field][1]
    record_type = numpy_support.from_dtype(dtype)

    @intrinsic
    def access(typing_context, record, index):
        def generate(context, builder, signature, arguments):
            place = context.cast(builder, arguments[1], signature.args[1], types.int64)
            distance = builder.mul(place, _INT64(dtype.itemsize))
            address = builder.add(_load(builder, arguments[0], offset), distance)
            return builder.inttoptr(address, context.get_value_type(record_type))

        return record_type(record, index), generate

    return access


def array_accessor(
    handle: np.dtype, field: str, dtype: DTypeLike, *axes: str | int
) -> Callable[[Any], NDArray[Any]]:
    """Function (handle record) → C-ordered array, without ownership, whose address is in `field`.

    Parameters
    ----------
    handle, field : as for `record_accessor`
    dtype : of the elements
    axes : length of each axis, a number or the field that holds it
    """
    dtype = np.dtype(dtype)
    if numba.config.DISABLE_JIT:
        return lambda record: _view(
            record[field], tuple(int(record[axis]) if isinstance(axis, str) else axis for axis in axes), dtype
        )
    offset = handle.fields[field][1]
    array_type = types.Array(numpy_support.from_dtype(dtype), len(axes), "C")

    @intrinsic
    def access(typing_context, record):
        def generate(context, builder, signature, arguments):
            extents = [
                _load(builder, arguments[0], handle.fields[axis][1])
                if isinstance(axis, str)
                else _INT64(axis)
                for axis in axes
            ]
            strides = [_INT64(dtype.itemsize)]
            for extent in reversed(extents[1:]):
                strides.insert(0, builder.mul(strides[0], extent))
            pointer_type = context.get_data_type(array_type.dtype).as_pointer()
            array = arrayobj.make_array(array_type)(context, builder)
            arrayobj.populate_array(
                array,
                data=builder.inttoptr(_load(builder, arguments[0], offset), pointer_type),
                shape=extents,
                strides=strides,
                itemsize=_INT64(dtype.itemsize),
                meminfo=None,
            )
            return array._getvalue()

        return array_type(record), generate

    return access


def _load(builder, record_pointer, offset):
    """Generate a read of the int64 at `offset` of a record.

    Addresses and sizes stay as they are while a kernel runs. Told so, LLVM keeps them in registers; it would read them
    again after every store otherwise, as the store might have been to them.
    """
    start = builder.bitcast(record_pointer, cgutils.voidptr_t)
    place = builder.gep(start, [_INT64(offset)])
    value = builder.load(builder.bitcast(place, _INT64.as_pointer()))
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


def _view(address: int, shape: tuple[int, ...], dtype: np.dtype) -> NDArray[Any]:
    """The same for `NUMBA_DISABLE_JIT=1`."""
    buffer = (ctypes.c_char * (int(np.prod(shape)) * dtype.itemsize)).from_address(int(address))
    array = np.frombuffer(buffer, dtype=dtype).reshape(shape)
    return array.view(np.recarray) if dtype.names else array


def view_record(address: int, dtype: np.dtype) -> Any:
    """Record of `dtype` at an address, for `NUMBA_DISABLE_JIT=1`."""
    return _view(address, (1,), dtype)[0]
