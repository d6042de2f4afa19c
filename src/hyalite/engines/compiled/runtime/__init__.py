"""Threads, calls of the kernels and their results: the side that Python sees."""
