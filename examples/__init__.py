"""Short answers to questions that users ask; ``python -m examples`` runs them."""
