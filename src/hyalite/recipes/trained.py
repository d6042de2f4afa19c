"""What a training gave: the network with what prepares its inputs, and what it achieved."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.recipes.baselines import Report, all_answers, report
from hyalite.recipes.dataset import Dataset
from hyalite.recipes.pipelines import Pipeline
from hyalite.recipes.recipe import Recipe
from hyalite.recipes.report import TrainingReport
from hyalite.recipes.report.trained import evidence_of
from hyalite.recipes.results import result_sentence
from hyalite.recipes.tables import TableDataset
from hyalite.training.history import History


class Trained:
    """What a training gave.

    Args:
        pipeline: the model with what prepares its inputs.
        dataset: what it was trained and is tested on.
        recipe: how.
        seconds: how long `fit` took.

    Attributes:
        model: the network, whose answers are in the target's own unit.
        history: losses and metrics of each epoch.
        result: what it achieved on the test part, as a sentence.
        report: its figures on the test part beside those of the trivial answer and, for a table,
            of a linear model, which is trained when this is first asked for.

    Examples:
        >>> trained = hy.recipes.fit_dataset("sine", epochs=60, verbose=0)
        >>> trained.report.figures["this network"]["R²"] > 0.99
        True
        >>> trained.predict([[0.25]]).round(1).tolist(), len(trained.history)  # sin(2π·0.25)
        ([1.0], 60)
    """

    def __init__(
        self, pipeline: Pipeline, dataset: Dataset, recipe: Recipe, seconds: float
    ) -> None:
        self.pipeline, self.dataset, self.recipe, self.seconds = pipeline, dataset, recipe, seconds
        what = f"{dataset.part} {dataset.noun}"
        self.result = result_sentence(pipeline.model, dataset.x_test, dataset.y_test, what)
        pipeline.model.metadata["result"] = self.result

    @property
    def model(self) -> Sequential:
        """The network, whose answers are in the target's own unit."""
        return self.pipeline.model

    @property
    def history(self) -> History:
        """Losses and metrics of each epoch."""
        return self.model.history

    @cached_property
    def report(self) -> Report:
        """The figures on the test part, beside those of simpler ways to predict."""
        return report(self.dataset, self.model, self.answers)

    @cached_property
    def answers(self) -> dict[str, Array]:
        """What the network and simpler ways to predict say of the test part, by name."""
        return all_answers(self.dataset, self.model)

    def full_report(self, model_file: str | Path = "model.safetensors") -> TrainingReport:
        """Verdict, warnings, figures with intervals, and pictures, of a table.

        Args:
            model_file: where the model is saved, for the commands that the page shows.

        Raises:
            ValueError: what was trained on was no table.
        """
        if not isinstance(self.dataset, TableDataset):
            raise ValueError(
                f"a full report is of a table, and {self.dataset.name} is none; see `report`"
            )
        return TrainingReport(evidence_of(self, self.answers, model_file))

    def predict(self, data: Any) -> Array:
        """The name of the likeliest class for each sample, (n,), or its number.

        Args:
            data: raw, of the kind that was trained on: a data frame or a table's file, pictures
                or their files, or an array.
        """
        return self.pipeline.predict(data)

    def predict_proba(self, data: Any) -> Array:
        """The probability of each class, (n, classes), in the order of `pipeline.classes`.

        Raises:
            ValueError: the model predicts numbers.
        """
        return self.pipeline.predict_proba(data)

    def evaluate(self, data: Any) -> dict[str, Any]:
        """Loss and metrics on other data that have the targets; see `Pipeline.evaluate`."""
        return self.pipeline.evaluate(data)

    def save(self, path: str | Path) -> None:
        """Write the model and what prepares its inputs to one file, which `load` reads.

        Raises:
            OSError: it cannot be written; an older file at `path` is then untouched.
        """
        self.pipeline.save(path)

    def __repr__(self) -> str:
        return f"<Trained on {self.dataset.name}: {self.result}>"
