"""Pictures of training and of what a model has learned, drawn with matplotlib (extra `plot`).

Every function draws on the axes it is given, or on a new figure of its own, and returns the axes;
pyplot and its global state are never touched, so all of this works in threads and without a
display. No picture changes the model it shows. `save` writes a picture to a file; in a notebook
(``%matplotlib inline``) end a cell with ``ax.figure`` to see it.
"""

from hyalite.plots.activation_histograms import activations
from hyalite.plots.augmented import augmentations
from hyalite.plots.canvas import save
from hyalite.plots.column_importance import importance
from hyalite.plots.confusion import confusion_matrix
from hyalite.plots.field import gradient_field
from hyalite.plots.filter_tiles import filters
from hyalite.plots.fit import regression_fit
from hyalite.plots.gradients import GradientNorms, gradient_norms
from hyalite.plots.layer_maps import feature_maps
from hyalite.plots.live_plot import LivePlot
from hyalite.plots.network_diagram import diagram
from hyalite.plots.occlusion_numbers import OcclusionMap, occlusion_map
from hyalite.plots.occlusion_picture import occlusion
from hyalite.plots.predicted import predictions
from hyalite.plots.rate_curve import learning_rates
from hyalite.plots.reading import probabilities
from hyalite.plots.regions import decision_regions
from hyalite.plots.surest_mistakes import mistakes
from hyalite.plots.training_curves import curves
from hyalite.plots.weights import first_layer_weights

__all__ = [
    "GradientNorms",
    "LivePlot",
    "OcclusionMap",
    "activations",
    "augmentations",
    "confusion_matrix",
    "curves",
    "decision_regions",
    "diagram",
    "feature_maps",
    "filters",
    "first_layer_weights",
    "gradient_field",
    "gradient_norms",
    "importance",
    "learning_rates",
    "mistakes",
    "occlusion",
    "occlusion_map",
    "predictions",
    "probabilities",
    "regression_fit",
    "save",
]
