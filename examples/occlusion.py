# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What in a picture does my network look at?
#
# Cover a patch of the picture, predict again, and see how far the probability of its class falls;
# move the patch over all of it. Where the probability falls, the network needs what is there. That
# need not be what you had in mind: here it is a mark at the edge, more than the digit.

# %%
import numpy as np

import hyalite as hy
from _picture import figure, show

# %% [markdown]
# ## Pictures that give their class away
#
# Each digit has a dot at the upper edge, further to the right the larger it is. Marks of that kind
# come with real pictures: a stamp, a ruler, the name of a hospital, the photographer's light.

# %%
(x, y), (x_test, y_test) = hy.datasets.mnist(flatten=False)
x, y, x_test, y_test = x[:6000], y[:6000], x_test[:2000], y_test[:2000]


def marked(pictures, digits):
    pictures = pictures.copy()
    for picture, digit in zip(pictures, digits, strict=True):
        picture[:3, 3 + 2 * digit : 6 + 2 * digit] = 1
    return pictures


models = {}
for name, pictures in (("with the dots", marked(x, y)), ("without", x)):
    filters = hy.Conv2D(8, 5, activation="relu", initializer="he_normal")
    model = hy.Sequential(
        [filters, hy.MaxPooling2D(), hy.Flatten(), hy.Dense(10, "softmax")]
    )
    model.compile("categorical_crossentropy", hy.Adam(0.002), ["accuracy"])
    model.fit(pictures, y, batch_size=50, epochs=4, seed=0, verbose=0)
    models[name] = model

# %% [markdown]
# ## The accuracy does not tell
#
# As long as the pictures to test on have their dots, too, the network seems to be the better one.

# %%
right = {}
for name, model in models.items():
    seen = model.evaluate(marked(x_test, y_test), y_test)["accuracy"]
    plain = model.evaluate(x_test, y_test)["accuracy"]
    right[name] = plain
    print(f"trained {name:13}  right: {seen:.1%} with dots, {plain:.1%} without")
assert right["with the dots"] < right["without"] - 0.04

# %% [markdown]
# ## The map does
#
# Red is where the probability falls. Of the first network it falls most at the dot; where it
# hardly does, dot and digit each are enough. The second one never saw a dot and reads the digit.

# %%
some = marked(x_test, y_test)[:7]
picture = figure(12, 8.4)
at_the_edge = []
for part, (name, model) in zip(picture.subfigures(2, 1), models.items(), strict=True):
    part.suptitle(f"The network that was trained {name}", fontsize=13)
    found = hy.plots.occlusion_map(model, some, y_test[:7], patch=5)
    hy.plots.occlusion(found, axes=part.subplots(2, 7))
    strongest = [divmod(int(falls.argmax()), 28) for falls in found.falls]
    at_the_edge.append(np.mean([row < 5 for row, _ in strongest]))
    print(f"trained {name:13}  strongest at the edge in {at_the_edge[-1]:.0%}")
assert at_the_edge[0] > 0.9 > 0.3 > at_the_edge[1]
show(picture, "occlusion")
