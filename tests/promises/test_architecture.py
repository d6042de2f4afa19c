"""The tree reads as the architecture: imports point one way, optional packages stay outside."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

import pytest

import hyalite as hy
from hyalite.errors import MissingExtra

PACKAGE = Path(hy.__file__).parent
PAGE = (Path(__file__).parents[2] / "docs/architecture.md").read_text(encoding="utf-8")
# A part may import the parts above it, never one below.
ORDER = PAGE.partition("<!-- the order -->\n```text\n")[2].partition("```")[0].split()
REQUIRED = {"numpy", "click", "safetensors", "threadpoolctl", "tqdm"}
OPTIONAL = {  # import name -> extra
    "IPython": "notebooks bring it",
    "PIL": "data",
    "dask": "dask",
    "distributed": "dask",
    "duckdb": "tables",
    "ipywidgets": "notebooks bring it",
    "llvmlite": "fast",
    "matplotlib": "plot",
    "numba": "fast",
    "mpi4py": "mpi",
    "narwhals": "tables",
    "onnx": "onnx",
    "openpyxl": "excel",
    "pandas": "dask's frames bring it",
    "pooch": "data",
    "pyarrow": "dev",
    "scipy": "fast",
    "sklearn": "sklearn",
    "tensorboardX": "log",
    "uvicorn": "play",
    "mlflow": "mlflow",
    "wandb": "wandb",
}
WHOLE = {  # folders that are imported as a whole where they are used, with what they need
    Path("dask"): {"dask", "distributed", "sklearn"},
    Path("engines/compiled/kernels"): {"numba", "llvmlite"},
    Path("engines/compiled/machine_code/compiler.py"): {"numba", "llvmlite"},
    Path("engines/compiled/machine_code/objects.py"): {"llvmlite"},
    Path("sklearn"): {"sklearn", "scipy"},
}
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def holds_for(paths: Iterable[Path], check: Callable[[Path], None]) -> None:
    """Names every file for which it does not; a test for each would be a fifth of all tests."""
    broken = []
    for path in paths:
        try:
            check(path)
        except AssertionError as error:
            broken.append(f"{path.as_posix()}: {error}")
    assert not broken, "\n".join(broken)


@cache
def parsed(path: Path) -> ast.Module:
    """A module of the package."""
    return ast.parse((PACKAGE / path).read_text(encoding="utf-8"))


def part_of(module: str) -> str:
    return module.split(".")[1]


def imports(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            if node.module == "hyalite":
                found += [f"hyalite.{alias.name}" for alias in node.names]
            else:
                found.append(node.module or "")
    return found


def test_imports_point_upward() -> None:
    def check(path: Path) -> None:
        own = path.parts[0].removesuffix(".py")
        assert own in ORDER, f"{own} has no place in the order"
        for module in imports(parsed(path)):
            assert module != "hyalite", "the package itself stands above all its parts"
            if module.startswith("hyalite."):
                other = part_of(module)
                higher = other == own or ORDER.index(other) < ORDER.index(own)
                assert higher, f"{own} imports {module}"

    holds_for([module for module in MODULES if module != Path("__init__.py")], check)


# Rooms of the compiled engine, in the same order.
COMPILED = ["structs", "frames", "machine_code", "lowering", "kernels", "runtime", "engine"]
# Programs of their own, in processes of their own.
COMPILERS = [Path("machine_code/compiler.py"), Path("machine_code/build.py")]
COMPILED_MODULES = [
    path.relative_to("engines/compiled")
    for path in MODULES
    if path.is_relative_to("engines/compiled") and path != Path("engines/compiled/__init__.py")
]


def test_imports_of_the_compiled_engine_point_upward() -> None:
    def check(path: Path) -> None:
        own, prefix = path.parts[0].removesuffix(".py"), "hyalite.engines.compiled."
        if path in COMPILERS:
            own = "runtime"
        assert own in COMPILED, f"{own} has no place in the order"
        for module in imports(parsed("engines/compiled" / path)):
            if module.startswith(prefix):
                other = module.removeprefix(prefix).partition(".")[0]
                assert COMPILED.index(other) <= COMPILED.index(own), f"{own} imports {module}"
                # where machine code runs, Numba need not be there
                assert other != "kernels" or own == "kernels" or path in COMPILERS

    holds_for(COMPILED_MODULES, check)


def top_level(tree: ast.Module) -> list[str]:
    """What is imported when the module is: nothing inside functions or `if TYPE_CHECKING`."""
    outside = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return imports(ast.Module(outside, []))


def test_optional_packages_are_imported_where_they_are_used() -> None:
    def check(path: Path) -> None:
        tree = parsed(path)
        names = {module.partition(".")[0] for module in imports(tree)}
        unknown = names - sys.stdlib_module_names - REQUIRED - set(OPTIONAL) - {"hyalite"}
        assert not unknown
        loaded = {module.partition(".")[0] for module in top_level(tree)}
        for folder, needed in WHOLE.items():
            if path.is_relative_to(folder):
                loaded -= needed
        assert not loaded & set(OPTIONAL)

    holds_for(MODULES, check)


def test_every_module_opens_with_a_sentence() -> None:
    def check(path: Path) -> None:
        text = ast.get_docstring(parsed(path))
        assert text
        assert text[0].isupper() or not text[0].isalpha()

    holds_for(MODULES, check)


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_importing_the_package_loads_nothing_but_itself() -> None:
    loaded = run(
        "import sys; before = set(sys.modules); import hyalite; "
        "print(*sorted(set(sys.modules) - before))"
    ).split()
    assert [name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names] == [
        "hyalite",
        "hyalite.version",
    ]


def test_using_the_core_loads_no_optional_package() -> None:
    loaded = run(
        "import sys, hyalite as hy; hy.datasets, hy.gradcheck, hy.metrics, hy.plots\n"
        "model = hy.Sequential([hy.Dense(3, 'softmax')])\n"
        "model.compile('categorical_crossentropy', engine='numpy')\n"
        "model.fit(*hy.datasets.spiral(), verbose=0)\n"
        "import hyalite.cli\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    ).split()
    allowed = REQUIRED | {"hyalite", "colorama"} | sys.stdlib_module_names
    # what the required packages and site-packages' own start-up files load is not our doing
    clean = run(
        "import sys, numpy, numpy.random, safetensors.numpy, click, tqdm, threadpoolctl; "
        "print(*{name.partition('.')[0] for name in sys.modules})"
    ).split()
    assert not set(loaded) - allowed - set(clean)


def test_the_public_names_are_exactly_these() -> None:
    assert hy.__all__ == sorted(
        [
            "Adagrad",
            "Adam",
            "AdamW",
            "BatchNormalization",
            "BinaryCrossentropy",
            "BlockShuffle",
            "Callback",
            "CategoricalCrossentropy",
            "Checkpoint",
            "CosineDecay",
            "Conv2D",
            "ZeroPadding2D",
            "GlobalAveragePooling2D",
            "DepthwiseConv2D",
            "AveragePooling2D",
            "Dense",
            "Dropout",
            "EarlyStopping",
            "Embedding",
            "ExponentialDecay",
            "FileFormatError",
            "FlatCosine",
            "Flatten",
            "GELU",
            "GaussianNoise",
            "GroupedCrossentropy",
            "History",
            "HalfSquaredError",
            "Huber",
            "Importance",
            "InverseTimeDecay",
            "Layer",
            "LayerNormalization",
            "LeakyReLU",
            "Linear",
            "LogCosineCycles",
            "LostWorker",
            "MaxPooling2D",
            "MeanAbsoluteError",
            "MeanSquaredError",
            "Mish",
            "MissingExtra",
            "NonFiniteError",
            "ParametricActivation",
            "PeriodicEmbedding",
            "PiecewiseLinearEmbedding",
            "Poisson",
            "Quantile",
            "RMSprop",
            "RandomAffine",
            "RandomFlip",
            "RateCurve",
            "ReLU",
            "Rescaling",
            "Residual",
            "SELU",
            "SGD",
            "Scale",
            "Sequential",
            "SiLU",
            "Sigmoid",
            "SmoothClip",
            "Softmax",
            "StepDecay",
            "Tanh",
            "callbacks",
            "datasets",
            "find_learning_rate",
            "get_num_threads",
            "gradcheck",
            "initialize_from_data",
            "initializers",
            "layers",
            "load",
            "losses",
            "metrics",
            "optimizers",
            "permutation_importance",
            "plots",
            "recipes",
            "schedules",
            "set_num_threads",
            "tables",
            "workers",
        ]
    )
    for name in hy.__all__:
        assert getattr(hy, name) is not None
        assert name in dir(hy)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        hy.nonsense  # noqa: B018


def test_the_lazy_names_are_those_that_the_type_checker_sees() -> None:
    text = (PACKAGE / "__init__.py").read_text(encoding="utf-8")
    assert sorted(re.findall(r"    from [\w.]+ import \w+ as (\w+)", text)) == hy.__all__


def test_public_functions_and_classes_have_docstrings() -> None:
    lacking = set()

    def check(path: Path) -> None:
        name = ".".join(("hyalite", *path.with_suffix("").parts)).removesuffix(".__init__")
        try:
            module = importlib.import_module(name)
        except (ModuleNotFoundError, MissingExtra) as missing:
            package = str(missing.name).partition(".")[0]
            if package not in OPTIONAL:
                raise
            lacking.add(f"{package}: pip install 'hyalite[{OPTIONAL[package]}]'")
            return
        for key, value in vars(module).items():
            if not key.startswith("_") and getattr(value, "__module__", None) == name:
                assert not callable(value) or value.__doc__, f"{name}.{key}"

    holds_for([module for module in MODULES if module.stem != "__main__"], check)
    if lacking:
        pytest.skip(f"the others have; needs {', '.join(sorted(lacking))}")


def test_nothing_in_the_package_runs_what_a_file_says() -> None:
    for path in MODULES:
        tree = parsed(path)
        assert not {"pickle", "marshal", "shelve", "dill"} & {
            module.partition(".")[0] for module in imports(tree)
        }
        calls = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert not calls & {"eval", "exec", "compile", "__import__"}, path


def test_the_architecture_page_names_what_is_there() -> None:
    rooms = {path.parts[0].removesuffix(".py") for path in MODULES} - {"__init__"}
    assert rooms == set(ORDER)
    tree = PAGE.partition("```text\n")[2].partition("```")[0]
    assert all(re.search(rf"\b{room}\b", tree) for room in rooms - {"__main__"}), "the tree"
    for name in re.findall(r"`([\w/]+(?:\.py|/))`", PAGE):
        found = [PACKAGE / name, PACKAGE.parents[1] / name, *PACKAGE.glob(f"engines/*/{name}")]
        assert any(path.exists() for path in found), name


# Where the tests of a module are: in the file of its name in the folder of its name, or in this
# table. What ends in a slash stands for all in that folder.
TESTS = Path(__file__).parents[1]
TESTED_BY = {
    "cli/arguments.py": "cli/test_cli.py",
    "cli/artifacts.py": "cli/test_train.py",
    "cli/play.py": "play/test_server.py",
    "cli/predict_images.py": "cli/test_predict.py",
    "cli/table_output.py": "cli/test_cli_tables.py",
    "cli/train_pack.py": "cli/test_pack.py",
    "cli/wording.py": "cli/test_train.py",
    "cli/workers.py": "workers/test_mpi_ranks.py",
    "dask/": "dask/test_training.py",
    "data/prepare.py": "data/test_datasets.py",
    "data/samples.py": "engines/test_base.py",
    "data/tables/packs/": "data/tables/packs/test_packing.py",
    "data/tables/": "data/tables/test_preparation.py",
    "engines/blas.py": "engines/test_threads.py",
    "engines/compiled/": "engines/compiled/test_compiled.py",
    "engines/numpy.py": "training/test_loop.py",
    "engines/numpy_workers.py": "workers/test_threads.py",
    "engines/pieces.py": "training/test_stream.py",
    "engines/validation.py": "workers/test_threads.py",
    "errors.py": "training/test_loop.py",
    "exact.py": "promises/test_exact.py",
    "formulas/": "formulas/test_formulas.py",
    "export/c_network.py": "export/test_c_source.py",
    "export/channels_first.py": "export/test_onnx_file.py",
    "export/numpy_network.py": "export/test_numpy_source.py",
    "export/onnx_graph.py": "export/test_onnx_file.py",
    "export/": "export/test_table_model.py",
    "files/pickle_machine.py": "files/test_pickles.py",
    "layers/attributes.py": "layers/test_base.py",
    "layers/chain.py": "test_network.py",
    "layers/probabilities.py": "layers/test_activations.py",
    "metrics/base.py": "training/test_loop.py",
    "optimizers/": "optimizers/test_base.py",
    "play/": "play/test_api.py",
    "plots/column_importance.py": "plots/test_plots.py",
    "recipes/labelled.py": "recipes/test_pipelines.py",
    "recipes/metadata.py": "recipes/test_pipelines.py",
    "recipes/networks.py": "recipes/test_recipe.py",
    "recipes/": "recipes/test_training.py",
    "sklearn/regressor.py": "sklearn/test_sklearn_parity.py",
    "sklearn/": "sklearn/test_sklearn.py",
    "trace/": "trace/test_trace.py",
    "training/agreement.py": "workers/test_threads.py",
    "training/fingerprint.py": "training/test_checkpoint.py",
    "training/snapshot.py": "training/test_checkpoint.py",
    "training/sources.py": "data/test_block_samples.py",
    "version.py": "promises/test_repository.py",
}


def mirror(module: Path) -> Path:
    return module.with_name(f"test_{module.name}")


def test_a_module_has_its_tests() -> None:
    def check(path: Path) -> None:
        own = path.as_posix()
        places = [
            place
            for place in TESTED_BY
            if place == own or (place.endswith("/") and own.startswith(place))
        ]
        if (TESTS / mirror(path)).is_file():
            assert own not in places, "it has a file, and needs no entry in the table"
        else:
            assert places, f"expected tests/{mirror(path).as_posix()} or an entry in the table"
            assert (TESTS / TESTED_BY[places[0]]).is_file()

    holds_for([m for m in MODULES if m.stem not in ("__init__", "__main__")], check)


def test_the_table_of_tests_names_what_is_there() -> None:
    for place, file in TESTED_BY.items():
        assert (PACKAGE / place).exists(), place
        assert (TESTS / file).is_file(), file


def test_a_test_file_mirrors_a_module_or_a_package() -> None:
    """Of the package `cli` as a whole are `cli/test_cli.py` and `cli/test_cli_tables.py`."""

    def check(path: Path) -> None:
        name, package = path.stem.removeprefix("test_"), path.parent.name
        module = PACKAGE / path.parent / name
        whole = package and (name == package or name.startswith(f"{package}_"))
        assert whole or module.is_dir() or module.with_suffix(".py").is_file()
        assert (PACKAGE / path.parent).is_dir()

    files = sorted(file.relative_to(TESTS) for file in TESTS.rglob("test_*.py"))
    others = (Path("promises"), Path("play/browser"))  # of the whole; of a page in JavaScript
    holds_for([file for file in files if not any(map(file.is_relative_to, others))], check)


def test_the_picture_of_a_step_is_the_one_that_is_drawn(tmp_path: Path) -> None:
    root = PACKAGE.parents[1]
    script = root / "scripts" / "draw_step.py"
    subprocess.run([sys.executable, script, tmp_path / "step.svg"], check=True, timeout=60)
    kept = (root / "docs/images/step.svg").read_text(encoding="utf-8")
    assert (tmp_path / "step.svg").read_text(encoding="utf-8") == kept
