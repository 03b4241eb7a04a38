"""The imports of a commune or a province, and the source's own overdue marks beside ours."""
