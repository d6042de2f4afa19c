"""How much is spent on a table: which networks, how many cuts, how many epochs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hyalite import checks
from hyalite.engines.choice import ENGINES
from hyalite.random import check_seed
from hyalite.recipes.tabular.problem import Problem
from hyalite.recipes.tabular.settings import MemberSettings
from hyalite.recipes.tabular.target import may_be_logarithm

EFFORTS = ("quick", "default", "best")
FEW_ROWS = 1000  # below, the rows are cut twice over, and even a quick fit has folds
# By each network, and the fewest and most epochs. Twice the samples gave "default" 0.6 % at most.
SAMPLES_SEEN = {"quick": 50_000, "default": 200_000, "best": 400_000}
EPOCHS = {"quick": (8, 20), "default": (32, 64), "best": (32, 128)}
FOLDS = 5
TOO_MANY_FOR_FOLDS = {"quick": FEW_ROWS, "default": 60_000, "best": 200_000}  # rows

TD = MemberSettings()
QUICK = MemberSettings(units=64, layers=2)
QUICK_FEW = QUICK.but(embedding=False)  # below `FEW_ROWS` waves do not pay there
LOGARITHM = TD.but(log=True)  # one more of "best", where the target's shape allows it
PORTFOLIO = (
    TD,
    TD.but(units=256, dropout=0.3),
    TD.but(embedding=False, activation="relu"),
    TD.but(sigma=1.0),
    TD.but(weight_decay=0.1, layers=2),
)


@dataclass(frozen=True)
class Plan:
    """What is to be trained.

    Attributes:
        settings: of the networks, each of which is trained on every cut.
        folds: of each cut; 1 keeps back one fifth of the rows, once.
        repeats: how often the rows are cut anew.
        epochs: of each training.
    """

    settings: tuple[MemberSettings, ...]
    folds: int
    repeats: int
    epochs: int

    @property
    def trainings(self) -> int:
        """How many networks there are to train."""
        return len(self.settings) * self.folds * self.repeats

    def describe(self) -> str:
        """In a few words."""
        count = self.trainings
        text = f"{count} network{'s' * (count > 1)}, up to {self.epochs} epochs each"
        if len(self.settings) > 1:
            text += f", of {len(self.settings)} kinds"
        return text + (f", in {self.folds} folds" if self.folds > 1 else "")

    def within(self, seconds: float, seconds_an_epoch: float) -> Plan:
        """What of it can be done in so many seconds; fewer networks, then fewer epochs, then fewer
        folds.

        Args:
            seconds: that there are.
            seconds_an_epoch: of one network, with all cores at work on networks.
        """
        plan, fewest = self, max(1, min(self.epochs, self.epochs // 3))

        def takes(plan: Plan, epochs: int) -> float:
            return plan.trainings * epochs * seconds_an_epoch

        while takes(plan, fewest) > seconds and len(plan.settings) > 1:
            plan = replace(plan, settings=plan.settings[:-1])
        if takes(plan, fewest) > seconds and plan.repeats > 1:
            plan = replace(plan, repeats=1)
        if takes(plan, fewest) > seconds:
            plan = replace(plan, folds=1)
        affordable = int(seconds / max(1e-9, plan.trainings * seconds_an_epoch))
        return replace(plan, epochs=max(1, min(self.epochs, affordable)))


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a training is to be run.

    Attributes:
        effort: "quick", "default" or "best".
        time_limit: seconds, about; None for none. With one, the result depends on the machine.
        seed: of cuts, initial values, order and dropout.
        n_jobs: trainings at a time; None, and -1 as scikit-learn has it, for one a core. It changes
            no result.
        engine: as for `Sequential.compile`.
        say: called with a line of what is being done.

    Raises:
        ValueError: one out of range.
    """

    effort: str = "default"
    time_limit: float | None = None
    seed: int = 0
    n_jobs: int | None = None
    engine: str = "auto"
    say: Callable[[str], object] = lambda text: None

    def __post_init__(self) -> None:
        if self.effort not in EFFORTS:
            raise ValueError(f"effort must be one of {', '.join(EFFORTS)}, got {self.effort!r}")
        if self.time_limit is not None:
            checks.number(self.time_limit, "time_limit", low=0, above=True)
        if self.n_jobs == -1:
            object.__setattr__(self, "n_jobs", None)
        elif self.n_jobs is not None:
            checks.integer(self.n_jobs, "n_jobs")
        if self.engine not in ENGINES:
            raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {self.engine!r}")
        check_seed(self.seed)


def plan_for(problem: Problem, effort: str) -> Plan:
    """How a table of this size is trained on."""
    rows = len(problem)
    fewest, most = EPOCHS[effort]
    epochs = max(fewest, min(most, SAMPLES_SEEN[effort] // max(1, rows)))
    quick = QUICK if rows >= FEW_ROWS else QUICK_FEW
    settings = {"quick": (quick,), "default": (TD,), "best": PORTFOLIO}[effort]
    if effort == "best" and not problem.classes and may_be_logarithm(problem.y):
        settings = (*settings, LOGARITHM)
    folds = FOLDS if rows < TOO_MANY_FOR_FOLDS[effort] else 1
    repeats = 2 if rows < FEW_ROWS and effort != "quick" else 1
    return Plan(settings, folds, repeats, epochs)
