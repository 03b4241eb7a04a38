"""The web edge of the three services: layout, labels, access, error documents, pages and JSON routes by feature."""
