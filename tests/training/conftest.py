"""For every test of training: one thread, as training itself has, so that a busy machine does not slow it tenfold."""

import importlib.util

if importlib.util.find_spec("torch"):
    import torch

    torch.set_num_threads(1)
