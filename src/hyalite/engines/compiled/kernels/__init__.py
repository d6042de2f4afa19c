"""What is compiled: every function that runs without return to Python."""
