"""Rows that are read while a model trains: how they are checked, and what memory they take."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hyalite import checks
from hyalite.config import to_config
from hyalite.data.block_order import BlockShuffle, Share
from hyalite.data.block_samples import THREAD_BYTES, BlockSamples, Rows, RowSource, array_rows
from hyalite.data.samples import Samples
from hyalite.messages import say
from hyalite.network import Network
from hyalite.parameters import Array, Shape
from hyalite.training.inputs import InputSpec

SHUFFLES = "True, False, 'blocks' or a BlockShuffle"
VECTORS = 8  # of theta's size: theta, gradient, an optimizer's two, copies to go back to
ACTIVATIONS = 4  # of a batch, each layer's: y, dy, and what an engine works with


def block_shuffle(shuffle: Any, blocks: bool) -> BlockShuffle | None:
    """The order by blocks that `shuffle` asks for; None for none.

    Args:
        shuffle: the argument of `fit`.
        blocks: whether the rows are read in blocks whatever it says.

    Raises:
        ValueError: it is none of `SHUFFLES`.
    """
    if isinstance(shuffle, BlockShuffle):
        return shuffle
    if isinstance(shuffle, str):
        if shuffle != "blocks":
            raise ValueError(f"shuffle must be {SHUFFLES}, got {shuffle!r}")
        return BlockShuffle()
    return BlockShuffle() if blocks and shuffle else None


def first_shape(source: RowSource, shape: Shape | None, note: str) -> Shape:
    """The shape of a sample, checked against what the model takes.

    Raises:
        ValueError: no rows, or others than the model takes.
    """
    if not len(source):
        raise ValueError("x must not be empty, got a source of 0 rows")
    x = _taken(source, 0, 1)[0]
    return checks.inputs(x, shape, "x", note).shape[1:]


def source_samples(
    source: Any,
    spec: InputSpec,
    shuffle: BlockShuffle | None,
    class_weight: Mapping[int, float] | str | None = None,
    share: Share | None = None,
) -> BlockSamples:
    """The rows of a source, each block checked when it is read.

    Args:
        source: of the rows.
        spec: what they must fit.
        shuffle: their order; None as they lie.
        class_weight: of the classes.
        share: which rows of a batch are this worker's; None for all.

    Raises:
        ValueError: what comes is not what the model takes.
    """
    factors = None if class_weight is None else _class_factors(source, spec, class_weight)

    def read(start: int, stop: int) -> Rows:
        x, y = _taken(source, start, stop)
        where = f"block({start}, {stop})"
        x = checks.inputs(x, spec.input_shape, f"x of {where}", spec.note)
        if len(x) != stop - start:
            raise ValueError(
                f"{where} must give {stop - start} rows, got {len(x)}; give those from its first "
                "argument on, up to and without its second"
            )
        y, _ = spec.targets(x, y, None, (f"x of {where}", f"y of {where}"))
        return weighed(x, y)

    def read_targets(start: int, stop: int) -> Rows:
        where = f"block_targets({start}, {stop})"
        rows = np.empty((stop - start, 0))
        y, _ = spec.targets(rows, source.block_targets(start, stop), None, ("its rows", where))
        return weighed(None, y)

    def weighed(x: Array | None, y: Array) -> Rows:
        if factors is None:
            return Rows(x, y)
        classes = spec.loss.class_targets(y)
        assert classes is not None
        return Rows(x, y, factors[classes] if classes.ndim == 1 else classes @ factors)

    digest = getattr(source, "digest", None)
    own = digest if isinstance(digest, str) else None
    alone = read_targets if hasattr(type(source), "block_targets") else None
    return BlockSamples(read, len(source), spec.dtype, shuffle, own, alone, share)


def array_samples(
    samples: Samples, shuffle: BlockShuffle, share: Share | None = None
) -> BlockSamples:
    """Rows of arrays or of maps, in the order of blocks."""
    return BlockSamples(
        array_rows(samples), len(samples), samples.dtype, shuffle, None,
        array_rows(samples, inputs=False), share,
    )  # fmt: skip


def shuffle_config(shuffle: BlockShuffle | None, plain: Any) -> Any:
    """The order as a checkpoint keeps it."""
    return bool(plain) if shuffle is None else to_config(shuffle)


def state_memory(
    network: Network,
    samples: BlockSamples,
    validation: Samples | None,
    batch_size: int,
    verbose: Any,
) -> None:
    """Say what training will take at most, and refuse what the process is not allowed.

    Args:
        network: to be trained.
        samples: to train on.
        validation: rows that are measured; those in memory are there already.
        batch_size: rows of a step.
        verbose: 0 to say nothing.

    Raises:
        ValueError: it is more than the limit of the process's addresses (`ulimit -v`) leaves.
    """
    shape = samples.x.shape[1:]
    numbers = VECTORS * network.layout(shape).size
    shapes = network.shapes if network.built else network.plan(shape)[2]
    widths = sum(int(np.prod(one)) for one in shapes)
    numbers += ACTIVATIONS * min(batch_size, len(samples)) * widths
    needed = samples.memory(batch_size) + THREAD_BYTES + numbers * samples.dtype.itemsize
    if isinstance(validation, BlockSamples):
        needed += validation.memory(batch_size)
    left = _addresses_left()
    if left is not None and needed > left:
        raise ValueError(
            f"training takes up to {needed >> 20:,} MiB, and the process may take "
            f"{max(0, left) >> 20:,} MiB more (ulimit -v); give a smaller batch_size, or "
            "shuffle=BlockShuffle(block_rows=...) with fewer rows"
        )
    if verbose != 0:
        rows, size = len(samples), len(samples) * samples.row_bytes
        order = "as they lie"
        if samples.shuffle is not None:
            order = f"in blocks of {samples.shuffle.block_rows:,}"
        say(
            f"{rows:,} rows ({amount(size)}) are read {order}; "
            f"training takes up to {amount(needed)} of memory"
        )


def amount(size: int) -> str:
    """Bytes in words."""
    if size < 1e6:
        return f"{size / 1e3:.0f} kB"
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _addresses_left() -> int | None:
    """How many bytes the process may still take; None where nothing limits it or says so."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        if limit != resource.RLIM_INFINITY:
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
            return int(limit) - pages * resource.getpagesize()
    return None


