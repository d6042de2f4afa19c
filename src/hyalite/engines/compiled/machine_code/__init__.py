"""Where the kernels' machine code comes from: compiled ahead, or here, once, and kept on disk."""
