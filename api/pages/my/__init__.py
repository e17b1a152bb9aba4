"""What a holder sees and does: /my."""
