"""What every room shares: types, time, errors, settings. Standard library and numpy only."""
