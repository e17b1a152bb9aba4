"""Presenting (亮证): codes a holder shows, what a window gets for them, and devices that read."""
