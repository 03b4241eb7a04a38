"""Prescribed forms of a unit and a period: by the rule in use, by the honest rule, with the bridge between them."""
