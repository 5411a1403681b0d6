"""Arrays by address: a kernel reaches every array of a run through one record that holds where they are.

numba passes an array as seven scalars and a NamedTuple as those of all its arrays. Handing thirty arrays from handler
to handler cost 250 arguments a call, 50 s of compilation and most of the run time; a record costs one pointer.
The arrays are kept alive by their owner in Python (`simulator.kernel.state.World`).
"""

import ctypes
from typing import Any

import numba
import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np import arrayobj
from numpy.typing import DTypeLike, NDArray


def address_of(array: NDArray[Any]) -> int:
    """Address of a C-contiguous array's first element."""
    assert array.flags.c_contiguous
    return int(array.ctypes.data)


@intrinsic
def _array_at_compiled(typing_context, address, shape, dtype):
    """C-ordered array of `dtype` with `shape` (a number, or a tuple of numbers) at `address`, without ownership."""
    n_dimensions = shape.count if isinstance(shape, types.UniTuple) else 1
    array_type = types.Array(dtype.dtype, n_dimensions, "C")
    signature = array_type(types.int64, shape, dtype)

    def generate(context, builder, signature, arguments):
        array = arrayobj.make_array(array_type)(context, builder)
        pointer_type = context.get_data_type(array_type.dtype).as_pointer()
        itemsize = context.get_constant(types.intp, arrayobj.get_itemsize(context, array_type))
        extents = cgutils.unpack_tuple(builder, arguments[1]) if n_dimensions > 1 else [arguments[1]]
        strides = [itemsize]
        for extent in reversed(extents[1:]):
            strides.insert(0, builder.mul(strides[0], extent))
        arrayobj.populate_array(
            array,
            data=builder.inttoptr(arguments[0], pointer_type),
            shape=extents,
            strides=strides,
            itemsize=itemsize,
            meminfo=None,
        )
        return array._getvalue()

    return signature, generate


def _array_at_interpreted(address: int, shape: int | tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """The same for `NUMBA_DISABLE_JIT=1`."""
    dtype = np.dtype(dtype)
    buffer = (ctypes.c_char * (int(np.prod(shape)) * dtype.itemsize)).from_address(int(address))
    array = np.frombuffer(buffer, dtype=dtype).reshape(shape)
    return array.view(np.recarray) if dtype.names else array


array_at = _array_at_interpreted if numba.config.DISABLE_JIT else _array_at_compiled
