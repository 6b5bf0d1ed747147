"""Sound in: capture, show time, resampling, log-mel, and the fast pulse."""
