"""What regions ask of each other: signed, under grants and quotas, kept by both."""
