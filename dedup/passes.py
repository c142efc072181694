"""The steps in which numba compiles a function, as kernels and their parts need them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

from numba import jit
from numba._dynfunc import make_function
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.target_extension import CPU, dispatcher_registry, jit_registry
from numba.core.typed_passes import NativeLowering, NopythonRewrites
from numba.core.types import BoundFunction, Dispatcher
from numba.core.typing.context import Context
from numba.core.untyped_passes import InlineClosureLikes


class _Typing(Context):
    """numba's own, which knows again what it was asked: kernels ask for the types of some hundred operations, and each
    of them twenty times."""

    _known: ClassVar[dict[tuple[Any, Any], Any]] = {}

    def __init__(self, own: Context):
        self.__dict__ = own.__dict__

    def resolve_function_type(self, func: Any, args: Any, kws: Any) -> Any:
        if kws or isinstance(func, (Dispatcher, BoundFunction)):
            return super().resolve_function_type(func, args, kws)
        asked = (func, args)
        if asked not in self._known:
            if (found := super().resolve_function_type(func, args, kws)) is None:
                return None
            self._known[asked] = found
        return self._known[asked]


@lru_cache(1)
def _typing(own: Context) -> _Typing:
    return _Typing(own)


class _Whole(JITCodeLibrary):
    """The code of a kernel, which LLVM optimizes once, when all parts are joined to it.

    numba has LLVM do that with each function before, and then with all of them twice.
    """

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        steps, builder = self._codegen._module_pass_manager()
        steps.run(self._final_module, builder)


class _Joined(_Whole):
    """The code of a part, to be joined to that of a kernel, which LLVM optimizes and makes machine code of as a whole.

    numba has LLVM do that with each part by itself as well, as if it were called from Python.
    """

    def finalize(self) -> None:
        for library in dict.fromkeys(self._linking_libraries):
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class _KernelLowering(NativeLowering):
    """The step from numba's code to LLVM's, `_Whole`."""

    _name = "kernel_lowering"
    library = _Whole

    def run_pass(self, state: Any) -> bool:
        state.library = self.library(state.targetctx.codegen(), state.func_id.func_qualname)
        state.library.enable_object_caching()
        # All that is needed is registered by now, but numba would look for more at each array, which lacks something.
        state.targetctx.refresh()
        state.targetctx.refresh = lambda: None
        return bool(super().run_pass(state))


@register_pass(mutates_CFG=True, analysis_only=False)
class _PartLowering(_KernelLowering):
    """The same to `_Joined`, with nothing to be called from Python."""

    _name = "part_lowering"
    library = _Joined

    def run_pass(self, state: Any) -> bool:
        state.flags.no_compile = state.flags.no_cpython_wrapper = state.flags.no_cfunc_wrapper = True
        super().run_pass(state)
        made = state["cr"]
        known_as = make_function(made.fndesc.lookup_module(), made.fndesc.qualname, "", 0, made.env, (state.library,))
        state.targetctx.insert_user_function(known_as, made.fndesc, [state.library])
        state["cr"] = made._replace(cfunc=known_as)
        return True


class _Compiler(Compiler):
    """numba's steps with a lowering of one's own, for what it has in Python itself and kernels call: `np.empty`, `min`.

    That is a part of kernels too, and is looked for among what `_Target` has.
    """

    lowering: type[_KernelLowering] = _PartLowering
    needless: ClassVar[tuple[Any, ...]] = ()

    def __init__(self, typingctx: Any, *others: Any):
        super().__init__(_typing(typingctx), *others)
        self.state.targetctx.target = _Target

    def define_pipelines(self) -> list[Any]:
        """numba's steps but the needless ones, with the lowering of this class."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        needed = [(step, told) for step, told in passes.passes if step not in self.needless]
        passes.passes = [(self.lowering if step is NativeLowering else step, told) for step, told in needed]
        passes._finalized = False
        passes.finalize()
        return [passes]


class PartCompiler(_Compiler):
    """The same for parts, without the steps for what they and kernels do not have: functions within functions, whole
    arrays reckoned with."""

    needless = (InlineClosureLikes, NopythonRewrites)


class KernelCompiler(PartCompiler):
    """The same for what is called from Python."""

    lowering = _KernelLowering


class _Target(CPU):
    """This processor, when a kernel is compiled for it: what numba has in Python then goes through `_Compiler`."""


dispatcher_registry[_Target] = dispatcher_registry[CPU]
jit_registry[_Target] = lambda **options: jit(**options, pipeline_class=_Compiler)
