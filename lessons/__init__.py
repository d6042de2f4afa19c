"""The sources' chapters as lessons; ``python -m lessons`` runs them."""
