"""Who is measured. A peer's own module imports its library, so only its worker loads it."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass

from benchmarks.peers.base import Peer

INSTALL = 'pip install "hyalite[bench]"'


@dataclass(frozen=True)
class Entry:
    """What is known of a peer without loading it.

    Attributes:
        title: its name in tables.
        home: module and class.
        imports: the modules that its user imports.
        requirements: the packages that its user installs.
        differs: where its work is not quite that of the others.
        trains, predicts: what it can do.
        default: whether it takes part unasked.
    """

    title: str
    home: str
    imports: tuple[str, ...]
    requirements: tuple[str, ...]
    differs: str = ""
    trains: bool = True
    predicts: bool = True
    default: bool = True

    @property
    def installed(self) -> bool:
        """Whether all that it imports is there."""
        return all(importlib.util.find_spec(name.partition(".")[0]) for name in self.imports)

    def load(self) -> type[Peer]:
        """Import the peer's class, and with it its library."""
        module, _, name = self.home.partition(":")
        found: type[Peer] = getattr(importlib.import_module(f"benchmarks.peers.{module}"), name)
        return found


OURS = "hyalite"
PEERS = {
    OURS: Entry("Hyalite", "hyalite:Hyalite", ("hyalite.model",), ("hyalite[fast]",)),
    "hyalite-numpy": Entry(
        'Hyalite, engine="numpy"', "hyalite:HyaliteNumpy", ("hyalite.model",), ("hyalite",)
    ),
    "pytorch": Entry(
        "PyTorch",
        "pytorch:PyTorch",
        ("torch",),
        ("torch",),
        "eager, fused Adam; the L2 penalty is Adam's `weight_decay`, its fastest way, so the loss "
        "that it reports is that of the data alone",
    ),
    "pytorch-compile": Entry(
        "PyTorch, torch.compile",
        "pytorch:PyTorchCompiled",
        ("torch",),
        ("torch",),
        "as PyTorch, with the model through `torch.compile`, which needs a C++ compiler",
        default=False,
    ),
    "keras": Entry(
        "Keras on JAX",
        "keras:Keras",
        ("keras", "jax"),
        ("keras", "jax"),
        "Adam adds ε to the root before its correction",
    ),
    "scikit-learn": Entry(
        "scikit-learn",
        "scikit_learn:ScikitLearn",
        ("sklearn.neural_network",),
        ("scikit-learn",),
        "no dropout, no decay of Adam's learning rate, no accuracy while it trains; the L2 penalty "
        "is on every W and never on b; Adam adds ε to the root before its correction",
    ),
    "jax-step": Entry(
        "JAX + optax, jitted step",
        "jax:JaxStep",
        ("jax", "optax"),
        ("jax", "optax"),
        "the loss that it reports is that of the data alone",
    ),
    "jax-scan": Entry(
        "JAX + optax, lax.scan",
        "jax:JaxScan",
        ("jax", "optax"),
        ("jax", "optax"),
        "the whole epoch, where an epoch is one step the whole training, is one compiled call; "
        "the loss that it reports is that of the data alone",
    ),
    "onnxruntime": Entry(
        "ONNX Runtime",
        "onnxruntime:OnnxRuntime",
        ("onnxruntime", "onnx"),
        ("onnxruntime",),
        "predicts only; on one thread for one row",
        trains=False,
    ),
    "floor": Entry(
        "floor",
        "floor:Floor",
        ("numpy",),
        (),
        "no peer: the step's matrix products alone, one `np.dot` each, all BLAS threads",
        predicts=False,
    ),
    "nothing": Entry(
        "interpreter with the data",
        "floor:Nothing",
        ("numpy",),
        (),
        trains=False,
        predicts=False,
        default=False,
    ),
    "floor-pytorch": Entry(
        "floor by PyTorch",
        "floor_pytorch:FloorPyTorch",
        ("torch",),
        ("torch",),
        "no peer: the same products, one `torch.mm` each",
        predicts=False,
        default=False,
    ),
}
DEFAULT = tuple(name for name, entry in PEERS.items() if entry.default)
OTHERS = ("pytorch", "pytorch-compile", "keras", "scikit-learn", "jax-step", "jax-scan")
