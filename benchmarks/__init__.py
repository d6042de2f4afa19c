"""Measurements, by command: ``python -m benchmarks`` lists them."""
