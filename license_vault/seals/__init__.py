"""Electronic seals: their life, who may use them, and the count of their uses."""
