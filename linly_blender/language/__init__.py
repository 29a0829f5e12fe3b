"""What is meant: direction tags, sentences, their type, emotion and emphasis."""
