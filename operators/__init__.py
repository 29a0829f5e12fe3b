"""What a user can do: operators, their settings and the work they start in the background."""
