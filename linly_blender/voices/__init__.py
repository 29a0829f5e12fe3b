"""Voices other than the built-in one: a file or a server of the user's."""
