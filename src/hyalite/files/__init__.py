"""Model files: written all at once or not at all, and read without running anything in them."""
