"""The browser itself: what its fixture promises to the tests of pages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page


@pytest.mark.needs("browser")
def test_runs_the_scripts_of_a_page(page: Page) -> None:
    page.set_content("<p id=tide>low</p><script>document.getElementById('tide').textContent = 'high'</script>")
    assert page.inner_text("#tide") == "high"
