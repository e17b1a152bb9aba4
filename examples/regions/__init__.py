"""Four regions that run the service each for itself: what ``make regions`` starts and plays."""
