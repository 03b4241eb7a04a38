"""Name the device of a sign-in in a word or two, so that a person recognises it in a list; nothing finer is kept."""

from __future__ import annotations

# In this order: many browsers name others besides themselves.
_BROWSERS = (
    ("Edg", "Edge"),
    ("coc_coc", "Cốc Cốc"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """Return browser and system, as `Chrome, Android`; empty where neither is known."""
    found = (
        next((name for sign, name in known if sign in user_agent), "") for known in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(name for name in found if name)
