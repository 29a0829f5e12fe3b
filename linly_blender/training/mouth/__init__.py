"""The learned mouth: recordings and synthetic voices to learn from, network, training, export and model card."""
