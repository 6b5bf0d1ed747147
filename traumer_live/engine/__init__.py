"""The one place that knows all stages: builds them and owns the threads."""
