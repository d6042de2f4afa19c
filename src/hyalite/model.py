"""Sequential: the model as users meet it. It joins network, loss, optimizer, metrics and files."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import hyalite
from hyalite import checks
from hyalite.config import UnknownPart, from_config, to_config
from hyalite.data.samples import Samples
from hyalite.data.split import split_rows
from hyalite.engines.numpy import NumpyEngine
from hyalite.errors import FileFormatError
from hyalite.files import model_file
from hyalite.initializers import INITIALIZERS, UserInitializer
from hyalite.layers import LAYERS, Dense, Layer
from hyalite.losses import LOSSES, Loss, Objective, check_ending, resolve_loss
from hyalite.metrics import METRIC_CLASSES, Metric, resolve_metric
from hyalite.network import Network
from hyalite.optimizers import OPTIMIZERS, Optimizer, resolve_optimizer
from hyalite.parameters import Array, Shape
from hyalite.random import check_seed, new_seed
from hyalite.schedules import SCHEDULES
from hyalite.trace import Trace, trace
from hyalite.training.callbacks import Callback
from hyalite.training.history import History
from hyalite.training.loop import Plan, summarize, train
from hyalite.training.progress import Progress

FORMAT = 1  # of the model file
ENGINES = ("auto", "numpy")

REGISTRY: dict[str, type] = {
    **LAYERS,
    **{
        kind.__name__: kind
        for kind in (
            *INITIALIZERS.values(),
            UserInitializer,
            *LOSSES.values(),
            *OPTIMIZERS.values(),
            *SCHEDULES.values(),
        )
    },
    **METRIC_CLASSES,
}


class _Vector:
    """A read-only attribute of a model: one of its network's vectors."""

    def __init__(self, meaning: str) -> None:
        self.__doc__ = meaning

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, model: Sequential | None, owner: type) -> Any:
        return self if model is None else getattr(model.network.ready, self.name)

    def __set__(self, model: Sequential, value: object) -> None:
        if value is not self.__get__(model, type(model)):  # not the end of ``theta *= ...``
            raise AttributeError(
                f"{self.name} cannot be replaced, the layers hold views of it; write into it: "
                f"model.{self.name}[...] = values"
            )


