"""From the sound of speech to its words."""
