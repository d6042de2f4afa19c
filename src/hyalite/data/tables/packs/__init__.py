"""Packs: tables of any size, prepared once, as plain rows on disk that training reads in blocks."""

from hyalite.data.tables.packs.pack import Pack
from hyalite.data.tables.packs.packing import pack

__all__ = ["Pack", "pack"]
