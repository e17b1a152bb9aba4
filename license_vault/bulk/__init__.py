"""Many rows at once: imports that survive being killed, and files that were sealed elsewhere."""
