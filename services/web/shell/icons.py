"""One icon of the sprite in a page: decoration, so the word stands beside it."""

from __future__ import annotations

from services.web.shell.assets import assets_version
from services.web.shell.icon_names import ICONS

_SIZES = {16: "lc-icon lc-icon-16", 20: "lc-icon", 24: "lc-icon lc-icon-24"}


class Drawn(str):
    """Markup that a page may show as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """Return itself: nothing in it came from anybody."""
        return self


def icon(name: str, size: int = 20, more: str = "") -> Drawn:
    """Return the icon at 16, 20 or 24 px; `more` are further classes.

    Raises:
        ValueError: the sprite has no such icon.
    """
    if name not in ICONS:
        raise ValueError(f"the sprite has no icon {name!r}: name it in icon_names.py")
    look = f"{_SIZES[size]} {more}" if more else _SIZES[size]
    address = f"/static/vendor/icons.svg?v={assets_version()}#{name}"
    return Drawn(f'<svg class="{look}" viewBox="0 0 24 24" aria-hidden="true"><use href="{address}"/></svg>')
