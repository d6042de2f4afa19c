"""Draw the front page's picture, images/spiral.png: `python docs/_ext/front_picture.py`."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

import hyalite as hy

IMAGES = Path(__file__).resolve().parents[1] / "images"

x, y = hy.datasets.spiral(samples=100, classes=3)
model = hy.Sequential([hy.Dense(64, "relu"), hy.Dense(64, "relu"), hy.Dense(3, "softmax")])
model.compile("categorical_crossentropy", hy.Adam(hy.CosineDecay(0.02, steps=4000)))
model.fit(x, y, epochs=400, seed=0, verbose=0)

figure = Figure(figsize=(6, 6))
ax = figure.add_axes((0, 0, 1, 1))
hy.plots.decision_regions(model, x, y, ax=ax)
if legend := ax.get_legend():
    legend.remove()
ax.set(title="", xlim=(-1.05, 1.05), ylim=(-1.05, 1.05))
ax.set_axis_off()
figure.savefig(IMAGES / "spiral.png", dpi=120)
