"""Runtimes that make pictures, one file each, behind the Generator protocol."""
