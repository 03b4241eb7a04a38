"""Share links: a board, a list or an export under an address that ends."""
