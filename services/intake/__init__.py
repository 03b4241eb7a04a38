"""The one way in: cases, reports, keys, signs of life; no web."""
