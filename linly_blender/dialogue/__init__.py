"""Recorded dialogue: an actor's voice, with or without the script, becomes a performance."""
