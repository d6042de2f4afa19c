"""The library's own exceptions, and the import of optional packages."""

from __future__ import annotations

import importlib
from types import ModuleType


class MissingExtra(ImportError):
    """An optional package is needed and not installed; the text names the pip command.

    Examples:
        >>> from hyalite.errors import require
        >>> require("no_such_package", extra="fast", purpose="this")
        Traceback (most recent call last):
            ...
        hyalite.errors.MissingExtra: this needs no_such_package: pip install 'hyalite[fast]'
    """


class NonFiniteError(ArithmeticError):
    """A loss or a parameter became NaN or infinite during training.

    Examples:
        >>> model = hy.Sequential([hy.Dense(1)])
        >>> model.compile("mse", hy.SGD(1e30))
        >>> model.fit([[1.0]], [5.0], epochs=9, seed=0, verbose=0)
        Traceback (most recent call last):
            ...
        hyalite.errors.NonFiniteError: training stopped in epoch 2, batch 1; the loss is ...
    """


class LostWorker(RuntimeError):
    """A worker of a group is gone, or has said nothing for longer than it may.

    Attributes:
        snapshot: of the training run after its last whole step, a `training.snapshot.Snapshot`;
            None where none had begun.

    Examples:
        >>> def fail(workers):
        ...     if workers.rank == 1:
        ...         raise MemoryError("no room")
        ...     workers.exchange([()] * workers.size, timeout=1.0)
        >>> hy.workers.threads.run(2, fail)
        Traceback (most recent call last):
            ...
        MemoryError: no room
    """

    snapshot: object = None


class Regroup(LostWorker):
    """Nobody is lost: the group is to be formed anew, and training to go on from `snapshot`."""


class FileFormatError(ValueError):
    """A file is damaged, hostile, or not of the kind that was expected.

    Examples:
        >>> with open("model.safetensors", "w") as file:
        ...     size = file.write("no model")
        >>> hy.load("model.safetensors")
        Traceback (most recent call last):
            ...
        hyalite.errors.FileFormatError: model.safetensors is not a readable safetensors ...
    """


class DataWarning(UserWarning):
    """Data are not what training saw, or one of them is not taken as it stands.

    Examples:
        >>> import warnings
        >>> warnings.simplefilter("ignore", hy.errors.DataWarning)  # where one knows
    """


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Import an optional package, or say in one line how to install it.

    Raises:
        MissingExtra: the package is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise MissingExtra(
            f"{purpose} needs {package}: pip install 'hyalite[{extra}]'", name=package
        ) from None
