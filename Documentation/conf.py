# SPDX-License-Identifier: GPL-2.0
"""Sphinx configuration. `make docs` builds the pages into build/docs/."""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# uapi_page.py, which makes a page of the header of the protocol.
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

project = "mirror_mm"
copyright = "The mirror_mm developers"
author = "The mirror_mm developers"
with open(os.path.join(HERE, "..", "dkms.conf"), encoding="utf-8") as package:
    version = release = re.search(r'^PACKAGE_VERSION="(.+)"', package.read(), re.M)[1]

extensions = ["uapi_page"]
source_suffix = ".rst"
master_doc = "index"
language = "en"
exclude_patterns = []
highlight_language = "text"
smartquotes = False
nitpicky = True

html_theme = "furo"
html_title = f"mirror_mm {version}"
html_show_sourcelink = False
html_show_copyright = False
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["pages.css"]
