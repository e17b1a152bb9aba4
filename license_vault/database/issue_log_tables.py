"""The rows of the issue log: entries, tiles, checkpoints, countersignatures; SQLModel classes.

Conventions are those of ``tables``.
"""
