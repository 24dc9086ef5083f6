"""Where Chromium, or a browser made of it, is on this machine: it prints the PDF, and tests look at pages with it."""

import shutil

_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def found() -> str | None:
    """Look for it.

    Returns:
        Its file, or None if there is none.
    """
    return next(filter(None, map(shutil.which, _NAMES)), None)
