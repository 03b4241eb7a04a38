"""Who may do what: actors, the policy, scopes, tokens."""
