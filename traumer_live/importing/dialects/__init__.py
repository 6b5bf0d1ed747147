"""One file per family of checkpoints: from foreign names and layouts to the ones we use."""
