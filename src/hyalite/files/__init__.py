"""Model files: written all at once or not at all, and read without running anything in them."""

from hyalite.files.pickles import import_pickle

__all__ = ["import_pickle"]
