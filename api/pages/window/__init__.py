"""What a clerk at a window sees and does: /window."""
