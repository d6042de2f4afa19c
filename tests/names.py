"""A model whose layers bear given names, and a name that means harm."""

from __future__ import annotations

import hyalite as hy

HOSTILE = "<script>alert(1)</script>&\"'\x00\x1b[2J\u202e\ud800"


def deep(**names: str) -> hy.Sequential:
    model = hy.Sequential(
        [
            hy.Flatten(),
            hy.Dense(30, "relu", name=names.get("first")),
            hy.BatchNormalization(),
            hy.Dropout(0.2, name=names.get("second")),
            hy.Dense(3, "softmax"),
        ]
    )
    model.compile("categorical_crossentropy")
    model.build((4, 5), seed=0)
    return model
