"""A table as a dataset: its rows cut for training, its columns prepared."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Self

from hyalite.data import tables
from hyalite.data.split import split_rows
from hyalite.data.tables.columns import ClassTarget, NumericTarget
from hyalite.data.tables.description import as_text
from hyalite.data.tables.targets import tamed
from hyalite.layers import Rescaling
from hyalite.model import Sequential
from hyalite.parameters import Array
from hyalite.recipes.dataset import VALIDATION_SHARE, Dataset
from hyalite.recipes.metadata import store_preparation
from hyalite.recipes.results import format_number

MAX_SHOWN_LINES = 40  # of remarks, and of columns that are left out


@dataclass(frozen=True, kw_only=True)
class TableDataset(Dataset):
    """Rows to train on and rows to validate on.

    Attributes:
        preparation: learned from the former.
        raw, raw_test: the rows of both as they came, for the report; None where they are not kept.
    """

    preparation: tables.Preparation
    raw: Any = None
    raw_test: Any = None

    @classmethod
    def split(
        cls,
        frame: Any,
        target: str,
        *,
        name: str = "table",
        task: str = "auto",
        ignore: Collection[str] = (),
        validation_split: float = VALIDATION_SHARE,
        seed: int = 0,
        **understanding: Any,
    ) -> Self:
        """Cut a table, by class where the target is classes.

        Args:
            frame: the table; rows without the target are not used.
            target: the column to predict.
            name: of the data.
            task: "classification", "regression" or "auto".
            ignore: columns to leave out.
            validation_split: share of the rows to set apart.
            seed: of the cut.
            understanding: `categories`, `types`, `decimal`, `thousands` and `na_values` of
                `tables.Preparation.learn`.

        Raises:
            ValueError: as `tables.Preparation.learn`, or a part without rows.
            MissingExtra: narwhals is not installed.
        """
        # What the columns are and how they are written, what the classes are, and which columns say
        # nothing, is seen in all rows; all figures are learned from the training rows alone.
        whole = tables.Preparation.learn(frame, target, task=task, ignore=ignore, **understanding)
        known = whole.labelled(frame)
        y = whole.y(known)
        classes = whole.target.known if isinstance(whole.target, ClassTarget) else None
        if classes is None:
            y, _ = tamed(y)
        rows, kept = split_rows(len(y), validation_split, None if classes is None else y, seed)
        training, validation = known.take(rows), known.take(kept)
        preparation = whole.refit(training)
        return cls(
            name=name,
            kind="rows",
            x=preparation.mask_unknown(preparation.x(training), seed),
            y=y[rows],
            x_test=preparation.x(validation),
            y_test=y[kept],
            classes=classes or (),
            part="validation",
            preparation=preparation,
            raw=training,
            raw_test=validation,
        )

    @property
    def target(self) -> NumericTarget:
        """The target where it is numbers."""
        target = self.preparation.target
        assert isinstance(target, NumericTarget)
        return target

    def training_targets(self) -> tuple[Array, Array]:
        """Labels; numbers standardised, since training goes better with numbers about 1."""
        if self.classes:
            return self.y, self.y_test
        mean, scale = self.target.mean, self.target.scale
        return (self.y - mean) / scale, (self.y_test - mean) / scale

    def finish(self, model: Sequential) -> None:
        """Bring the output into the target's own unit, and the columns into the model's file."""
        if not self.classes:
            # in float32, so without an offset that it would round away
            model.add(Rescaling(self.target.scale, self.target.mean - self.target.offset))
            # its loss and metrics are of another unit now, its optimizer starts anew
            model.compile(model.loss, model.optimizer, model.metrics, engine=model.engine)
        store_preparation(model, self.preparation)

    def describe(self) -> str:
        """What there is, and what of it is left out."""
        target = self.preparation.target
        what = f"{target.name!r}, "
        what += f"{len(self.classes)} classes" if self.classes else "a number"
        columns, inputs = len(self.preparation.columns), self.x.shape[1]
        lines = [
            f"{super().describe()}\npredicts {what}, from {columns} column{'s' * (columns > 1)}, "
            f"which become {inputs} input{'s' * (inputs > 1)}",
            *column_lines(self.preparation),
        ]
        if not self.classes:
            lines.append(
                f"losses and errors while it trains are in standard deviations, "
                f"{format_number(self.target.scale)} of {target.name!r}"
            )
        return "\n".join(lines)


def column_lines(preparation: tables.Preparation) -> list[str]:
    """What was decided of each column: remarks, those left out, and the table of all."""
    lines = list(preparation.remarks[:MAX_SHOWN_LINES])
    if len(preparation.remarks) > MAX_SHOWN_LINES:
        lines.append(f"... and {len(preparation.remarks) - MAX_SHOWN_LINES:,} more remarks")
    left_out = list(preparation.left_out.items())
    lines += [f"left out: {name!r}, {why}" for name, why in left_out[:MAX_SHOWN_LINES]]
    if len(left_out) > MAX_SHOWN_LINES:
        lines.append(f"... and {len(left_out) - MAX_SHOWN_LINES:,} more columns are left out")
    lines += ["", as_text(preparation.describe()), ""]
    return lines
