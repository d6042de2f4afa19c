"""The plan past these machines: a model of a step's cost, a simulation of failures; see `command.py`."""
