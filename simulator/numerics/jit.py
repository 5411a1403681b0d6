"""The one decorator of every kernel: compiled, cached, without the GIL, never fastmath.

numba's file cache does not notice an edit in a callee's file: the caller would keep its old machine code. The cache
folder is therefore named by the hash of all kernel sources, set before the first decoration.
"""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import numba
import numpy as np
from numba.core import types
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_lock import global_compiler_lock
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")

_PACKAGE = Path(__file__).resolve().parent.parent
_KERNEL_SOURCES = ("numerics/*.py", "kernel/**/*.py", "mechanisms/**/*.py", "metrics/columns.py")


def kernel_source_hash() -> str:
    """SHA-256 (16 hex digits) of every file that machine code is made from; part of a run's identity."""
    digest = hashlib.sha256()
    for path in sorted(path for pattern in _KERNEL_SOURCES for path in _PACKAGE.glob(pattern)):
        digest.update(path.relative_to(_PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_directory() -> Path:
    """Where compiled kernels are kept: `$ROLLOUT_CACHE_DIR`, else the user's cache folder."""
    root = os.environ.get("ROLLOUT_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "rollout-simulator" / f"kernels-{kernel_source_hash()}"


OPTIONS = {"nogil": True, "fastmath": False, "error_model": "numpy", "_nrt": False}

numba.config.CACHE_DIR = str(cache_directory())


def jit(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Compile a function that only kernels call; `entry` makes one that Python calls.

    Kernels work on borrowed arrays and allocate nothing, so numba's reference counts are switched off: counting
    those of every array of a run at every call took most of the time. Machine code is only made for entries, which
    contain what they call, inlined: making it for every function on the way took a third of a cold start, and calls
    a quarter of the run time.
    """
    return _inner(function, forceinline=True)


def shared(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Compile like `jit`, but once for all callers: for what is long and called from many places.

    Inlined everywhere, half a dozen such functions made a cold start a quarter longer and no run faster.
    """
    return _inner(function, forceinline=False)


def _inner(function: Callable[_Parameters, _Result], forceinline: bool) -> Callable[_Parameters, _Result]:
    if numba.config.DISABLE_JIT:
        return function
    dispatcher = numba.njit(
        pipeline_class=_InnerCompiler,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        forceinline=forceinline,
        **OPTIONS,
    )(function)
    dispatcher.add_overload = lambda result: dispatcher.overloads.update(
        {tuple(result.signature.args): result}
    )
    _widen_arguments(dispatcher)
    return dispatcher  # type: ignore[no-any-return]


def entry(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Compile a kernel that Python calls, on its first call, and keep the machine code on disk."""
    if numba.config.DISABLE_JIT:
        return np.errstate(over="ignore")(function)  # keys of draws wrap around at 64 bits
    dispatcher = numba.njit(cache=True, no_cfunc_wrapper=True, **OPTIONS)(function)
    _widen_arguments(dispatcher)
    return dispatcher  # type: ignore[no-any-return]


@register_pass(mutates_CFG=True, analysis_only=False)
class _InnerLowering(NativeLowering):
    """Lowering to LLVM without making machine code."""

    _name = "inner_lowering"

    def run_pass(self, state: Any) -> bool:
        """Lower a function whose entry point nobody asks for."""
        context = state.targetctx
        library = context.codegen().create_library(state.func_id.func_qualname)
        library.enable_object_caching()
        library._optimize_final_module = lambda: None  # an entry optimizes all that it contains, once
        library._finalize_final_module = lambda: setattr(library, "_finalized", True)
        state.library = library
        context.get_executable = lambda library, fndesc, env: object()  # a key, never called
        try:
            return bool(super().run_pass(state))
        finally:
            del context.get_executable


class _InnerCompiler(CompilerBase):  # type: ignore[misc]
    """numba's pipeline with `_InnerLowering`."""

    def define_pipelines(self) -> list[Any]:
        """Passes of nopython mode, the lowering exchanged."""
        manager = DefaultPassBuilder.define_nopython_pipeline(self.state)
        manager.passes = [
            (_InnerLowering if step is NativeLowering else step, name) for step, name in manager.passes
        ]
        manager.finalize()
        return [manager]


def _widen_arguments(dispatcher: Any) -> None:
    """Let calls with literals and enum members share one specialization: each costs 0.15 s to compile."""
    resolve = dispatcher.get_call_template

    def resolve_widened(arguments: Sequence[types.Type], keywords: Mapping[str, types.Type]) -> Any:
        return resolve(
            tuple(map(_widened, arguments)), {name: _widened(kind) for name, kind in keywords.items()}
        )

    dispatcher.get_call_template = resolve_widened


def _widened(kind: types.Type) -> types.Type:
    kind = types.unliteral(kind)
    is_small = isinstance(kind, types.IntEnumMember) or kind == types.int32
    return types.int64 if is_small else kind


def is_compiled() -> bool:
    """Whether machine code of this version is on disk, so that the first run starts at once."""
    return any(cache_directory().rglob("*.nbc"))


def is_compiling() -> bool:
    """Whether a thread makes or loads machine code right now, which cannot be stopped."""
    lock = global_compiler_lock._lock  # its `is_locked` knows the asking thread only
    if lock.acquire(blocking=False):
        lock.release()
        return False
    return True
