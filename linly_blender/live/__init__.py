"""The conversation: it listens, thinks, answers and moves, all on one clock."""
