"""Microphone, speaker, and whether somebody is speaking."""