class Sequential:
    """A model: layers in a row.

    ::

        model = hy.Sequential([hy.Dense(64, "relu"), hy.Dense(10, "softmax")])
        model.compile("categorical_crossentropy", hy.Adam(1e-3), metrics=["accuracy"])
        model.fit(x, y, epochs=5, seed=0)

    Args:
        layers: in order; more may follow by `add` until the model is built.
        dtype: of all its numbers, "float32" or "float64".

    Attributes:
        network: the layers and their vectors.
        loss, optimizer, metrics: as compiled; the model's own copies.
        history: of the latest `fit`.
        metadata: a dict of JSON data that goes into the model file, such as the classes' names.
        stop_training: a callback sets it to end a fit after the epoch.
    """

    loss: Loss
    optimizer: Optimizer
    metrics: list[Metric]
    history: History
    theta = _Vector("all trainable numbers, one vector (size,)")
    grad = _Vector("the gradient of the last training step, (size,)")
    state = _Vector("all running statistics, one vector")

    def __init__(self, layers: Iterable[Layer] = (), *, dtype: Any = "float32") -> None:
        if isinstance(layers, Layer):
            raise TypeError(f"layers must be a list, got {layers!r}; write Sequential([...])")
        self.network = Network(list(layers), dtype)
        self.metadata: dict[str, Any] = {}
        self.stop_training = False
        self._engine: NumpyEngine | None = None

    # Building ---------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The layers, as given."""
        return self.network.layers

    @property
    def built(self) -> bool:
        """Whether the parameters exist."""
        return self.network.built

    @property
    def compiled(self) -> bool:
        """Whether loss and optimizer are set."""
        return hasattr(self, "loss")

    def add(self, layer: Layer) -> None:
        """Put a layer at the end."""
        self.network.add(layer)

    def build(self, input_shape: Shape | int, seed: int | None = None) -> None:
        """Make the parameters and draw their initial values; `fit` does so where it is needed.

        Args:
            input_shape: of one sample, such as 784, ``(784,)`` or ``(28, 28)``.
            seed: of the initial values; None takes a fresh one. A second call changes nothing.

        Raises:
            ValueError: a layer cannot take what the one before gives; or built for another shape.
        """
        self.network.build(checks.shape(input_shape), seed)

    def compile(
        self,
        loss: str | type[Loss] | Loss,
        optimizer: str | type[Optimizer] | Optimizer = "adam",
        metrics: Sequence[str | type[Metric] | Metric] = (),
        *,
        engine: str = "auto",
    ) -> None:
        """Set loss, optimizer and metrics. Weights stay; steps and epochs are counted anew.

        The model takes copies, so an object can serve several models; reach the model's own as
        ``model.optimizer``.

        Args:
            loss: name, class or instance.
            optimizer: name, class or instance.
            metrics: names, classes or instances; "accuracy" is the one that suits the loss.
            engine: "numpy", or "auto" for the fastest that is installed.

        Raises:
            ValueError: an unknown name, or a loss that does not suit the last layer.
        """
        if engine not in ENGINES:
            raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {engine!r}")
        if not isinstance(metrics, (list, tuple)):
            raise ValueError(
                f"metrics must be a list, got {metrics!r}; write metrics=[{metrics!r}]"
            )
        loss = copy.deepcopy(resolve_loss(loss))
        if self.layers:
            check_ending(loss, self.layers[-1].stages()[-1])
        optimizer = copy.deepcopy(resolve_optimizer(optimizer))
        optimizer.reset()
        chosen = [copy.deepcopy(resolve_metric(metric, loss.kind)) for metric in metrics]
        names = [metric.name for metric in chosen]
        if len(set(names)) < len(names):
            raise ValueError(f"two metrics have one name: {', '.join(names)}")
        self.loss, self.optimizer, self.metrics, self.engine = loss, optimizer, chosen, engine
        self.network.epochs = 0
        self.network.clock.step = 0

    # Training ---------------------------------------------------------------------------------

    def fit(
        self,
        x: Any,
        y: Any,
        *,
        batch_size: int = 32,
        epochs: int = 1,
        validation_data: Sequence[Any] | None = None,
        validation_split: float = 0.0,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | str | None = None,
        shuffle: bool = True,
        seed: int | None = None,
        shards: int | None = None,
        callbacks: Sequence[Callback] = (),
        verbose: int | str = "auto",
    ) -> History:
        """Train for some epochs; a further call goes on where the last one ended.

        The same data, seed and shards give the same bytes. Ten calls of one epoch give the same
        as one call of ten.

        Args:
            x: samples (n, *input_shape) of any real dtype.
            y: integer labels (n,), one-hot rows (n, classes), or numbers of the output's shape.
            batch_size: samples a step; more than n means all of them.
            epochs: how many more.
            validation_data: ``(x, y)`` or ``(x, y, sample_weight)``, measured after each epoch.
            validation_split: or the share of the samples to set apart for it: shuffled before
                the cut, and by class where the targets are classes.
            sample_weight: (n,): in loss and metrics a sample counts that much. Only the weights'
                proportions matter: they are scaled to mean 1 over the training samples.
            class_weight: ``{label: weight}``, or "balanced" for n / (classes·count); in the loss
                only, so that the metrics stay those of the data.
            shuffle: a new order of the samples in each epoch.
            seed: of order, dropout and split, and of the initial weights where the model is not
                built yet. None keeps the model's, which is fresh at first (see History.seed).
            shards: parts a batch is cut into, see the design; 1 unless set.
            callbacks: objects like `EarlyStopping`.
            verbose: 0 silent, 1 bar, 2 lines, "auto".

        Returns:
            the history, also found as ``model.history``.

        Raises:
            ValueError: an input that does not fit; the text says which, why and the mend.
            NonFiniteError: the loss became NaN or infinite.
        """
        self._check_compiled("fit")
        batch_size = checks.whole(batch_size, "batch_size")
        epochs = checks.whole(epochs, "epochs")
        shards = 1 if shards is None else checks.whole(shards, "shards")
        if seed is not None:
            seed = check_seed(seed)
        if not isinstance(callbacks, (list, tuple)) or not all(
            isinstance(callback, Callback) for callback in callbacks
        ):
            raise ValueError(f"callbacks must be a list of Callback objects, got {callbacks!r}")
        done = self.network.epochs
        progress = Progress(verbose, done + 1, done + epochs)
        model = self if self.built else self._to_try(x)
        x, y, weight = model._data(x, y, sample_weight, ("x", "y", "sample_weight"))
        # Everything is checked before anything is changed.
        split_seed = seed if seed is not None else self.network.clock.seed
        if not self.built and seed is None:
            seed = split_seed = new_seed()
        rows, validation = model._validation(
            x, y, weight, validation_data, validation_split, split_seed
        )
        samples = Samples(x, y, weight, self.network.dtype, rows)
        samples.weight = model._training_weight(y, weight, class_weight, rows)
        target = samples.target()
        assert target is not None
        if not self.built:
            self.build(x.shape[1:], seed)
        if seed is not None:
            self.network.clock.seed = seed
        objective = self._objective()
        plan = Plan(samples, validation, epochs, batch_size, bool(shuffle), tuple(callbacks))
        plan.metrics = self._begun_metrics(target)
        plan.validation_metrics = self._begun_metrics(target)
        self._engine = NumpyEngine(self.network, shards)
        self.history = History(self.network.clock.seed)
        return train(self, self._engine, objective, plan, progress)

    def _validation(
        self,
        x: Array,
        y: Array,
        weight: Array | None,
        data: Sequence[Any] | None,
        split: float,
        seed: int,
    ) -> tuple[Array | None, Samples | None]:
        """Rows to train on (None for all), and the validation samples."""
        dtype = self.network.dtype
        split = checks.number(split, "validation_split", low=0, high=1, below=True)
        if data is not None:
            if split:
                raise ValueError("give validation_data or validation_split, not both")
            if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
                raise ValueError("validation_data must be (x, y) or (x, y, sample_weight)")
            names = [f"validation_data[{place}]" for place in range(3)]
            x, y, weight = (*data, None)[:3]
            return None, Samples(*self._data(x, y, weight, names), dtype)
        if not split:
            return None, None
        labels = None
        if self.loss.kind == "classes":
            labels = y if y.ndim == 1 else y.argmax(axis=1)
        elif self.loss.kind == "binary" and y.shape[1] == 1:
            labels = (y[:, 0] > 0.5).astype(np.int64)
        rows, kept = split_rows(len(x), split, labels, seed)
        if weight is not None and not weight[kept].any():
            raise ValueError(
                "sample_weight is zero for every sample of the validation_split; give "
                "validation_data, or positive weights"
            )
        return rows, Samples(x, y, weight, dtype, kept)

    def _training_weight(
        self,
        y: Array,
        weight: Array | None,
        class_weight: Mapping[int, float] | str | None,
        rows: Array | None,
    ) -> Array | None:
        """Sample weight times class weight, with mean 1 over the training rows."""
        if class_weight is not None:
            by_class = self._class_weights(y if rows is None else y[rows], class_weight)
            if y.ndim == 1:
                factor = by_class[y]
            elif self.loss.kind == "classes":
                factor = y @ by_class
            else:
                factor = by_class[0] + y[:, 0] * (by_class[1] - by_class[0])
            weight = factor if weight is None else weight * factor
        if weight is None:
            return None
        mean = float((weight if rows is None else weight[rows]).mean())
        if mean <= 0:
            raise ValueError("sample_weight and class_weight are zero for every training sample")
        return weight / mean

    def _class_weights(self, y: Array, class_weight: Mapping[int, float] | str) -> Array:
        """The weight of each class, (classes,)."""
        classes = self.network.output_shape[-1]
        if self.loss.kind == "binary" and classes == 1:
            classes, y = 2, (y[:, 0] > 0.5).astype(np.int64)
        elif self.loss.kind != "classes":
            raise ValueError(
                "class_weight needs classes: labels with 'categorical_crossentropy', or one "
                f"output with 'binary_crossentropy'; the loss is {self.loss.name!r}"
            )
        if isinstance(class_weight, str) and class_weight == "balanced":
            labels = y if y.ndim == 1 else y.argmax(axis=1)
            counts = np.bincount(labels, minlength=classes)
            result: Array = np.where(counts, len(y) / (classes * np.maximum(counts, 1)), 0.0)
            return result
        if not isinstance(class_weight, Mapping):
            raise ValueError(f"class_weight must be a dict or 'balanced', got {class_weight!r}")
        result = np.ones(classes)
        for label, value in class_weight.items():
            if not isinstance(label, (int, np.integer)) or not 0 <= label < classes:
                raise ValueError(
                    f"class_weight has the key {label!r}; labels go from 0 to {classes - 1}"
                )
            result[label] = checks.number(value, f"class_weight[{label}]", low=0)
        return result

    # Using ------------------------------------------------------------------------------------

    def evaluate(
        self, x: Any, y: Any, *, batch_size: int = 1024, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Loss and metrics on data, by name; the loss is that of the data, without penalties.

        Args:
            x: samples (n, *input_shape).
            y: targets, as for `fit`.
            batch_size: rows at a time; the result does not depend on it.
            sample_weight: (n,), counts in loss and metrics.

        Raises:
            ValueError: an input that does not fit, or a model not built or compiled.
        """
        self._check_compiled("evaluate")
        engine = self._ready_engine()
        batch_size = checks.whole(batch_size, "batch_size")
        data = self._data(x, y, sample_weight, ("x", "y", "sample_weight"))
        metrics = self._begun_metrics(copies=True, target=data[1])
        samples = Samples(*data, self.network.dtype)
        totals = engine.evaluate(samples, batch_size, self._objective(), metrics)
        return summarize(totals, metrics)

    def predict(self, x: Any, *, batch_size: int = 1024) -> Array:
        """The outputs (n, *output_shape) for samples (n, *input_shape).

        Reads the model only, so several threads may predict at once.
        """
        engine = self._ready_engine()
        batch_size = checks.whole(batch_size, "batch_size")
        x = checks.inputs(x, self.network.input_shape)
        checks.fits(x, self.network.dtype, "x")
        samples = Samples(x, None, None, self.network.dtype)
        return engine.predict(samples, batch_size)

    def trace(self, x: Any, y: Any, *, sample_weight: Any = None) -> Trace:
        """Every intermediate value of one forward and backward pass, by name, with its formula.

        Printed, it reads like a worked example; ``trace["dense_1.dW"]`` is an array. The pass is
        one of training (dropout drops, batch normalization uses the batch), but nothing in the
        model is changed.

        Args:
            x: samples (n, *input_shape); a few make it readable.
            y: targets, as for `fit`.
            sample_weight: (n,), or None.

        Raises:
            ValueError: an input that does not fit, or a model not built or compiled.
        """
        self._check_compiled("trace")
        _ = self.network.ready
        data = self._data(x, y, sample_weight, ("x", "y", "sample_weight"))
        samples = Samples(*data, self.network.dtype)
        return trace(self.network, self._objective(), samples.batch(0, len(samples)))

    def predict_classes(self, x: Any, *, batch_size: int = 1024) -> Array:
        """The predicted classes as int64.

        (n,): the largest of several outputs, or for a single yes/no output 0 or 1; (n, d) of 0
        and 1 for d outputs of a binary cross-entropy.
        """
        y = self.predict(x, batch_size=batch_size)
        if y.ndim != 2:
            raise ValueError(f"classes need outputs of shape (samples, classes), got {y.shape}")
        binary = self.loss.kind == "binary" if self.compiled else y.shape[1] == 1
        if not binary:
            if self.compiled and self.loss.kind == "regression":
                raise ValueError(f"a model with the loss {self.loss.name!r} predicts no classes")
            return y.argmax(axis=1)
        logits = self.compiled and self.loss.from_logits
        classes = (y > (0.0 if logits else 0.5)).astype(np.int64)
        return classes[:, 0] if y.shape[1] == 1 else classes

    def summary(self) -> None:
        """Print the layers, their output shapes and numbers of parameters."""
        print(self)

    def __str__(self) -> str:
        return _table(self.network)

    def __repr__(self) -> str:
        return f"Sequential({self.layers!r})"

    # Weights and files ------------------------------------------------------------------------

    def get_weights(self) -> dict[str, Array]:
        """Copies of all parameters and running statistics by name, such as "dense_1.W"."""
        return {name: array.copy() for name, array in self.network.ready.named().items()}

    def set_weights(self, weights: Mapping[str, Any] | Sequence[Any]) -> None:
        """Write values into the parameters: by name, or as a list in the order of `get_weights`.

        Raises:
            ValueError: naming the first that is missing, left over, of another shape or not finite.
        """
        own: dict[str, Array] = self.network.ready.named()
        if not isinstance(weights, Mapping):
            if len(weights) != len(own):
                raise ValueError(f"weights must be {len(own)} arrays, got {len(weights)}")
            weights = dict(zip(own, weights, strict=True))
        for name in (*own, *weights):
            if name not in weights or name not in own:
                where = "is missing" if name in own else "has no place in this model"
                raise ValueError(f"weights: {name} {where}")
        values = {name: checks.array(weights[name], name) for name in own}
        for name, array in own.items():
            if values[name].shape != array.shape:
                raise ValueError(f"{name} has shape {array.shape}, got {values[name].shape}")
            checks.fits(values[name], self.network.dtype, name)
        for name, array in own.items():
            array[...] = values[name]

    def save(self, path: str | Path) -> None:
        """Write the model to one safetensors file: layers, training settings, parameters.

        The optimizer's running averages are not in it: training that goes on after `load` starts
        them anew.

        Raises:
            OSError: it cannot be written; an older file at `path` is then untouched.
            TypeError: a part that is not described by its arguments.
        """
        settings: dict[str, Any] = {
            "format": FORMAT,
            "version": hyalite.__version__,
            "dtype": self.network.dtype.name,
            "input_shape": list(self.network.input_shape),
            "layers": to_config(self.layers),
            "names": self.network.names,
            "metadata": to_config(self.metadata),
        }
        if self.compiled:
            settings["training"] = {
                "loss": to_config(self.loss),
                "optimizer": to_config(self.optimizer),
                "metrics": to_config(self.metrics),
            }
        model_file.write(path, settings, self.network.ready.named())

    def save_weights(self, path: str | Path) -> None:
        """Write the parameters alone to a safetensors file."""
        model_file.write(path, {}, self.network.ready.named())

    def load_weights(self, path: str | Path) -> None:
        """Read parameters that `save` or `save_weights` wrote, into this built model.

        Raises:
            FileFormatError: naming the first array that differs in name, shape or dtype; nothing
                is changed then.
        """
        named = self.network.ready.named()
        reader = model_file.Reader(path)
        reader.check({name: array.shape for name, array in named.items()}, self.network.dtype)
        reader.read_into(named)

    # Inside -----------------------------------------------------------------------------------

    def _check_compiled(self, method: str) -> None:
        if not self.compiled:
            raise ValueError(
                f"call compile before {method}, as in "
                "model.compile(loss='categorical_crossentropy', optimizer='adam')"
            )

    def _to_try(self, x: Any) -> Sequential:
        """An empty twin built for `x`, against which targets can be checked first."""
        twin = copy.copy(self)
        twin.network = self.network.outline(checks.inputs(x, None).shape[1:])
        twin._objective()
        return twin

    def _objective(self) -> Objective:
        return Objective(self.loss, self.layers[-1].stages()[-1], self.network.output_shape)

    def _ready_engine(self) -> NumpyEngine:
        _ = self.network.ready  # a model that is not built says so
        if self._engine is None:
            self._engine = NumpyEngine(self.network)
        return self._engine

    def _data(
        self, x: Any, y: Any, weight: Any, names: Sequence[str]
    ) -> tuple[Array, Array, Array | None]:
        """Checked samples, targets and weights."""
        x = checks.inputs(x, self.network.input_shape, names[0])
        y = checks.array(y, names[1])
        if y.ndim == 0:
            raise ValueError(
                f"{names[1]} must have one entry a sample, got the single number {y}; "
                "give a list or an array"
            )
        checks.same_length(x, y, (names[0], names[1]))
        checks.fits(x, self.network.dtype, names[0])
        y = self.loss.target(y, self.network.output_shape, names[1])
        checks.fits(y, self.network.dtype, names[1])
        return x, y, None if weight is None else checks.weights(weight, len(x), names[2])

    def _begun_metrics(self, target: Array, *, copies: bool = False) -> list[Metric]:
        """Metrics ready to count; a training's own learn what is measured against its target."""
        for metric in self.metrics if not copies else ():
            self._begin(metric, target)
        result = copy.deepcopy(self.metrics)
        for metric in result:
            self._begin(metric, target)
        return result

    def _begin(self, metric: Metric, target: Array) -> None:
        outputs = self.network.output_shape[-1]
        metric.begin(self.loss.kind, outputs, logits=self.loss.from_logits, target=target)

    def __getstate__(self) -> dict[str, Any]:
        """All but the engine, which is made anew where it is needed."""
        return self.__dict__ | {"_engine": None}


def load(path: str | Path, *, layers: Iterable[type[Layer]] = ()) -> Sequential:
    """Read a model that `Sequential.save` wrote. Nothing in the file is run.

    Args:
        path: of the file.
        layers: classes of your own that the model has, beside the library's.

    Raises:
        FileFormatError: damaged, of another kind, or naming a part that is not known.
        OSError: no such file.
    """
    reader = model_file.Reader(path)
    settings = reader.settings
    if settings.get("format") != FORMAT:
        raise FileFormatError(
            f"{path} has model format {settings.get('format')!r}; this version reads {FORMAT}. "
            "For a file of weights alone make the model first, then call load_weights"
        )
    registry = REGISTRY | {kind.__name__: kind for kind in layers}
    try:
        model = Sequential(from_config(settings["layers"], registry), dtype=settings["dtype"])
        model.network.rename(settings["names"])
        shape = checks.shape(tuple(settings["input_shape"]))
        parameters, states, _ = model.network.plan(shape)
        reader.check(parameters | states, model.network.dtype)
        model.network.allocate(shape)
        if "training" in settings:
            model.compile(**from_config(settings["training"], registry))
        model.metadata = dict(settings["metadata"])
    except UnknownPart as error:
        hint = "give your own layers as load(path, layers=[...])"
        raise FileFormatError(f"{path}: {error}; {hint}") from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        if isinstance(error, FileFormatError) and str(path) in str(error):
            raise
        raise FileFormatError(f"{path}: its settings do not make a model: {error!r}") from None
    model.network.clock.seed = new_seed()
    reader.read_into(model.network.ready.named())
    return model


def from_dense_arrays(
    pairs: Sequence[tuple[Array, Array]], activation: str = "relu", last: str = "softmax"
) -> Sequential:
    """A compiled model of dense layers from weights made elsewhere.

    Args:
        pairs: W (inputs, units) and b (units,) of each layer, in order.
        activation: of the hidden layers.
        last: of the last layer; it also decides the loss the model is compiled with.

    Raises:
        ValueError: shapes that do not chain, or an unknown activation.
    """
    hidden = [Dense(W.shape[1], activation) for W, _ in pairs[:-1]]
    model = Sequential([*hidden, Dense(pairs[-1][0].shape[1], last)])
    model.build(pairs[0][0].shape[0])
    model.set_weights([array for pair in pairs for array in pair])
    losses = {"softmax": "categorical_crossentropy", "sigmoid": "binary_crossentropy"}
    metrics = ["accuracy"] if last in losses else []
    model.compile(losses.get(last, "mean_squared_error"), metrics=metrics)
    return model


def _table(network: Network) -> str:
    rows = [("layer", "kind", "output", "parameters")]
    shapes = network.shapes or [()] * len(network.layers)
    for layer, name, shape in zip(network.layers, network.names, shapes, strict=True):
        activation = getattr(layer, "activation", None)
        kind = type(layer).__name__ + (f", {type(activation).__name__}" if activation else "")
        count = sum(array.size for array in layer.values.values())
        output = str((None, *shape)).replace("None", "n") if network.built else "?"
        rows.append((name, kind, output, f"{count:,}" if network.built else "?"))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join(
            text.rjust(width) if column == 3 else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    rule = "─" * len(lines[0])
    parameters = network.parameters
    if parameters is None:
        total = "not built yet: the sizes follow from the first data"
    else:
        size = parameters.theta.nbytes / 1024
        total = f"{parameters.theta.size:,} parameters ({size:,.1f} KiB, {network.dtype.name})"
        if parameters.state.size:
            total += f", {parameters.state.size:,} running statistics"
        total += f"; samples {(*network.input_shape,)}"
    return "\n".join([lines[0], rule, *lines[1:], rule, total])
