"""Logos of surveys: pictures that people upload, made anew, small, and named by their content.

What was uploaded is not kept: it is decoded as PNG, JPEG or WebP and nothing else, and written
again as pixels alone, so that nothing hidden in the file is ever sent to a customer.
"""

import hashlib
import io
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from percorso import durable_file
from percorso.app import company
from percorso.i18n import gettext as _
from percorso.surveys import SurveyError

if TYPE_CHECKING:
    from PIL import Image

#: Of an upload, in bytes; of its pixels; of what is kept, in pixels and bytes.
LARGEST: Final = 2_000_000
_MOST_PIXELS: Final = 25_000_000
_WIDTH, _HEIGHT = 480, 160
_SMALL: Final = 20_000
_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_NAME: Final = re.compile(r"[0-9a-f]{32}\.(png|webp)")
_NAMED: Final = re.compile(rb"[0-9a-f]{32}\.(?:png|webp)")
#: How long a picture stays that no survey names, in seconds.
_UNNAMED_S: Final = 24 * 3600
TYPES: Final = {"png": "image/png", "webp": "image/webp"}


def keep(upload: IO[bytes]) -> str:
    """Keep a picture, and return its name. Raises SurveyError, which says what is wrong with it."""
    data = upload.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise SurveyError(_("The picture has more than 2 MB. Make it smaller and try again."))
    made, ending = _made_anew(data)
    name = f"{hashlib.sha256(made).hexdigest()[:32]}.{ending}"
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    # Written also where it is there: it is new from now on, and `tidy` leaves it.
    durable_file.write(folder / name, made)
    return name


def find(name: str) -> bytes | None:
    """Return a picture by its name; None where there is none."""
    if not _NAME.fullmatch(name):
        return None
    try:
        return (_folder() / name).read_bytes()
    except OSError:
        return None


def tidy(now: float | None = None) -> int:
    """Delete the pictures that no version or draft of a survey names; return how many.

    One that was kept lately stays: whoever uploaded it may be about to save the survey.
    """
    pictures = _pictures()
    if not pictures:
        return 0
    before = (now or time.time()) - _UNNAMED_S
    named = _named()
    gone = 0
    for file in pictures:
        with suppress(FileNotFoundError):
            if file.name not in named and file.stat().st_mtime < before:
                file.unlink()
                gone += 1
    return gone


def _pictures() -> list[Path]:
    folder = _folder()
    if not folder.is_dir():
        return []
    return [each for each in folder.iterdir() if _NAME.fullmatch(each.name)]


def _named() -> set[str]:
    """Return the pictures that any version names, also one that cannot be read as a survey."""
    found: set[str] = set()
    for file in company.workspace().surveys.glob("*/*.json"):
        with suppress(FileNotFoundError):
            found.update(each.decode() for each in _NAMED.findall(file.read_bytes()))
    return found


def _folder() -> Path:
    # A name with a dot is no survey's.
    return company.workspace().surveys / ".logos"


def _made_anew(data: bytes) -> tuple[bytes, str]:
    """Return a picture as pixels alone, small enough for a slow phone, and what it is."""
    picture = _decoded(data)
    for shrink in (1.0, 0.75, 0.5, 0.35):
        small = picture.copy()
        small.thumbnail((int(_WIDTH * shrink), int(_HEIGHT * shrink)))
        png, webp = _written(small, "PNG"), _written(small, "WEBP")
        made = (png, "png") if len(png) <= len(webp) else (webp, "webp")
        if len(made[0]) <= _SMALL:
            break
    return made


def _decoded(data: bytes) -> "Image.Image":
    from PIL import Image, ImageOps

    wrong = SurveyError(_("This is no picture that can be read: send a PNG, JPEG or WebP file."))
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            width, height = opened.size
            if width * height > _MOST_PIXELS:
                raise SurveyError(
                    _("The picture has {width} × {height} pixels. Make it smaller.").format(
                        width=width, height=height
                    )
                )
            opened.load()
            turned = ImageOps.exif_transpose(opened)
            return turned.convert("RGBA" if _sees_through(turned) else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise SurveyError(_("The picture has too many pixels. Make it smaller.")) from error
    except SurveyError:
        raise
    except Exception as error:
        # Decoders meet hostile files with errors of every kind.
        raise wrong from error


def _sees_through(picture: "Image.Image") -> bool:
    return "A" in picture.getbands() or "transparency" in picture.info


def _written(picture: "Image.Image", kind: str) -> bytes:
    from PIL import Image

    # Pixels alone: what the file said of itself (profile, place, comments) is left behind.
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    out = io.BytesIO()
    if kind == "WEBP":
        bare.save(out, "WEBP", quality=82, method=4)
    else:
        bare.save(out, "PNG", optimize=True)
    return out.getvalue()
