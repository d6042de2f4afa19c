"""Networks of pictures: ours and those of others, time a step and to an accuracy, and memory."""
