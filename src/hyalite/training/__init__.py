"""Training: the loop over epochs, its history, callbacks and progress."""
