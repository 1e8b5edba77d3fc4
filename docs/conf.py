"""How Sphinx builds these pages; nothing is fetched, so the build works without a network."""

from importlib.metadata import version as version_of

project = "Tidemill"
author = "the Tidemill authors"
copyright = author
version = release = version_of("tidemill")

extensions = ["myst_parser"]
exclude_patterns = ["_build"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = f"Tidemill {version}"
html_show_copyright = False
