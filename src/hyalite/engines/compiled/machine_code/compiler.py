"""From kernels to objects: ``python -m hyalite.engines.compiled.machine_code.compiler``.

It runs in a process of its own, one for each core, and is the only part that needs Numba. Each
kernel of the catalogue becomes an object file with one symbol, as linkers and LLVM's loader take
them; what it calls of other kernels' code is in it, or is called by address.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numba
from llvmlite import ir
from numba.core import cgutils, codegen
from numba.core.compiler_lock import global_compiler_lock
from numba.core.runtime import nrtdynmod
from numba.core.runtime.nrtdynmod import incref_decref_ty

from hyalite.engines.compiled.kernels.catalogue import ENTRIES, kernel_of, types_of
from hyalite.engines.compiled.machine_code.sources import symbol_of

OPTIMIZATION = 3


def _leave_code_unmade() -> None:
    """Let Numba stop at LLVM's optimized language: no kernel is run in this process."""
    codegen.JITCodeLibrary._finalize_specific = lambda library: None
    codegen.JITCodeLibrary.get_pointer_to_function = lambda library, name: 0
    codegen.JITCPUCodegen.set_env = lambda self, name, environment: None


def _count_no_references() -> None:
    """No array of the kernels has an owner, so what counts references to one is left empty."""

    def emptied(name: str) -> Callable[[ir.Module, Any], None]:
        def define(module: ir.Module, _: Any) -> None:
            function = cgutils.get_or_insert_function(module, incref_decref_ty, name)
            ir.IRBuilder(function.append_basic_block()).ret_void()

        return define

    nrtdynmod._define_nrt_incref = emptied("NRT_incref")
    nrtdynmod._define_nrt_decref = emptied("NRT_decref")


def target_machine(triple: str, cpu: str, features: str, *, for_library: bool) -> Any:
    """LLVM's, for a processor; the code may lie anywhere in memory.

    What LLVM's loader takes may even have its parts further apart than 2 GB: it asks the system for
    memory for each of them, and in a large process they are.
    """
    reloc, codemodel = ("pic", "small") if for_library else ("static", "large")
    return llvm.Target.from_triple(triple).create_target_machine(
        cpu=cpu, features=features, opt=OPTIMIZATION, reloc=reloc, codemodel=codemodel
    )


def compile_kernel(name: str, dtype: str, machine: Any) -> bytes:
    """The object of a kernel.

    Args:
        name: in the catalogue.
        dtype: of the model, "float32" or "float64".
        machine: LLVM's target.
    """
    dispatcher = kernel_of(name)
    kinds = types_of(name, getattr(numba, dtype))
    dispatcher.compile(kinds)
    compiled = dispatcher.overloads[kinds]
    with global_compiler_lock:
        compiled.library.finalize()
    module = llvm.parse_bitcode(compiled.library._final_module.as_bitcode())
    for function in module.functions:
        if function.name == compiled.fndesc.llvm_func_name:
            function.name = symbol_of(name, dtype)
            function.linkage = "external"
        elif not function.is_declaration:
            function.linkage = "internal"
    for variable in module.global_variables:  # Numba's, of which nothing is read
        if not variable.is_declaration:
            variable.linkage = "internal"
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    _remove_unused(module, machine)
    return machine.emit_object(module)


def _remove_unused(module: Any, machine: Any) -> None:
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options())
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, builder)


def write_object(folder: Path, name: str, dtype: str, machine: Any) -> None:
    """Compile a kernel into a file of its name, all or nothing."""
    path = folder / f"{name}.o"
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_bytes(compile_kernel(name, dtype, machine))
    partial.replace(path)


def main() -> None:
    """Read the command line; then compile what it says."""
    parser = argparse.ArgumentParser(description="Compile kernels into objects.")
    parser.add_argument("folder", type=Path, help="for them")
    parser.add_argument("dtype", choices=("float32", "float64"), help="of the models")
    parser.add_argument("--triple", default=llvm.get_process_triple(), help="LLVM's, of the system")
    parser.add_argument("--cpu", default=llvm.get_host_cpu_name(), help="LLVM's name of it")
    features = llvm.get_host_cpu_features().flatten()
    parser.add_argument("--features", default=features, help="LLVM's, such as +avx2,+fma")
    parser.add_argument(
        "--all",
        action="store_true",
        help="all kernels; else those that standard input names",
    )
    parser.add_argument(
        "--library", action="store_true", help="to be linked; else for LLVM's loader"
    )
    chosen = parser.parse_args()
    _leave_code_unmade()
    _count_no_references()
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = target_machine(chosen.triple, chosen.cpu, chosen.features, for_library=chosen.library)
    for line in ENTRIES if chosen.all else sys.stdin:
        name = line.strip()
        write_object(chosen.folder, name, chosen.dtype, machine)
        print(name, flush=True)


if __name__ == "__main__":
    main()
