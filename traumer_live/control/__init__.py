"""Everything that can be turned while the show runs."""
