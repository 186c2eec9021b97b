"""Reading a page as a browser would: elements, ids, links, and external resources."""

import json
import zlib
from base64 import b64decode
from collections.abc import Callable, Mapping
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from workflow.plan.campaign import Plan

HOSTILE = """</script></pre><script>window.hacked = 1</script><img src=x onerror="window.hacked=1">'"&lt;"""


def whole(html: str) -> str:
    """The page with its folded parts, without the files that it offers."""
    return html + "".join(text for name, part in packed(html).items() if name != "files" for text in part.values())


@lru_cache(maxsize=8)
def packed(html: str) -> Mapping[str, Mapping[str, str]]:
    """The folded parts of the page, by part and key."""
    kept = json.loads(html.partition('<script type="application/json" id="store">')[2].partition("</script>")[0])
    return {part: json.loads(zlib.decompress(b64decode(text))) for part, text in kept.items()}


class Page(HTMLParser):
    """Elements with their attributes, and all text outside of script and style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's signature
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Attributes of every such element."""
        return [attributes for name, attributes in self.elements if name == tag]

    def values(self, attribute: str) -> list[str]:
        """Values of an attribute, wherever it occurs."""
        return [value for _, attributes in self.elements if (value := attributes.get(attribute)) is not None]


def put_most(plan: Plan, put: Callable[..., Path], **changes: Any) -> None:
    """Write records for all runs but the last, the first of them failed."""
    runs = [run for run, _ in plan.runs.values()]
    put(runs[0], failure=changes.pop("failure", "the loss became NaN"), **changes)
    for place, run in enumerate(runs[1:-1]):
        put(run, auc=0.9 + place / 10_000, **changes)
