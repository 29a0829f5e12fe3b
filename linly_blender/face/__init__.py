"""The mouth and the expression: 52 ARKit curves."""
