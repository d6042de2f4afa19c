"""From a built network to the tables that the kernels run. Nothing is computed here."""
