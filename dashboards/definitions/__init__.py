"""The panels, by subject: each is defined once, and boards only name it."""
