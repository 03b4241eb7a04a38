"""What the three services share at the edge: layout, labels, access, problem documents."""
