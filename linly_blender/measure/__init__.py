"""Measurements of performances, by geometry and by the published bands."""
