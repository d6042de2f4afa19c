"""Models out of the library: ONNX, PyTorch, one file of Python with NumPy alone, one file of C."""

from __future__ import annotations

from hyalite.export.c_source import to_c
from hyalite.export.numpy_source import to_numpy
from hyalite.export.onnx_file import to_onnx
from hyalite.export.torch_file import to_torch, torch_modules

__all__ = ["to_c", "to_numpy", "to_onnx", "to_torch", "torch_modules"]
