"""Sign in, sign out, sessions."""
