"""The issue log: what was issued, in the order it was, so that nobody can slip in or back-date."""
