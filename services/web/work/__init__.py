"""Lists of work for every level: views, rows, filters, previews, acts on many, and what is live in them."""
