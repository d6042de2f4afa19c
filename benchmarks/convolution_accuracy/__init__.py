"""Accuracy of networks with convolutions: goals, and how they are met; see `command.py`."""
