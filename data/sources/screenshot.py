"""Takes the README's picture of the real page: the sample course, a question, and the page it is answered on.

Run with a server that has the sample course and nothing else:

    studyhall ingest data/sample-course --home DIR
    studyhall ui --home DIR --port 7861 --no-open
    python data/sources/screenshot.py http://127.0.0.1:7861/ data/screenshot.png
"""

from __future__ import annotations

import shutil
import sys

from playwright.sync_api import sync_playwright

QUESTION = "Why is a full table of terms against documents not stored?"


def main(url: str, path: str) -> None:
    """Ask, open the first citation, and take the picture."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(url)
        page.fill("#question textarea", QUESTION)
        page.keyboard.press("Enter")
        page.wait_for_selector(".exchange.done .chip")
        page.locator(".chip").first.click()
        page.wait_for_selector("#viewer .page-box")
        page.mouse.move(5, 5)
        page.wait_for_timeout(500)
        page.screenshot(path=path)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
