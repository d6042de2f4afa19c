"""The floor once more, multiplied by PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from benchmarks.peers.floor import Floor


class FloorPyTorch(Floor):
    """A step's matrix products, one `torch.mm` each."""

    def array(self, values: npt.NDArray[np.float32]) -> Any:
        return torch.from_numpy(values)

    def multiply(self, left: Any, right: Any, out: Any) -> None:
        torch.mm(left, right, out=out)
