"""Training data: known data sets, folders of pictures, the IDX format, downloads."""
