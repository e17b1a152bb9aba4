"""归集: telling the upper directory of every license, the same day."""
