"""Training on a Dask cluster: on partitions that stay where they are, by workers that come and go.

::

    model = hyalite.dask.fit(client, model, x, y, batch_size=8192, epochs=10, seed=0)

Needs the extra ``dask``; the estimators need ``sklearn`` besides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyalite.errors import require

require("dask", extra="dask", purpose="hyalite.dask")
require("distributed", extra="dask", purpose="hyalite.dask")

from hyalite.dask.predicting import predict  # noqa: E402
from hyalite.dask.training import fit  # noqa: E402

if TYPE_CHECKING:
    from hyalite.dask.estimators import MLPClassifier, MLPRegressor
    from hyalite.dask.tabular import TabularClassifier, TabularRegressor

__all__ = [
    "MLPClassifier",
    "MLPRegressor",
    "TabularClassifier",
    "TabularRegressor",
    "fit",
    "predict",
]
HOMES = {"MLPClassifier": "estimators", "MLPRegressor": "estimators"}
HOMES |= {"TabularClassifier": "tabular", "TabularRegressor": "tabular"}


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
