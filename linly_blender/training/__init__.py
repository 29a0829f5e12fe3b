"""Training of the networks that ship in ``models``. Needs torch and onnx; nothing outside this package does."""
