"""Judges sealed electronic licenses: is this file genuine, whose is it, is it in force.

Verification gathers evidence (all input and output) and then judges it (none at
all). It holds no key and no database, and runs in another region as it runs here.
"""
