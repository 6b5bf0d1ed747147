"""How the shipped weights were made: workshop programs, not part of the installed package."""
