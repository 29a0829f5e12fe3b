"""Training of the tagger: word emphasis and emotion of English text, as one small network."""
