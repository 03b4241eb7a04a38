"""Draw a photo anew: bounded in pixels and bytes, and without whatever else its file carried."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from services.documents.attachment_limits import PhotoLimits
from services.errors import BadInput

MAX_PIXELS = 60_000_000
"""The pixels of a camera of today; beyond it a small file can fill the memory."""
_QUALITIES = (85, 75, 65, 55, 45)
_SMALLEST_SIDE = 320
_FORMATS = ("JPEG", "PNG", "WEBP")


def redrawn(content: bytes, limits: PhotoLimits) -> bytes:
    """Return a photo as a JPEG within the limits, upright; no EXIF, position, profile or thumbnail is left.

    Raises:
        BadInput: it is no photo that can be read whole, or it has more pixels than may be unpacked.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as photo:
            if photo.width * photo.height > MAX_PIXELS:
                raise _too_many_pixels()
            photo.draft("RGB", (limits.side, limits.side))
            upright = ImageOps.exif_transpose(photo)
            upright.thumbnail((limits.side, limits.side))
            plain = _on_white(upright)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    except (OSError, ValueError, SyntaxError) as error:
        raise BadInput(
            "the photo is broken: take it again, or send it as JPEG, PNG or WebP", field="content"
        ) from error
    return _within(plain, limits.size)


def _too_many_pixels() -> BadInput:
    return BadInput(f"the photo has more than {MAX_PIXELS:,} pixels", field="content")


def _on_white(photo: Image.Image) -> Image.Image:
    """Return the bare pixels: a new image has none of the metadata of another."""
    clear = photo.convert("RGBA")
    plain = Image.new("RGB", clear.size, "white")
    plain.paste(clear, mask=clear.getchannel("A"))
    return plain


def _within(photo: Image.Image, size: int) -> bytes:
    while True:
        for quality in _QUALITIES:
            written = io.BytesIO()
            photo.save(written, "JPEG", quality=quality, optimize=True)
            if written.tell() <= size:
                return written.getvalue()
        if max(photo.size) <= _SMALLEST_SIDE:
            raise BadInput("the photo cannot be drawn small enough", field="content")
        photo = photo.resize((max(1, photo.width * 3 // 4), max(1, photo.height * 3 // 4)))
