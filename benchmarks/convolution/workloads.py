"""Which networks of pictures are trained: those of the sources, the command line's, a small one and
one with batch normalization and flips.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks.accuracy import Races
from benchmarks.workloads import Workload
from hyalite.recipes.pictures import CONVOLUTIONAL

SIZES = (28 * 28, 10)

# `rows` are those of a timed epoch: so many that what an epoch costs beside its steps is little
PICTURES = {
    workload.name: workload
    for workload in (
        Workload(
            "SimpleConvNet",
            "mnist",
            SIZES,
            100,
            epochs=20,
            rows=5_000,
            source="*Deep Learning from Scratch*, chapter 7",
            words="conv30x5,pool,100",
        ),
        Workload(
            "DeepConvNet",
            "mnist",
            SIZES,
            100,
            epochs=20,
            rows=2_000,
            source="chapter 8, without its dropout of the last sums",
            words="conv16p1,conv16p1,pool,conv32p1,conv32p2,pool,conv64p1,conv64p1,pool,50,drop0.5",
        ),
        Workload(
            "mnist_convnet",
            "mnist",
            SIZES,
            128,
            epochs=15,
            rows=3_200,
            source="Keras's examples",
            words="conv32,pool,conv64,pool,drop0.5",
        ),
        Workload(
            "network-conv",
            "mnist",
            SIZES,
            100,
            epochs=20,
            rows=2_500,
            source="`hyalite train mnist --network conv`, without augmentation",
            words=f"{CONVOLUTIONAL['layers']},drop{CONVOLUTIONAL['dropout']}",
        ),
        Workload(
            "small",
            "mnist",
            SIZES,
            100,
            epochs=20,
            rows=3_000,
            source="at most 16,000 parameters",
            words="conv16x5lin,pool,bn,conv24lin,bn,conv24lin,pool,bn",
        ),
        Workload(
            "normalized",
            "fashion",
            SIZES,
            100,
            epochs=20,
            rows=2_000,
            source="Fashion-MNIST with normalization and flips",
            words="flip,conv32lin,pool,bn,conv48lin,bn,conv64lin,pool,bn,drop0.3,64,drop0.3",
        ),
    )
}


def race(name: str, target: float) -> tuple[Workload, float]:
    """All pictures of a workload until so many test images are right."""
    return replace(PICTURES[name], rows=None), target


# what is run to: of those whose goals hang on neither augmentation nor a schedule
RACES: dict[str, Races] = {
    "none": {},
    "short": {"SimpleConvNet": race("SimpleConvNet", 0.98)},
    "full": {
        "SimpleConvNet": race("SimpleConvNet", 0.989),
        "DeepConvNet": race("DeepConvNet", 0.9935),
        "mnist_convnet": race("mnist_convnet", 0.9915),
    },
}
REMEMBERED = replace(PICTURES["DeepConvNet"], rows=10_000)
