"""From rows to a mixture: linear model and networks on every cut, their weights, calibration."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from hyalite.engines.blas import one_blas_thread
from hyalite.parameters import Array
from hyalite.recipes.tabular.calibration import (
    best_temperature,
    best_threshold,
    floored,
    tempered,
)
from hyalite.recipes.tabular.effort import Options, Plan, plan_for
from hyalite.recipes.tabular.folds import Cut, cut_into_folds, run_side_by_side
from hyalite.recipes.tabular.intervals import Intervals
from hyalite.recipes.tabular.linear import PENALTIES, linear_answers, linear_member
from hyalite.recipes.tabular.member import Member, train_member
from hyalite.recipes.tabular.mixture import greedy_weights
from hyalite.recipes.tabular.problem import Problem
from hyalite.recipes.tabular.scores import loss
from hyalite.recipes.tabular.settings import MemberSettings
from hyalite.recipes.tabular.target import may_be_logarithm
from hyalite.translation import joined, phrased, translated

TRIAL_EPOCHS = 2  # by which the speed is measured, where there is a time limit
SAMPLES_SEEN, LEAST_EPOCHS = 50_000_000, 2  # by a network that reads its rows from disk
RESERVE = 0.1  # of a time limit, for what is not training
# Of the linear model's loss: the target is left as it is where its logarithm gains less. What helps
# a straight line does not help a network: of four tables where it did, one network gained.
LOG_MUST_GAIN = 0.98


@dataclass(frozen=True)
class Way:
    """One way to predict: the members of all cuts, and what they said of rows kept back.

    Attributes:
        name: in words.
        members: one of each cut, or one of all rows.
        answers: for the rows that were kept back, in ascending order.
    """

    name: str
    members: tuple[Member, ...]
    answers: Array


@dataclass(frozen=True)
class Mixture:
    """What was trained.

    Attributes:
        members: networks and linear model, those that count.
        weights: what each counts, (members,), of sum 1.
        temperature: of classes.
        threshold: of two classes, from which probability of the second on its F1 is best.
        intervals: of numbers.
        rows: those that were kept back from some training, ascending.
        answers: the calibrated mixture's for them, by members that had not seen them.
        linear: the linear model's for them.
        losses: of each way on them, by name; "mixture" is that of all.
        shares: of each way in the mixture.
        plan: what was trained.
    """

    members: tuple[Member, ...]
    weights: Array
    temperature: float
    threshold: float | None
    intervals: Intervals | None
    rows: Array
    answers: Array
    linear: Array
    losses: dict[str, float]
    shares: dict[str, float]
    plan: Plan

    @property
    def shares_text(self) -> str:
        """What each way counts, in the language spoken."""
        return joined(
            "{0}, {1}",
            (
                phrased("{0} % {1}", f"{100 * share:.0f}", _in_language(name))
                for name, share in self.shares.items()
                if share
            ),
        )


def _in_language(way: str) -> str:
    """The name of a way: "linear model", "network", or "network 2" of several."""
    number = way.partition(" ")[2]
    return phrased("network {0}", number) if number.isdecimal() else translated(way)


def train_mixture(problem: Problem, options: Options) -> Mixture:
    """Train what the effort asks for, and weigh it by rows that were kept back.

    Args:
        problem: the table.
        options: how it is run.

    Raises:
        ValueError: too few rows to keep any back, or a single class.
    """
    began, seed, n_jobs = time.monotonic(), options.seed, options.n_jobs
    plan = plan_for(problem, options.effort)
    if problem.kept is not None:
        epochs = max(LEAST_EPOCHS, min(plan.epochs, SAMPLES_SEEN // problem.training_rows))
        plan = replace(plan, folds=1, repeats=1, epochs=epochs)
    check_rows(problem)
    cuts = [cut for part in _cuts(problem, plan, seed) for cut in part]
    linear = linear_way(problem, cuts, n_jobs)
    deadline = None
    if options.time_limit is not None:
        deadline = began + (1 - RESERVE) * options.time_limit
        if problem.source is None:  # of rows on disk an epoch may take longer than the limit
            plan = _within(problem, plan, cuts[0], deadline, options)
        cuts = [cut for part in _cuts(problem, plan, seed) for cut in part]
        linear = linear_way(problem, cuts, n_jobs)
    options.say(f"{plan.describe()}, beside a linear model")
    networks = network_ways(_Run(problem, plan, options, deadline), cuts)
    return mix(problem, plan, cuts, [linear, *networks])


def check_rows(problem: Problem) -> None:
    """Refuse what nothing can be learned from.

    Raises:
        ValueError: a single row, a single class, or no weight.
    """
    if len(problem) < 2:
        raise ValueError("there is one sample only (n_samples = 1); training needs two or more")
    if problem.classes == 1:
        raise ValueError("there is one class only; to tell classes apart takes two or more")


def _cuts(problem: Problem, plan: Plan, seed: int) -> list[list[Cut]]:
    if problem.kept is not None:
        return [[(np.setdiff1d(np.arange(len(problem)), problem.kept), problem.kept)]]
    if plan.folds == 1:
        return [cut_into_folds(problem, 5, seed)[:1]]
    return [cut_into_folds(problem, plan.folds, seed + part) for part in range(plan.repeats)]


def linear_way(problem: Problem, cuts: Sequence[Cut], n_jobs: int | None) -> Way:
    """The linear model, with the penalty (and the target's form) that is best on rows kept back."""
    rows = held_rows(cuts)
    y, weight = problem.y[rows], problem.weights(rows)
    forms = [False]
    if not problem.classes and may_be_logarithm(problem.y):
        forms.append(True)
    least, chosen = np.inf, (PENALTIES[0], False, np.empty(0))
    for log in forms:
        least *= LOG_MUST_GAIN if log else 1.0
        found = run_side_by_side([partial(linear_answers, problem, *c, log) for c in cuts], n_jobs)
        for place, penalty in enumerate(PENALTIES):
            answers = _joined(problem, cuts, [one[place] for one in found])
            measured = loss(answers, y, weight)
            if measured < least:
                least, chosen = measured, (penalty, log, answers)
    penalty, log, answers = chosen
    with one_blas_thread:  # the bytes do not depend on the cores
        member = linear_member(problem, penalty, log)
    way = Way("linear model", (member,), answers)
    return _mended(problem, cuts, way)


def _is_log(way: Way) -> bool:
    target = way.members[0].target
    return target is not None and target.log


def held_rows(cuts: Sequence[Cut]) -> Array:
    """The rows that any of the cuts keeps back, ascending."""
    return np.unique(np.concatenate([kept for _, kept in cuts]))


def _joined(problem: Problem, cuts: Sequence[Cut], answers: Sequence[Array]) -> Array:
    """The mean of what was said of each row that was kept back, in the rows' order."""
    total = np.zeros((len(problem), *answers[0].shape[1:]))
    counts = np.zeros(len(problem))
    for (_, kept), found in zip(cuts, answers, strict=True):
        total[kept] += found
        counts[kept] += 1
    rows = held_rows(cuts)
    shape = (len(rows),) + (1,) * (total.ndim - 1)
    return np.asarray(total[rows] / counts[rows].reshape(shape))


@dataclass(frozen=True)
class _Run:
    """What all trainings of networks have in common."""

    problem: Problem
    plan: Plan
    options: Options
    deadline: float | None
    done: list[str] = field(default_factory=list)  # what was said of each

    def train(
        self, settings: MemberSettings, cut: Cut, seed: int, stopped: Callable[[], bool]
    ) -> tuple[Member, Array] | None:
        """One network, and what it says of the rows kept back; None where training diverged."""
        member = train_member(
            self.problem, *cut, settings, epochs=self.plan.epochs, seed=seed,
            engine=self.options.engine, deadline=self.deadline, stopped=stopped,
        )  # fmt: skip
        self.done.append("trained" if member else "diverged, and left out")
        self.options.say(f"network {len(self.done)} of {self.plan.trainings}: {self.done[-1]}")
        return None if member is None else (member, member.answers(self.problem.x[cut[1]]))


def network_ways(run: _Run, cuts: Sequence[Cut]) -> list[Way]:
    """For each of the plan's settings the networks of all cuts."""
    jobs = [
        partial(run.train, settings, cut, member_seed(run.options.seed, number, place))
        for number, settings in enumerate(run.plan.settings)
        for place, cut in enumerate(cuts)
    ]
    found, count = run_side_by_side(jobs, run.options.n_jobs), len(cuts)
    ways = []
    for number in range(len(run.plan.settings)):
        own = [one for one in found[number * count : (number + 1) * count] if one is not None]
        if len(own) < count:
            continue
        answers = _joined(run.problem, cuts, [said for _, said in own])
        name = "network" if len(run.plan.settings) == 1 else f"network {number + 1}"
        way = Way(name, tuple(member for member, _ in own), answers)
        ways.append(_mended(run.problem, cuts, way))
    return ways


def _mended(problem: Problem, cuts: Sequence[Cut], way: Way) -> Way:
    """With the factor for a target that was trained on as a logarithm."""
    if not _is_log(way):
        return way
    rows = held_rows(cuts)
    factor = 1.0
    for member in way.members:
        assert member.target is not None
        member.target = member.target.mended(problem.y[rows], way.answers, problem.weights(rows))
        factor = member.target.factor
    return replace(way, answers=factor * way.answers)


def member_seed(seed: int, settings: int, cut: int) -> int:
    """The seed of one training: none has another's."""
    return int(np.random.SeedSequence([seed, settings, cut]).generate_state(1, np.uint64)[0] >> 1)


def mix(problem: Problem, plan: Plan, cuts: Sequence[Cut], ways: Sequence[Way]) -> Mixture:
    """Weights, temperature and intervals, by the rows that were kept back."""
    rows = held_rows(cuts)
    y, weight = problem.y[rows], problem.weights(rows)
    shares = greedy_weights([way.answers for way in ways], y, weight)
    answers = np.asarray(sum(s * way.answers for s, way in zip(shares, ways, strict=True)))
    temperature, threshold, intervals = 1.0, None, None
    if problem.classes:
        temperature = best_temperature(answers, y, weight)
        answers = floored(tempered(answers, temperature), len(problem))
        if problem.classes == 2:
            threshold = best_threshold(answers[:, 1], y, weight)
    else:
        intervals = Intervals.learn(answers, y)
    members: list[Member] = []
    weights: list[float] = []
    for share, way in zip(shares, ways, strict=True):
        if share:
            members += way.members
            weights += [share / len(way.members)] * len(way.members)
    losses = {way.name: loss(way.answers, y, weight) for way in ways}
    losses["mixture"] = loss(answers, y, weight)
    return Mixture(
        members=tuple(members),
        weights=np.array(weights),
        temperature=temperature,
        threshold=threshold,
        intervals=intervals,
        rows=rows,
        answers=answers,
        linear=ways[0].answers,
        losses=losses,
        shares={way.name: float(share) for way, share in zip(ways, shares, strict=True)},
        plan=plan,
    )


def _within(problem: Problem, plan: Plan, cut: Cut, deadline: float, options: Options) -> Plan:
    """The plan, cut down to what is left of the time, by the speed of a short trial."""
    settings = plan.settings[0]
    seconds = 0.0
    for epochs in (1, TRIAL_EPOCHS):  # the first makes ready what is compiled
        began = time.monotonic()
        train_member(problem, *cut, settings, epochs=epochs, seed=0, engine=options.engine)
        seconds = (time.monotonic() - began) / epochs
    # the trial has all cores to itself, later each has one of them: there is time to spare
    return plan.within(deadline - time.monotonic(), seconds)
