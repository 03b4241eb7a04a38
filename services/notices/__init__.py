"""Notices: kept in the operational store, worded in two languages, delivered by e-mail and webhook."""
