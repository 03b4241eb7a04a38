"""The JSON routes that the three services share; each module holds one `router`."""
