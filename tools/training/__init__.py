"""Training of the shipped generator on our own gallery; see ``tools/train_generator.py``."""
