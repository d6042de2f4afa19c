"""The plan past these machines: what a step costs, what failures cost; see `command.py`."""
