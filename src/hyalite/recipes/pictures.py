"""The networks that have a name, and the settings that suit each: all of them are in this file."""

from __future__ import annotations

from hyalite.config import nearest
from hyalite.recipes.recipe import Recipe, Settings

CONVOLUTIONAL: Settings = {
    "layers": "conv32,pool,conv64,pool,128",
    "dropout": 0.3,
    "augment": True,  # by up to 2 pixels and 10 degrees
    "optimizer": "adam",
    "learning_rate": 0.002,
    "batch_size": 64,
    "samples_seen": 480_000,  # 8 epochs of MNIST
}
NETWORKS: dict[str, Settings] = {"dense": {}, "conv": CONVOLUTIONAL}


def recipe_for(network: str, settings: Settings) -> Recipe:
    """The recipe of a network that has a name.

    Args:
        network: "dense", or "conv" for pictures.
        settings: count before the network's own. Its learning rate is that of its optimizer, and
            another optimizer has another.

    Raises:
        ValueError: no such network, or a setting out of range.

    Examples:
        >>> from hyalite.recipes.pictures import recipe_for
        >>> recipe_for("conv", {"batch_size": 100}).layers
        'conv32,pool,conv64,pool,128'
    """
    if network not in NETWORKS:
        raise ValueError(
            f"network {network!r} is unknown. {nearest(str(network), NETWORKS)}"
            f"Known: {', '.join(NETWORKS)}"
        )
    own = NETWORKS[network].copy()
    if settings.get("optimizer", own.get("optimizer")) != own.get("optimizer"):
        own.pop("learning_rate", None)
    return Recipe(**(own | settings))
