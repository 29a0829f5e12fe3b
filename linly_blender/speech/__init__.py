"""The voice: sound, phones and words on one clock."""
