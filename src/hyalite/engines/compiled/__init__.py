"""A network as tables, and the kernel that runs whole epochs of them without returning to Python."""
