"""Figures about the work of a library: counts over counts, by day, and how it stands now."""
