"""Labels, numbers and dates in Vietnamese and English."""
