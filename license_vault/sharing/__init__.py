"""What a region shares and accepts: catalogue, use list (用证清单), maps, coverage."""
