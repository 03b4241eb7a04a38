"""Boards: panels as pages, and as JSON and CSV under the same address."""
