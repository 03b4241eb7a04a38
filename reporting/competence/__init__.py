"""Who is competent: the table, its conditions, and how a verdict is explained."""
