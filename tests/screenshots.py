"""Pictures of every page in four forms, of a SYNTHETIC force, for `docs/screenshots/` and for a careful look.

python -m tests.screenshots
"""

import io
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from profiles import importing, snapshot, synthetic
from profiles.settings import PREFIX, ROOT, Settings
from tests import browser, chromium
from tests.releases import UPDATES

FOLDER = ROOT / "docs" / "screenshots"
WIDTHS = {"wide": 1400, "narrow": 390}
THEMES = ("light", "dark")
QUALITY, WIDEST, TALLEST = 50, 1000, 16383
"""Of the pictures: how much of the detail is kept, and pixels across and down at most: WebP takes no more."""


def main() -> None:
    """Write the pictures, a page and form each, of both dashboards."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as base:
        warehouse = Path(base) / "warehouse"
        importing.import_files(synthetic.write_sample(Path(base) / "exports"), "athena", warehouse)
        importing.import_files([UPDATES], "reference", warehouse)
        shelf = Path(base) / "snapshots"
        shelf.mkdir()
        snapshot.build(shelf / "internal", settings=Settings(warehouse=warehouse))
        with sync_playwright() as playwright:
            chrome = playwright.chromium.launch(**chromium.launch_options())
            with browser.serving(warehouse, Path(base) / "access.jsonl", shelf) as address:
                drawn(chrome, address, browser.PATHS, "")
            os.environ[f"{PREFIX}ROLE"] = "steering"
            with browser.serving(Path(base) / "none", Path(base) / "shared.jsonl", shelf) as address:
                drawn(chrome, address, browser.STEERING, "steering-")
            chrome.close()


def drawn(chrome: Browser, address: str, paths: Mapping[str, str], before: str) -> None:
    """Write the pictures of the pages of one dashboard, `before` in front of their names."""
    for form, width in WIDTHS.items():
        for theme in THEMES:
            context = chrome.new_context(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if theme == "dark" else "light",
                locale="en-GB",
            )
            page = context.new_page()
            for name, path in paths.items():
                page.set_viewport_size({"width": width, "height": 900})
                page.goto(f"{address}/{path}")
                browser.settle(page)
                height = page.get_by_test_id("stMain").evaluate("each => each.scrollHeight")
                page.set_viewport_size({"width": width, "height": height})
                page.wait_for_timeout(1500)
                target = FOLDER / f"{before}{name}-{form}-{theme}.webp"
                picture = Image.open(io.BytesIO(page.screenshot()))
                picture.thumbnail((WIDEST, min(picture.height, TALLEST)))
                picture.save(target, quality=QUALITY, method=6)
                print(f"{target.relative_to(ROOT)}: {target.stat().st_size // 1024} KB")
            context.close()


if __name__ == "__main__":
    main()
