"""The version, at the ground: whatever writes it into a file imports it from here."""

__version__ = "0.1.0"
