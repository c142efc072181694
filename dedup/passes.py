"""The steps in which numba compiles a function, as kernels and their parts need them."""

from __future__ import annotations

from typing import Any

from numba._dynfunc import make_function
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering, NopythonRewrites
from numba.core.untyped_passes import InlineClosureLikes


class _Joined(JITCodeLibrary):
    """The code of a part, to be joined to that of a kernel, which LLVM optimizes and makes machine code of as a whole.

    numba has LLVM do that with each part by itself as well, as if it were called from Python.
    """

    def finalize(self) -> None:
        for library in dict.fromkeys(self._linking_libraries):
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class _PartLowering(NativeLowering):
    """The step from numba's code to LLVM's, `_Joined`, with nothing to be called from Python."""

    _name = "part_lowering"

    def run_pass(self, state: Any) -> bool:
        state.library = _Joined(state.targetctx.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        super().run_pass(state)
        made = state["cr"]
        known_as = make_function(made.fndesc.lookup_module(), made.fndesc.qualname, "", 0, made.env, (state.library,))
        state.targetctx.insert_user_function(known_as, made.fndesc, [state.library])
        state["cr"] = made._replace(cfunc=known_as)
        return True


class KernelCompiler(Compiler):
    """numba's own, without the steps for what kernels do not have: functions within functions, whole arrays reckoned
    with."""

    lowering = NativeLowering

    def define_pipelines(self) -> list[Any]:
        """numba's steps, with a lowering of one's own."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        needed = [(step, told) for step, told in passes.passes if step not in (InlineClosureLikes, NopythonRewrites)]
        passes.passes = [(self.lowering if step is NativeLowering else step, told) for step, told in needed]
        passes._finalized = False
        passes.finalize()
        return [passes]


class PartCompiler(KernelCompiler):
    """The same for what kernels alone call."""

    lowering = _PartLowering
