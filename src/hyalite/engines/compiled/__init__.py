"""A network as tables, and the kernels that run whole epochs of it without return to Python.

- `structs`: the form in which the one reaches the other.
- `kernels`: what is compiled; `kernels/operations` has a file for each operation of a network.
- `lowering`: from a built network to the tables.
- `runtime`: threads, calls of the kernels, results.
- `engine`: the engine that a model sees.
"""
