"""Whom this region stands for: taken in, reviewed and published."""
