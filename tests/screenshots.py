"""Pictures of every page in four forms, of a SYNTHETIC force, for `docs/screenshots/` and for a careful look.

python -m tests.screenshots
"""

import io
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from profiles import importing, snapshot, synthetic
from profiles.settings import ROOT, Settings
from tests import browser, chromium

FOLDER = ROOT / "docs" / "screenshots"
WIDTHS = {"wide": 1400, "narrow": 390}
THEMES = ("light", "dark")
QUALITY, WIDEST = 50, 1000
"""Of the pictures: how much of the detail is kept, and pixels across."""


def main() -> None:
    """Write the pictures, a page and form each."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as base:
        warehouse = Path(base) / "warehouse"
        importing.import_files(synthetic.write_sample(Path(base) / "exports"), "athena", warehouse)
        shelf = Path(base) / "snapshots"
        shelf.mkdir()
        snapshot.build(shelf / "internal", settings=Settings(warehouse=warehouse))
        with (
            browser.serving(warehouse, Path(base) / "access.jsonl", shelf) as address,
            sync_playwright() as playwright,
        ):
            chrome = playwright.chromium.launch(**chromium.launch_options())
            for form, width in WIDTHS.items():
                for theme in THEMES:
                    context = chrome.new_context(
                        viewport={"width": width, "height": 900},
                        color_scheme="dark" if theme == "dark" else "light",
                        locale="en-GB",
                    )
                    page = context.new_page()
                    for name in browser.PATHS:
                        page.set_viewport_size({"width": width, "height": 900})
                        browser.open_page(page, address, "", name)
                        height = page.get_by_test_id("stMain").evaluate("each => each.scrollHeight")
                        page.set_viewport_size({"width": width, "height": height})
                        page.wait_for_timeout(1500)
                        path = FOLDER / f"{name}-{form}-{theme}.webp"
                        picture = Image.open(io.BytesIO(page.screenshot()))
                        picture.thumbnail((WIDEST, picture.height))
                        picture.save(path, quality=QUALITY, method=6)
                        print(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} KB")
                    context.close()
            chrome.close()


if __name__ == "__main__":
    main()
