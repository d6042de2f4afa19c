"""A network as tables, and the kernel that runs whole epochs of it without return to Python."""
