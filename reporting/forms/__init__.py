"""Prescribed forms: which case counts in which column, by which dated rule, and where two rules differ. Pure."""
