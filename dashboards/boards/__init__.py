"""The boards, one a file: a module here that defines `BOARD` is a board, and nothing else has to know of it."""
