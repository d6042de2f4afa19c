"""The page's modules as one file: the same statements, each behind what it needs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from hyalite.play.bundle import bundled

STATIC = Path(__file__).parents[2] / "src/hyalite/play/static"
PAGE = '<script type="module" src="main.js"></script>'


def texts() -> dict[str, str]:
    """The page's own files."""
    files = [path for path in STATIC.rglob("*") if path.suffix in (".js", ".css", ".html")]
    return {f"/{p.relative_to(STATIC).as_posix()}": p.read_text(encoding="utf-8") for p in files}


def test_all_modules_and_styles_of_the_page_are_in_its_bundles() -> None:
    files = texts()
    page, bundles = bundled(files["/index.html"], files)
    assert re.findall(r'(?:src|href)="([^"]+)"', page) == ["icon.svg", "bundle.css", "bundle.js"]
    script, style = bundles["/bundle.js"], bundles["/bundle.css"]
    found = re.findall(r"^// (/\S+\.js)\n\{$", script, re.MULTILINE)
    assert sorted(found) == sorted(name for name in files if name.endswith(".js"))
    for name, text in files.items():
        if name.endswith(".css"):
            assert text in style
    for line in re.findall(r'modules\["([^"]+)"\];$', script, re.MULTILINE):
        assert script.index(f"// {line}\n") < script.index(f'= modules["{line}"];')


def test_the_bundle_is_a_script() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node; the tests in the browser run the bundle, too")
    script = bundled(PAGE, texts())[1]["/bundle.js"]
    command = [node, "--check", "--input-type=module"]
    subprocess.run(command, input=script, text=True, encoding="utf-8", check=True, timeout=60)


def test_names_of_all_kinds_arrive() -> None:
    files = {
        "/main.js": 'import words from "./texts/en.js";\n'
        'import {\n    a,\n    b as c,\n    D,\n} from "./parts/lib.js";\n\n'
        "log(words, a(), c, new D());\n",
        "/texts/en.js": 'export default {\n    "x": "import { y } from nowhere",\n};\n',
        "/parts/lib.js": 'import words from "../texts/en.js";\n'
        "export async function a() {\n    return words;\n}\nexport const b = 1;\n"
        "export class D {}\n",
    }
    script = bundled(PAGE, files)[1]["/bundle.js"]
    assert 'const { default: words } = modules["/texts/en.js"];' in script
    assert 'const { a, b: c, D } = modules["/parts/lib.js"];' in script
    assert 'modules["/parts/lib.js"] = { a, b, D };' in script
    assert 'modules["/texts/en.js"] = { default: $default };' in script


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('import * as all from "./lib.js";\n', r"/main.js: import \* as all"),
        ('import "./lib.js";\n', "/main.js: import"),
        ("export let count = 0;\n", "/main.js: export let"),
        ('export { a } from "./lib.js";\n', "/main.js: export"),
        ('import { a } from "./lib.js";\n', "/main.js imports /lib.js imports /main.js"),
    ],
)
def test_what_it_does_not_know_is_refused(text: str, message: str) -> None:
    files = {"/main.js": text, "/lib.js": 'import { b } from "./main.js";\nexport const a = b;\n'}
    with pytest.raises(ValueError, match=message):
        bundled(PAGE, files)