def _taken(source: RowSource, start: int, stop: int) -> tuple[Any, Any]:
    found = source.block(start, stop)
    if not isinstance(found, tuple) or len(found) != 2:
        raise ValueError(
            f"block({start}, {stop}) must give x and y, got {type(found).__name__}"
            + (f" of {len(found)}" if isinstance(found, tuple) else "")
        )
    return found


def _class_factors(
    source: RowSource, spec: InputSpec, class_weight: Mapping[int, float] | str
) -> Array:
    """The weight of each class, (classes,), with mean 1 over the rows.

    Raises:
        ValueError: no classes, or a weight that is none.
    """
    classes = spec.loss.class_count(spec.output_shape[-1])
    own = getattr(source, "class_counts", None)
    if own is None:
        raise ValueError(
            "class_weight needs to know how many rows each class has; give the source an attribute "
            "class_counts, one number a class"
        )
    counts = np.asarray(own, np.int64)
    if not classes or counts.shape != (classes,):
        raise ValueError(f"class_weight needs a loss of {len(counts)} classes, got {classes}")
    labels = np.repeat(np.arange(classes), (counts > 0).astype(int))
    if class_weight == "balanced":
        class_weight = {int(c): len(source) / (classes * counts[c]) for c in labels}
    factors = spec.by_class(labels, class_weight)
    mean = float(factors @ counts) / len(source)
    if mean <= 0:
        raise ValueError("class_weight is zero for every row")
    return np.asarray(factors / mean)
