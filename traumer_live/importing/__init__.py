"""Foreign checkpoints become our own files, and nothing that is stored in them ever runs."""
