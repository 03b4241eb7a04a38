"""Boards: each panel is defined once here, and every page, export and list is made from that definition. Pure."""
