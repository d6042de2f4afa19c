"""From kernels to objects: ``python -m hyalite.engines.compiled.machine_code.compiler``.

It runs in a process of its own, one for each core, and is the only part that needs Numba. Each
kernel of the catalogue becomes an object file with one symbol, as linkers and LLVM's loader take
them; what it calls of other kernels' code is in it, or is called by address.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import numba
from numba.core import codegen
from numba.core.runtime.context import NRTContext

from hyalite.engines.compiled.kernels.catalogue import ENTRIES, kernel_of, types_of
from hyalite.engines.compiled.machine_code.sources import symbol_of

OPTIMIZATION = 3
# Instructions stay in the order in which a kernel has them. LLVM would sort them by how many
# registers they hold, and take apart what the kernels put side by side for units that work at once:
# a training with dropout took 9 to 12 % longer.
KEEP_ORDER = "-enable-misched=false"


def _write_only() -> None:
    """Let Numba write LLVM's language and no more: a kernel is optimized when it is complete.

    Numba itself optimizes a function with all that it calls, and that again in each of its callers.
    And it makes code, which is not run here.
    """

    def finalize(library: codegen.CPUCodeLibrary) -> None:
        library._finalized = True

    codegen.CPUCodeLibrary.finalize = finalize
    codegen.CPUCodeLibrary._optimize_functions = lambda library, module: None
    codegen.JITCodeLibrary.get_pointer_to_function = lambda library, name: 0
    codegen.JITCPUCodegen.set_env = lambda self, name, environment: None


def _count_no_references() -> None:
    """No array of the kernels has an owner."""
    NRTContext.incref = NRTContext.decref = lambda context, builder, kind, value: None


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
    module = _whole(compiled.library)
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    for function in module.functions:
        if function.name == compiled.fndesc.llvm_func_name:
            function.name = symbol_of(name, dtype)
            function.linkage = "external"
        elif not function.is_declaration:
            function.linkage = "internal"
    for variable in module.global_variables:  # Numba's, of which nothing is read
        if not variable.is_declaration:
            variable.linkage = "internal"
    _optimize(module, machine)
    return machine.emit_object(module)


def _whole(library: codegen.CPUCodeLibrary) -> Any:
    """A function and all that it calls, in a module."""
    module, found = library._final_module.clone(), {library}
    waiting = list(library._linking_libraries)
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += one._linking_libraries
            module.link_in(one._final_module, preserve=True)
    return module


def _optimize(module: Any, machine: Any) -> None:
    options = llvm.create_pipeline_tuning_options(speed_level=OPTIMIZATION)
    options.slp_vectorization = False  # as Numba has it
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)


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
    gc.disable()  # which takes a tenth of the time, in a process that soon ends
    _write_only()
    _count_no_references()
    llvm.set_option("", KEEP_ORDER)
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = target_machine(chosen.triple, chosen.cpu, chosen.features, for_library=chosen.library)
    for line in ENTRIES if chosen.all else sys.stdin:
        name = line.strip()
        write_object(chosen.folder, name, chosen.dtype, machine)
        print(name, flush=True)


if __name__ == "__main__":
    main()
