"""Takes in the formats other tools read."""
