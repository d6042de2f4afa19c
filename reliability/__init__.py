"""What is promised of files, runs and numbers, tried out: ``python -m reliability``."""
