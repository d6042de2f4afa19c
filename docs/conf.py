"""Settings of the documentation site, in English and in Chinese.

``python -m sphinx -W --keep-going -b html docs docs/_build/html`` builds it in English, and with
``-D language=zh_CN`` and the folder ``docs/_build/html/zh`` in Chinese. With
``-D nb_execution_mode=cache`` only scripts that changed are run again, for both together.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
sys.path.insert(0, str(DOCS / "_ext"))

import hyalite  # noqa: E402

project = "Hyalite"
author = "The Hyalite authors"
copyright = "The Hyalite authors, MIT licence"
version = release = hyalite.__version__
language = "en"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_design",
    "chinese",
    "chinese_search",
    "docstrings",
    "kernels",
    "leftovers",
    "mathml",
    "scripts",
    "sources",
    "translated",
    "width",
]
exclude_patterns = ["_build", "_ext", "locale", "conf.py", "**/_*.py"]

# Markdown
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "smartquotes"]
myst_heading_anchors = 3
myst_url_schemes = {"http": None, "https": None, "mailto": None, "source": None}

# Lessons and examples are scripts in jupytext's percent format; `_ext/scripts.py` copies them to
# where Sphinx looks. They are run at every build, and a cell that fails ends it.
source_suffix = {".md": "myst-nb", ".py": "myst-nb"}
nb_custom_formats = {".py": ["jupytext.reads", {"fmt": "py:percent"}]}
nb_execution_mode = "force"
nb_execution_cache_path = str(DOCS / "_build" / ".jupyter_cache")
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
nb_output_stderr = "remove"  # such as that the engine is compiled now
scripts = {"lessons": ROOT / "lessons", "gallery": ROOT / "examples"}
paths = [*map(str, scripts.values()), *filter(None, [os.environ.get("PYTHONPATH")])]
os.environ["PYTHONPATH"] = os.pathsep.join(paths)  # their helper files, before what there is
if "HYALITE_DATA" not in os.environ and (ROOT.parent / "shared" / "data").is_dir():
    os.environ["HYALITE_DATA"] = str(ROOT.parent / "shared" / "data")

# Translations: `scripts/update_translations.py` brings the catalogues up to date
locale_dirs = ["locale"]
gettext_compact = False
gettext_location = False

# Docstrings
default_role = "py:obj"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 78
python_use_unqualified_type_names = True
add_module_names = False
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
toc_object_entries_show_parents = "hide"
viewcode_line_numbers = False

# Pages
html_theme = "pydata_sphinx_theme"
html_title = "Hyalite"
html_static_path = ["_static"]
html_css_files = ["hyalite.css"]
html_favicon = LOGO = "_static/hyalite.svg"
html_copy_source = False
html_show_sourcelink = False
html_math_renderer = "mathml"
html_theme_options = {
    "logo": {"text": "Hyalite", "image_light": LOGO, "image_dark": LOGO},
    "header_links_before_dropdown": 6,
    "navigation_depth": 2,
    "show_toc_level": 2,
    "show_nav_level": 1,
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-button-field", "language-link"],  # on narrow screens, too
    "pygments_light_style": "tango",
    "pygments_dark_style": "github-dark",
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    "back_to_top_button": False,
}
# pages with none beside them in the menu
ALONE = ("index", "getting-started", "comparison", "book-words", "errata")
html_sidebars = {page: [] for page in ALONE}
templates_path = ["_templates"]
