"""A small installation of an earlier day, kept: its log, store, keys and tables, and what the code of the day makes of them."""
