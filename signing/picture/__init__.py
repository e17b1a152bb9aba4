"""The picture of a seal: round, elliptic or uploaded, as vectors and pixels."""
