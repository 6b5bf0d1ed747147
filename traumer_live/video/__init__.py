"""Show and keep: looks, renderer, read-back, recorder."""
