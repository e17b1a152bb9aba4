"""Items (事项), officers, and the signed approvals without which an item issues nothing."""
