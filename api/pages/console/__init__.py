"""The approval console: /console."""
