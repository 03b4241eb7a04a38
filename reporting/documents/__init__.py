"""The content of documents; services/documents/ draws them."""
