"""Dated tables: units, bodies, calendar, procedures, thresholds; and working time."""
