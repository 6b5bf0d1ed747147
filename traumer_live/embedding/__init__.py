"""Ears: tagging networks that turn log-mel frames into embeddings."""
