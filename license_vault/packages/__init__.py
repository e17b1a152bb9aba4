"""Several at once: evidence, conditions, parts of composite licenses, sets of copies, packages."""
