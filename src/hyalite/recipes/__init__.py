"""From data to a trained model in one line: what the command line does, in Python.

::

    trained = hy.recipes.fit_table("houses.csv", target="price")
    print(trained.report)               # beside a linear model and the trivial answer
    trained.predict(new_houses)         # a data frame, or a file
    trained.save("houses.safetensors")
    hy.recipes.load("houses.safetensors").predict(new_houses)

Each step is a file: data become a `Dataset` (`named`, `images`, `tables`), a `Recipe` makes the
network for it (`recipe`, `networks`; `layer_words` reads its layers, `pictures` has the settings of
those with a name), `training` trains it, which gives a `Trained`, `baselines` measures what is
simpler, and a `Pipeline` answers for raw data.
"""

from hyalite.recipes.baselines import Report
from hyalite.recipes.dataset import Dataset
from hyalite.recipes.pipelines import ImagePipeline, Pipeline, TablePipeline, load
from hyalite.recipes.recipe import Recipe
from hyalite.recipes.tabular import TabularModel, TrainedTable
from hyalite.recipes.trained import Trained
from hyalite.recipes.training import fit, fit_dataset, fit_images, fit_table

__all__ = [
    "Dataset",
    "ImagePipeline",
    "Pipeline",
    "Recipe",
    "Report",
    "TablePipeline",
    "TabularModel",
    "Trained",
    "TrainedTable",
    "fit",
    "fit_dataset",
    "fit_images",
    "fit_table",
    "load",
]
