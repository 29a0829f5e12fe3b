"""Head, gaze, blinks, brows and breath."""
