"""Links from pages to the repository's files, which read well on GitHub, lead to pages of the site.

``../src/hyalite/network.py`` becomes the page that shows that module's source where there is one,
``../lessons/17_errata.py`` and ``../examples/counts.py`` their pages, and anything else the file on
GitHub.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.osutil import relative_uri

REPOSITORY = "https://github.com/hyalite/hyalite/blob/main/"
LINK = re.compile(r"(\]\()(?:\.\./)+((?:src|lessons|tests|examples)/[^)\s]*)\)")


def rewrite(app: Sphinx, name: str, content: list[str]) -> None:
    here = "../" * name.count("/")

    def target(match: re.Match[str]) -> str:
        path = match[2]
        if re.fullmatch(r"lessons/\d\d_\w+\.py", path):
            return f"{match[1]}{here}{path})"
        if re.fullmatch(r"examples/[a-z]\w*\.py", path):
            return f"{match[1]}{here}gallery/{path.removeprefix('examples/')})"
        if path == "lessons/":
            return f"{match[1]}{here}lessons.md)"
        return f"{match[1]}source:{path})"

    if Path(app.env.doc2path(name)).suffix == ".md":
        content[0] = LINK.sub(target, content[0])


class SourceLinks(SphinxPostTransform):
    default_priority = 300

    def run(self, **kwargs: Any) -> None:
        shown = getattr(self.env, "_viewcode_modules", {})
        for node in self.document.findall(nodes.reference):
            uri = node.get("refuri", "")
            if uri.startswith("source:"):
                path = uri.removeprefix("source:")
                module = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__")
                if shown.get(module.replace("/", ".")):
                    page = self.app.builder.get_target_uri(f"_modules/{module}")
                    here = self.app.builder.get_target_uri(self.env.docname)
                    node["refuri"] = relative_uri(here, page)
                else:
                    node["refuri"] = REPOSITORY + path


def setup(app: Sphinx) -> dict[str, bool]:
    app.connect("source-read", rewrite)
    app.add_post_transform(SourceLinks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
