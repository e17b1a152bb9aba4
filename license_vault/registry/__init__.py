"""Licenses, holders and authorities in the database; all their SQL."""
