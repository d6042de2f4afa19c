"""The page's modules as one file, and its styles as another, put together when the server starts.

A browser takes some 10 ms for each module that it asks for, so 64 of them would be most of the time
to the first picture. What stands in the bundle is what stands in the files: each module is a block,
behind those it imports, and leaves its exports in one object.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

IMPORT = re.compile(r'^import (?:(\w+)|\{([^}]*)\}) from "(\.[^"]+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
DEFAULT = re.compile(r"^export default ", re.MULTILINE)
OTHERS = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
STYLE = re.compile(r'<link rel="stylesheet" href="([^"]+)">\n')
SCRIPT = re.compile(r'(<script type="module" src=")([^"]+)("></script>)')


def bundled(page: str, files: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    r"""The page as it asks for the bundles, and these by their paths.

    Args:
        page: HTML, with its styles and its first module.
        files: texts by path, such as "/main.js".

    Raises:
        ValueError: a module imports or exports in a way that is not known here, or imports itself
            by way of others.

    Examples:
        >>> from hyalite.play.bundle import bundled
        >>> files = {
        ...     "/main.js": 'import { double as twice } from "./lib.js";\nshow(twice(2));\n',
        ...     "/lib.js": "export const double = (x) => 2 * x;\n",
        ... }
        >>> page, bundles = bundled('<script type="module" src="main.js"></script>', files)
        >>> page
        '<script type="module" src="bundle.js"></script>'
        >>> print(bundles["/bundle.js"])
        const modules = {};
        // /lib.js
        {
        const double = (x) => 2 * x;
        modules["/lib.js"] = { double };
        }
        // /main.js
        {
        const { double: twice } = modules["/lib.js"];
        show(twice(2));
        modules["/main.js"] = {  };
        }
        <BLANKLINE>
    """
    bundles = {}
    styles = STYLE.findall(page)
    if styles:
        bundles["/bundle.css"] = "\n".join(files[f"/{name}"] for name in styles)
        page = STYLE.sub("", page, count=len(styles) - 1)
        page = STYLE.sub('<link rel="stylesheet" href="bundle.css">\n', page)
    script = SCRIPT.search(page)
    if script:
        blocks: dict[str, str] = {}
        _add(f"/{script[2]}", files, blocks, ())
        bundles["/bundle.js"] = "".join(["const modules = {};\n", *blocks.values()])
        page = SCRIPT.sub(r"\1bundle.js\3", page)
    return page, bundles


def _add(
    path: str, files: Mapping[str, str], blocks: dict[str, str], within: tuple[str, ...]
) -> None:
    """Add a module behind all that it imports."""
    if path in within:
        raise ValueError(f"{' imports '.join((*within, path))}")
    if path in blocks:
        return
    text = files[path]
    exports = EXPORT.findall(text)

    def imported(found: re.Match[str]) -> str:
        other = posixpath.normpath(posixpath.join(posixpath.dirname(path), found[3]))
        _add(other, files, blocks, (*within, path))
        names = f"default: {found[1]}" if found[1] else re.sub(r"\bas\b", ":", found[2])
        names = re.sub(r"\s*:\s*", ": ", " ".join(names.split())).strip(", ")
        return f'const {{ {names} }} = modules["{other}"];'

    text = EXPORT.sub("", IMPORT.sub(imported, text))
    text, defaults = DEFAULT.subn("const $default = ", text)
    exports += ["default: $default"] * defaults
    left = OTHERS.search(text)
    if left:
        raise ValueError(f"{path}: {left[0]}")
    blocks[path] = (
        f'// {path}\n{{\n{text.strip()}\nmodules["{path}"] = {{ {", ".join(exports)} }};\n}}\n'
    )
