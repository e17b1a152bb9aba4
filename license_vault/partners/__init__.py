"""Partner regions: which we know, what is pulled and kept of each, and how they are reached."""
