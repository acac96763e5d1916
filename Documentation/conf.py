# SPDX-License-Identifier: GPL-2.0
"""Sphinx configuration. `make docs` builds the pages into build/docs/."""

project = "mirror_mm"
copyright = "The mirror_mm developers"
author = "The mirror_mm developers"

extensions = []
source_suffix = ".rst"
master_doc = "index"
language = "en"
exclude_patterns = []
highlight_language = "text"
smartquotes = False
nitpicky = True

html_theme = "alabaster"
html_title = "mirror_mm"
html_show_sourcelink = False
html_show_copyright = False
html_sidebars = {"**": ["about.html", "localtoc.html", "navigation.html",
                        "searchbox.html"]}
html_theme_options = {
    "description": "A second page allocator on a reserved physical range",
    "fixed_sidebar": True,
    "page_width": "1080px",
    "sidebar_width": "230px",
    "font_family": "'DejaVu Sans', Verdana, sans-serif",
    "head_font_family": "'DejaVu Sans', Verdana, sans-serif",
    "font_size": "15px",
    "code_font_size": "13px",
}
