"""Public tables, our estimators and those of others on the same cut: ranks, errors and time."""
