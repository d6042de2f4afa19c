"""The engines: each runs the training step of a network; `numpy` is the reference."""
