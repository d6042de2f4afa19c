"""Sequential: the model as users meet it. It joins network, loss, optimizer, metrics and files."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hyalite import checks
from hyalite.config import to_config
from hyalite.data.block_order import BlockShuffle
from hyalite.data.block_samples import is_source
from hyalite.data.samples import Samples
from hyalite.engines.base import Engine, Predict, Task
from hyalite.engines.choice import ENGINES, choose
from hyalite.files import model_file
from hyalite.layers import Layer
from hyalite.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    check_ending,
    resolve_loss,
)
from hyalite.metrics import Metric, resolve_metric
from hyalite.network import Network
from hyalite.optimizers import Optimizer, resolve_optimizer
from hyalite.parameters import Array, Shape
from hyalite.summary import table
from hyalite.training.callbacks import Callback
from hyalite.training.checkpoint import Checkpoint
from hyalite.training.history import History
from hyalite.training.inputs import InputSpec
from hyalite.training.loop import train
from hyalite.training.plan import begun_metrics, plan_fit
from hyalite.training.sources import source_samples
from hyalite.training.stream import is_stream, plan_stream
from hyalite.version import __version__
from hyalite.workers import Group

if TYPE_CHECKING:  # imported where they are used: most programs draw and trace nothing
    from hyalite.diagram import Diagram
    from hyalite.trace import Trace

PREDICTED_ROWS = 1 << 16  # of a source, at a time
MODEL_FORMAT = 1  # of the model file; `hyalite.loading` reads it


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

    Args:
        layers: in order; more may follow by `add` until the model is built.
        dtype: of all its numbers, "float32" or "float64".

    Attributes:
        theta: all trainable numbers, one vector; the layers' W, b, ... are views of it.
        grad: the gradient of the last training step, laid out in the same way.
        state: all running statistics, one vector.
        network: the layers and their vectors.
        loss, optimizer, metrics: as compiled; the model's own copies.
        history: of the latest `fit`.
        metadata: a dict of JSON data that goes into the model file, such as the classes' names.
        stop_training: a callback sets it to end a fit after the epoch.

    Raises:
        TypeError: something that is no layer, or no list of them.
        ValueError: another dtype, a layer that is there twice or built already, or two of one name.

    Examples:
        >>> x, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]  # exclusive or
        >>> model = hy.Sequential([hy.Dense(8, "tanh"), hy.Dense(2, "softmax")])
        >>> model.compile("categorical_crossentropy", hy.Adam(0.1), metrics=["accuracy"])
        >>> history = model.fit(x, y, epochs=100, seed=0, verbose=0)
        >>> model.predict_classes(x).tolist(), history["accuracy"][-1]
        ([0, 1, 1, 0], 1.0)
    """

    loss: Loss
    optimizer: Optimizer
    metrics: list[Metric]
    history: History
    engine = "auto"
    _predictor: Predict | None = None
    _latest: tuple[object, object, object, Engine] | None = None  # see `_engine`
    theta = _Vector("all trainable numbers, one vector (size,)")
    grad = _Vector("the gradient of the last training step, (size,)")
    state = _Vector("all running statistics, one vector")

    def __init__(self, layers: Iterable[Layer] = (), *, dtype: Any = "float32") -> None:
        if isinstance(layers, Layer):
            raise TypeError(f"layers must be a list, got {layers!r}; write Sequential([...])")
        self.network = Network(list(layers), dtype)
        self.metadata: dict[str, Any] = {}
        self.stop_training = False

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
        """Put a layer at the end; of a built model one that has no arrays, such as `Rescaling`.

        Raises:
            TypeError: not a layer.
            ValueError: the model is built and the layer has arrays, or cannot take its output; or
                the model has this layer, or one of that name, already.

        Examples:
            >>> model = hy.Sequential([hy.Dense(8, "relu")])
            >>> model.add(hy.Dense(2, "softmax"))
            >>> len(model.layers)
            2
        """
        self.network.add(layer)
        self._quick = None  # it knows the layers that there were

    def build(self, input_shape: Shape | int, seed: int | None = None) -> None:
        """Make the parameters and draw their initial values; `fit` does so where it is needed.

        Args:
            input_shape: of one sample, such as 784, ``(784,)`` or ``(28, 28)``.
            seed: of the initial values; None takes a fresh one. A second call changes nothing.

        Raises:
            ValueError: a layer cannot take what the one before gives; or built for another shape.

        Examples:
            >>> model = hy.Sequential([hy.Dense(2)])
            >>> model.build(3, seed=0)
            >>> model.theta.size  # W 3·2, b 2
            8
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
            engine: "compiled" (needs the extra ``fast``), "numpy", or "auto": compiled where it is
                installed and the model has parts of the library only.

        Raises:
            ValueError: an unknown name, a loss that does not suit the last layer, or two metrics
                of one name.
            TypeError: a loss, optimizer or metric that is none.

        Examples:
            >>> model = hy.Sequential([hy.Dense(2, "softmax")])
            >>> model.compile("categorical_crossentropy", hy.SGD(0.5), metrics=["accuracy"])
            >>> model.loss, model.optimizer, model.metrics
            (CategoricalCrossentropy(), SGD(learning_rate=0.5), [CategoricalAccuracy()])
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
        y: Any = None,
        *,
        batch_size: int | None = 32,
        epochs: int = 1,
        validation_data: Any = None,
        validation_split: float = 0.0,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | str | None = None,
        shuffle: bool | str | BlockShuffle = True,
        seed: int | None = None,
        shards: int | None = None,
        callbacks: Sequence[Callback] = (),
        checkpoint: Checkpoint | None = None,
        verbose: int | str = "auto",
        workers: Group | None = None,
    ) -> History:
        """Train for some epochs; a further call goes on where the last one ended.

        The same data, seed and shards give the same bytes. Ten calls of one epoch give the same
        as one call of ten.

        Args:
            x: samples (n, *input_shape) of any real dtype; or rows that are read as they are
                needed, x and y: a pack of `tables.pack`, or any object with ``__len__()`` and
                ``block(start, stop)``; or a stream of batches (x, y), each of which is a step: an
                iterator, or for more than one epoch an object that begins anew.
            y: integer labels (n,), one-hot rows (n, classes), or numbers of the output's shape.
            batch_size: samples a step; None, or more than there are, means all of them.
            epochs: how many more.
            validation_data: ``(x, y)`` or ``(x, y, sample_weight)``, measured after each epoch; or
                rows that are read.
            validation_split: or the share of the samples to set apart for it: shuffled before
                the cut, and by class where the targets are classes.
            sample_weight: (n,): in loss and metrics a sample counts that much. Only the weights'
                proportions matter: they are scaled to mean 1 over the training samples.
            class_weight: ``{label: weight}``, or "balanced" for n / (classes·count); in the loss
                only, so that the metrics stay those of the data.
            shuffle: a new order of the samples in each epoch; "blocks" or a `BlockShuffle` makes it
                of neighbouring rows, as it is for rows that are read, for maps of large files.
            seed: of order, dropout and split, and of the initial weights where the model is not
                built yet. None keeps the model's, which is fresh at first (see History.seed).
            shards: parts a batch is cut into. The gradient of each is made from zero and they are
                added in a fixed order, so that it makes no difference where they are made; how
                many there are changes rounding, and what batch normalization sees. 1 unless set,
                with workers 8.
            callbacks: objects like `EarlyStopping`.
            checkpoint: where and when to save all of the run, and whether to go on with it.
            verbose: 0 silent, 1 bar, 2 lines, "auto".
            workers: that share each batch, such as those of `hyalite.workers.mpi`. All of them
                make this same call; callbacks, checkpoints and messages are rank 0's. However many
                there are, up to `shards`, all end with the bytes of one process with as many
                shards.

        Returns:
            the history, also found as ``model.history``.

        Raises:
            ValueError: an input that does not fit; the text says which, why and the mend. Or
                the model is not compiled.
            NonFiniteError: the loss became NaN or infinite.
            MissingExtra: the engine is "compiled" and Numba is not installed.
            FileFormatError: there are checkpoints to go on from, and none of them is whole.
            LostWorker: one of the workers is gone.

        Examples:
            The line y = 2·x + 1 from four points:

            >>> x, y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 3.0, 5.0, 7.0]
            >>> model = hy.Sequential([hy.Dense(1)])
            >>> model.compile("mse", hy.SGD(0.1, momentum=0.5))
            >>> history = model.fit(x, y, batch_size=2, epochs=100, seed=0, verbose=0)
            >>> [round(float(number), 2) for number in model.theta], len(history)
            ([2.0, 1.0], 100)
        """
        self._check_compiled("fit")
        plan = (plan_stream if is_stream(x) else plan_fit)(
            self,
            x,
            y=y,
            batch_size=batch_size,
            epochs=epochs,
            validation_data=validation_data,
            validation_split=validation_split,
            sample_weight=sample_weight,
            class_weight=class_weight,
            shuffle=shuffle,
            seed=seed,
            shards=shards,
            callbacks=callbacks,
            checkpoint=checkpoint,
            verbose=verbose,
            workers=workers,
        )
        return train(self, plan)

    # Using ------------------------------------------------------------------------------------

    def evaluate(
        self, x: Any, y: Any = None, *, batch_size: int = 1024, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Loss and metrics on data, by name; the loss is that of the data, without penalties.

        Args:
            x: samples (n, *input_shape); or rows that are read, x and y, as for `fit`.
            y: targets, as for `fit`.
            batch_size: rows at a time; the result does not depend on it.
            sample_weight: (n,), counts in loss and metrics.

        Returns:
            "loss" and each metric by its name.

        Raises:
            ValueError: an input that does not fit, or a model not built or compiled.

        Examples:
            >>> model = hy.Sequential([hy.Dense(1)])
            >>> model.compile("mse", metrics=["mae"])
            >>> model.build(1)
            >>> model.set_weights([[[2.0]], [1.0]])  # y = 2·x + 1
            >>> model.evaluate([[0.0], [1.0]], [1.0, 7.0])  # errors 0 and 4
            {'loss': 8.0, 'mean_absolute_error': 2.0}
        """
        self._check_compiled("evaluate")
        _ = self.network.ready
        batch_size = checks.integer(batch_size, "batch_size")
        samples = self._samples(x, y, sample_weight)
        metrics = begun_metrics(self, samples, self.network.output_shape)
        task = Task(samples, batch_size, self.network.objective(self.loss), metrics)
        return self._engine().evaluate(task).figures

    def predict(self, x: Any, *, batch_size: int = 1024) -> Array:
        """The outputs (n, *output_shape) for samples (n, *input_shape).

        Reads the model only, so several threads may predict at once.

        Args:
            x: samples (n, *input_shape) of any real dtype; or rows that are read, as for `fit`.
            batch_size: rows at a time.

        Raises:
            ValueError: an input that does not fit, or a model that is not built.

        Examples:
            >>> model = hy.Sequential([hy.Dense(1)])
            >>> model.build(1)
            >>> model.set_weights([[[2.0]], [1.0]])  # y = 2·x + 1
            >>> model.predict([[0.0], [3.0]]).tolist()
            [[1.0], [7.0]]
        """
        if is_source(x):
            starts = range(0, len(x), PREDICTED_ROWS)
            ends = (min(len(x), start + PREDICTED_ROWS) for start in starts)
            parts = (x.block(*place)[0] for place in zip(starts, ends, strict=True))
            return np.concatenate([self.predict(part, batch_size=batch_size) for part in parts])
        if self._predictor is not None and self.engine != "numpy":
            result = self._predictor(x)
            if result is not None:
                return result
        _ = self.network.ready
        batch_size = checks.integer(batch_size, "batch_size")
        x = checks.inputs(x, self.network.input_shape, "x", self.network.note)
        checks.fits(x, self.network.dtype, "x")
        samples = Samples(x, None, None, self.network.dtype)
        engine = self._engine()
        self._predictor = engine.predictor()
        return engine.predict(samples, batch_size)

    def trace(
        self,
        x: Any,
        y: Any,
        *,
        rows: int | Iterable[int] | None = None,
        sample_weight: Any = None,
        output: int | None = None,
        full: bool = False,
        source: str = "",
    ) -> Trace:
        """One training step laid open: forward, loss, backward, and the optimizer's step.

        Printed, it reads like a worked example, in a notebook with formulas;
        ``trace["dense_1.dW"]`` is an array. A small network is shown whole, with one number of each
        array worked out. Of a large one a path is: an output, the largest terms of each sum back to
        one input, the loss, and one weight from its gradient to its update. The pass is one of
        training (dropout drops, batch normalization uses the batch), and the step the one that the
        optimizer would make next, but nothing in the model is changed.

        Args:
            x: samples (n, *input_shape).
            y: targets, as for `fit`.
            rows: which of the samples, a place or some; None takes all: a few make it readable.
            sample_weight: (n,), or None.
            output: which output the path leads to; None takes that of the first sample's class,
                or the one most in the wrong.
            full: show every array whole, however large.
            source: what the samples are, for the first line, such as "test images of MNIST".

        Returns:
            a `Trace`: arrays by name; ``print(trace)``, ``trace.save("step.html")``.

        Raises:
            ValueError: an input that does not fit, rows or an output that are not there, or a
                model not built or compiled.

        Examples:
            >>> model = hy.Sequential([hy.Dense(1)])
            >>> model.compile("mse")
            >>> model.build(1)
            >>> model.set_weights([[[2.0]], [1.0]])  # y = 2·x + 1
            >>> trace = model.trace([[3.0]], [5.0])  # loss (7 - 5)², dy 2·(7 - 5), dW 3·4
            >>> [trace[name].item() for name in ("dense_1.y", "loss", "dense_1.dy", "dense_1.dW")]
            [7.0, 4.0, 4.0, 12.0]
        """
        from hyalite.trace import Origin, trace

        self._check_compiled("trace")
        _ = self.network.ready
        samples = self._samples(x, y, sample_weight)
        chosen = checks.places(rows, len(samples), "rows")
        if output is not None:
            outputs = self.network.output_shape[-1]
            output = checks.integer(output, "output", low=0, high=outputs - 1)
        return trace(
            self.network,
            self.network.objective(self.loss),
            self.optimizer,
            samples.batch(0, len(chosen), np.array(chosen, np.intp)),
            Origin(chosen, len(samples), source, self._class_names()),
            output,
            full,
        )

    def predict_classes(self, x: Any, *, batch_size: int = 1024) -> Array:
        """The predicted classes as int64.

        The loss tells them (`Loss.labels`): (n,), the largest of several outputs, or for a single
        yes/no output 0 or 1; (n, d) of 0 and 1 for d outputs of a binary cross-entropy; (n, groups)
        for a grouped one.

        Args:
            x: samples (n, *input_shape).
            batch_size: rows at a time.

        Raises:
            ValueError: as for `predict`, or the model's loss is one of numbers.

        Examples:
            >>> model = hy.Sequential([hy.Softmax()])
            >>> model.build(3)
            >>> model.predict_classes([[0.0, 5.0, 1.0], [2.0, 1.0, 0.0]]).tolist()
            [1, 0]
        """
        y = self.predict(x, batch_size=batch_size)
        if y.ndim != 2:
            raise ValueError(f"classes need outputs of shape (samples, classes), got {y.shape}")
        return self._reader(y.shape[1]).labels(y)

    def summary(self) -> None:
        """Print the layers, their output shapes and numbers of parameters.

        Examples:
            >>> model = hy.Sequential([hy.Dense(4, "relu"), hy.Dense(3, "softmax")])
            >>> model.build(2)
            >>> model.summary()
            layer    kind            output  parameters
            ───────────────────────────────────────────
            dense_1  Dense, ReLU     (n, 4)          12
            dense_2  Dense, Softmax  (n, 3)          15
            ───────────────────────────────────────────
            27 parameters (0.1 KiB, float32); samples (2,)
        """
        print(self)

    def diagram(self, path: str | Path | None = None) -> Diagram:
        """The architecture as a block diagram: data, layers, prediction, loss, from top to bottom.

        Each layer is a block with its name, its kind with the activation, its output's shape and
        its number of parameters; at the end of a notebook's cell it is shown. It is SVG and needs
        no other package. (The units and weights themselves are drawn by `hyalite.plots.diagram`.)

        Args:
            path: of a file to save it to, such as "net.svg"; None saves nothing.

        Returns:
            a `Diagram`: its text is `svg`, ``save(path)`` writes it.

        Raises:
            ValueError: no layers, or a name that does not end in ".svg".
            OSError: it cannot be written; an older file at `path` is then untouched.

        Examples:
            >>> model = hy.Sequential([hy.Dense(8, "relu"), hy.Dense(3, "softmax")])
            >>> model.build(4)
            >>> "(n, 8)" in model.diagram().svg
            True
        """
        from hyalite.diagram import draw

        if not self.layers:
            raise ValueError("the model has no layers; add some, as in Sequential([Dense(10)])")
        diagram = draw(self.network, self.loss if self.compiled else None)
        if path is not None:
            diagram.save(path)
        return diagram

    def __getstate__(self) -> dict[str, Any]:
        """All but what holds addresses."""
        kept = ("_predictor", "_latest")  # made anew where they are needed
        return {name: value for name, value in self.__dict__.items() if name not in kept}

    def __str__(self) -> str:
        return table(self.network)

    def __repr__(self) -> str:
        return f"Sequential({self.layers!r})"

    # Weights and files ------------------------------------------------------------------------

    def get_weights(self) -> dict[str, Array]:
        """Copies of all parameters and running statistics by name, such as "dense_1.W".

        Raises:
            ValueError: the model is not built.

        Examples:
            >>> model = hy.Sequential([hy.Dense(3)])
            >>> model.build(2)
            >>> {name: array.shape for name, array in model.get_weights().items()}
            {'dense_1.W': (2, 3), 'dense_1.b': (3,)}
        """
        return {name: array.copy() for name, array in self.network.ready.named().items()}

    def set_weights(self, weights: Mapping[str, Any] | Sequence[Any]) -> None:
        """Write values into the parameters: by name, or as a list in the order of `get_weights`.

        Raises:
            ValueError: naming the first that is missing, left over, of another shape or not
                finite; nothing is changed then. Or the model is not built.

        Examples:
            >>> model = hy.Sequential([hy.Dense(2)])
            >>> model.build(1)
            >>> model.set_weights({"dense_1.W": [[3.0, 4.0]], "dense_1.b": [0.5, 0.0]})
            >>> model.theta.tolist()
            [3.0, 4.0, 0.5, 0.0]
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
            ValueError: the model is not built.

        Examples:
            >>> model = hy.Sequential([hy.Dense(2)])
            >>> model.build(3)
            >>> model.save("model.safetensors")
            >>> np.array_equal(hy.load("model.safetensors").theta, model.theta)
            True
        """
        about = {
            "format": MODEL_FORMAT,
            "version": __version__,
            "metadata": to_config(self.metadata),
        }
        named = self.network.ready.named()
        model_file.write(path, about | self.get_config(self.network.input_shape), named)

    def get_config(self, input_shape: Shape) -> dict[str, Any]:
        """What the model is made of, as JSON data."""
        settings: dict[str, Any] = {
            "dtype": self.network.dtype.name,
            "input_shape": list(input_shape),
            "layers": to_config(self.layers),
            "names": self.network.names,
        }
        if self.compiled:
            settings["training"] = {
                "loss": to_config(self.loss),
                "optimizer": to_config(self.optimizer),
                "metrics": to_config(self.metrics),
            }
        return settings

    def save_weights(self, path: str | Path) -> None:
        """Write the parameters and running statistics alone to a safetensors file.

        Raises:
            OSError: it cannot be written; an older file at `path` is then untouched.
            ValueError: the model is not built.
        """
        model_file.write(path, {}, self.network.ready.named())

    def load_weights(self, path: str | Path) -> None:
        """Read parameters that `save` or `save_weights` wrote, into this built model.

        Raises:
            FileFormatError: naming the first array that differs in name, shape or dtype; nothing
                is changed then. Or the file is damaged.
            OSError: it cannot be read.
            ValueError: the model is not built.
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

    def _samples(self, x: Any, y: Any, sample_weight: Any) -> Samples:
        """Checked samples for a model that is built."""
        spec = InputSpec.of(self.network, self.loss, self.network.input_shape)
        if is_source(x):
            return source_samples(x, spec, None)
        return Samples(*spec.data(x, y, sample_weight), self.network.dtype)

    def _reader(self, outputs: int) -> Loss:
        """What tells the classes in predictions: the loss, or where there is none the usual one."""
        if self.compiled:
            return self.loss
        return BinaryCrossentropy() if outputs == 1 else CategoricalCrossentropy()

    def _class_names(self) -> list[str] | None:
        """What the outputs are called, where the model's file or recipe says so."""
        names = self.metadata.get("classes")
        if isinstance(names, list) and len(names) == self.network.output_shape[-1]:
            return [str(name) for name in names]
        return None

    def _engine(self) -> Engine:
        """For evaluation and prediction; the latest one, with its tables, while it still fits."""
        loss, parameters = self.loss if self.compiled else None, self.network.parameters
        if self._latest is not None:
            name, its_parameters, its_loss, engine = self._latest
            same = name == self.engine and its_parameters is parameters and its_loss is loss
            if same and getattr(engine, "fits", False):
                return engine
        engine = choose(self.engine, self.network, loss=loss, quiet=True)
        self._latest = self.engine, parameters, loss, engine
        return engine
