"""Who takes part: each learns from a cut's rows with its defaults and answers for the others.

An answer for classes is (probabilities, classes in their order), one for numbers an array.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.tabular.needed import is_there, needed
from benchmarks.tabular.protocol import Cut

MAX_TREE_CATEGORIES = 250  # HistGradientBoosting takes no more; then their places are numbers


@dataclass(frozen=True)
class Participant:
    """A way to learn from tables.

    Attributes:
        title: its name in tables.
        answer: from a cut to answers for its test rows.
        packages: as they are imported; without one of them it is left out.
        install: what brings them.
        differs: what is not its default, in words.
    """

    title: str
    answer: Callable[[Cut], Any]
    packages: tuple[str, ...]
    install: str
    differs: str = ""

    @property
    def installed(self) -> bool:
        """Whether it can take part."""
        return is_there(*self.packages)


def texts(x: Any) -> list[Any]:
    """The columns of texts."""
    return [name for name in x if x[name].dtype == object]


def fitted_answer(model: Any, cut: Cut, x: Any, x_test: Any, y: Any = None) -> Any:
    """Learn, and answer."""
    model.fit(x, cut.y if y is None else y)
    if cut.task == "classification":
        return model.predict_proba(x_test), list(model.classes_)
    return np.asarray(model.predict(x_test), float).ravel()


def encoded(cut: Cut, model: Any) -> Any:
    """The model behind scikit-learn's usual preparation: medians, z-scores, one-hot columns."""
    compose, impute = needed("sklearn.compose"), needed("sklearn.impute")
    preprocessing, pipeline = needed("sklearn.preprocessing"), needed("sklearn.pipeline")
    names = texts(cut.x)
    numbers = pipeline.make_pipeline(
        impute.SimpleImputer(strategy="median", add_indicator=True), preprocessing.StandardScaler()
    )
    one_hot = preprocessing.OneHotEncoder(
        handle_unknown="ignore", min_frequency=2, sparse_output=False
    )
    columns = compose.make_column_transformer(
        (numbers, [name for name in cut.x if name not in names]), (one_hot, names)
    )
    return fitted_answer(pipeline.make_pipeline(columns, model), cut, cut.x, cut.x_test)


def linear(cut: Cut) -> Any:
    """Logistic or ridge regression."""
    models = needed("sklearn.linear_model")
    if cut.task == "classification":
        return encoded(cut, models.LogisticRegression(max_iter=2000))
    return encoded(cut, models.RidgeCV(np.logspace(-3, 4, 15)))


def mlp(cut: Cut) -> Any:
    """scikit-learn's network."""
    models, preprocessing = needed("sklearn.neural_network"), needed("sklearn.preprocessing")
    if cut.task == "classification":
        return encoded(cut, models.MLPClassifier(random_state=0))
    scaled = needed("sklearn.compose").TransformedTargetRegressor(
        models.MLPRegressor(random_state=0), transformer=preprocessing.StandardScaler()
    )
    return encoded(cut, scaled)


def forest(cut: Cut) -> Any:
    """A random forest of 300 trees."""
    models = needed("sklearn.ensemble")
    kind = "Classifier" if cut.task == "classification" else "Regressor"
    return encoded(cut, getattr(models, f"RandomForest{kind}")(300, random_state=0, n_jobs=-1))


def as_categories(cut: Cut, most: int | None = None) -> tuple[Any, Any]:
    """Both frames with texts as pandas' categories, or as places where there are more than most."""
    x, x_test = cut.x.copy(), cut.x_test.copy()
    for name in texts(x):
        kind = needed("pandas").CategoricalDtype(sorted(x[name].dropna().unique()))
        for frame in (x, x_test):
            frame[name] = frame[name].astype(kind)
            if most is not None and len(kind.categories) > most:
                frame[name] = frame[name].cat.codes.astype(float)
    return x, x_test


def histogram_boosting(cut: Cut) -> Any:
    """scikit-learn's HistGradientBoosting."""
    models = needed("sklearn.ensemble")
    kind = "Classifier" if cut.task == "classification" else "Regressor"
    make = getattr(models, f"HistGradientBoosting{kind}")
    model = make(random_state=0, categorical_features="from_dtype")
    return fitted_answer(model, cut, *as_categories(cut, MAX_TREE_CATEGORIES))


def lightgbm(cut: Cut) -> Any:
    """LightGBM."""
    models = needed("lightgbm")
    x, x_test = as_categories(cut)
    x.columns = x_test.columns = [f"c{place}" for place in range(x.shape[1])]  # no odd names
    kind = models.LGBMClassifier if cut.task == "classification" else models.LGBMRegressor
    return fitted_answer(kind(verbose=-1, random_state=0), cut, x, x_test)


def catboost(cut: Cut) -> Any:
    """CatBoost."""
    models, names = needed("catboost"), texts(cut.x)
    x, x_test = cut.x.copy(), cut.x_test.copy()
    for name in names:
        for frame in (x, x_test):
            frame[name] = frame[name].fillna("nan").astype(str)
    make = models.CatBoostClassifier if cut.task == "classification" else models.CatBoostRegressor
    model = make(verbose=0, random_seed=0, cat_features=names, allow_writing_files=False)
    return fitted_answer(model, cut, x, x_test)


def realmlp(cut: Cut) -> Any:
    """RealMLP-TD; gaps, which it does not take, as mean and indicator."""
    models, pandas = needed("pytabkit"), needed("pandas")
    x, x_test, names = cut.x.copy(), cut.x_test.copy(), texts(cut.x)
    for name in [column for column in cut.x if column not in names]:
        mean = cut.x[name].mean()
        for frame in (x, x_test):
            if cut.x[name].isna().any():
                frame[f"{name}_missing"] = frame[name].isna().astype(float)
            frame[name] = frame[name].fillna(0 if np.isnan(mean) else mean)
    for name in names:
        x[name] = x[name].fillna("nan").astype(str).astype("category")
        values = x_test[name].fillna("nan").astype(str)
        x_test[name] = pandas.Categorical(values, categories=x[name].cat.categories)
    common = {"random_state": 0, "device": "cpu", "verbosity": 0}
    if cut.task == "classification":  # as its authors advise where probabilities matter
        model = models.RealMLP_TD_Classifier(
            val_metric_name="cross_entropy", use_ls=False, **common
        )
    else:
        model = models.RealMLP_TD_Regressor(**common)
    return fitted_answer(model, cut, x, x_test)


SCIKIT_LEARN = (("sklearn",), "pip install scikit-learn")
RIVALS: dict[str, Participant] = {
    "linear": Participant("linear model", linear, *SCIKIT_LEARN),
    "mlp": Participant("scikit-learn MLP", mlp, *SCIKIT_LEARN),
    "forest": Participant("random forest", forest, *SCIKIT_LEARN, "300 trees"),
    "hgb": Participant("HistGradientBoosting", histogram_boosting, *SCIKIT_LEARN),
    "lightgbm": Participant("LightGBM", lightgbm, ("lightgbm",), "pip install lightgbm"),
    "catboost": Participant("CatBoost", catboost, ("catboost",), "pip install catboost"),
    "realmlp": Participant(
        "RealMLP-TD (PyTorch)",
        realmlp,
        ("pytabkit", "torch", "pytorch_lightning"),
        'pip install "pytabkit[models]"',
        "for classes it keeps the epoch of the least log loss, without label smoothing",
    ),
}
