"""Third-party JavaScript into the package: ``python -m zibo_geo.vendoring node_modules``.

Copies the files that :data:`zibo_geo.atlas.assets.THIRD_PARTY` lists from an npm install.
"""

__all__ = ["vendor"]

import base64
import mimetypes
import re
import sys
from importlib import resources
from pathlib import Path

from layers.errors import CaseError, ZiboGeoError
from zibo_geo.atlas.assets import THIRD_PARTY


def vendor(node_modules: Path) -> list[Path]:
    """Copy the listed files of an npm install into ``vendor/``; images in CSS become data addresses."""
    folder = Path(str(resources.files("zibo_geo.atlas").joinpath("vendor")))
    folder.mkdir(exist_ok=True)
    made = []
    for item in THIRD_PARTY:
        origin = node_modules / item.package / item.file
        if not origin.is_file():
            raise CaseError(
                f"{item.package} has no {item.file} in {node_modules}; run npm ci first."
            )
        text = origin.read_text(encoding="utf-8")
        text = re.sub(r"\n?//# sourceMappingURL=\S+", "", text)
        if origin.suffix == ".css":
            text = _with_images_inlined(text, origin.parent)
        target = folder / item.name
        target.write_text(text, encoding="utf-8")
        made.append(target)
    return made


def _with_images_inlined(css: str, folder: Path) -> str:
    def inlined(match: "re.Match[str]") -> str:
        image = folder / match.group(1)
        kind = mimetypes.guess_type(image.name)[0] or "application/octet-stream"
        return f"url(data:{kind};base64,{base64.b64encode(image.read_bytes()).decode()})"

    return re.sub(r"url\((images/[^)]+)\)", inlined, css)


if __name__ == "__main__":
    try:
        vendor(Path(sys.argv[1] if len(sys.argv) > 1 else "node_modules"))
    except ZiboGeoError as error:
        sys.stderr.write(f"zibo-geo: {error}\n")
        sys.exit(2)
