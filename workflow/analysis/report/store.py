"""Parts of the page that are made only when a reader opens them, compressed within the file."""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping

from markupsafe import Markup, escape

LEVEL = 9


class Store:
    """Text by part and key: HTML of what is folded, and the files that the page offers.

    The template hands in what a folded element holds, and writes the attributes that it gets
    back onto it; the page's script looks there. What is opened together belongs in one part.
    """

    def __init__(self) -> None:
        self._parts: dict[str, dict[str, str]] = {}

    def keep(self, part: str, key: str, text: str) -> Markup:
        """Keep a text; the attributes that name it."""
        self._parts.setdefault(part, {})[key] = str(text)
        return Markup('data-part="{}" data-key="{}"').format(escape(part), escape(key))

    def text(self) -> Markup:
        """All parts as JSON: base64 of zlib's format, which DecompressionStream("deflate") reads."""
        packed = {
            part: b64encode(zlib.compress(json.dumps(texts, ensure_ascii=False).encode(), LEVEL)).decode()
            for part, texts in self._parts.items()
        }
        return Markup(json.dumps(packed))


def unpack(text: str) -> Mapping[str, Mapping[str, str]]:
    """Read what `Store.text` wrote."""
    return {part: json.loads(zlib.decompress(b64decode(packed))) for part, packed in json.loads(text).items()}
