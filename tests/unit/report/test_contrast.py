"""Contrast of every word of a page as a browser shows it, wide and narrow (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from tests.unit.report.soundness import contrast

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")

SCRIPT = """<script>
function ground(node) {
  for (let part = node; part; part = part.parentElement) {
    const colour = getComputedStyle(part).backgroundColor;
    if (!/, 0\\)$|transparent/.test(colour)) return colour;
  }
  return "rgb(255, 255, 255)";
}
addEventListener("load", () => {
  const found = {}, walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || ["SCRIPT", "STYLE"].includes(node.tagName)) continue;
    const style = getComputedStyle(node), size = parseFloat(style.fontSize);
    found[[style.color, ground(node)].join("|")] = [node.tagName + "." + node.className, size];
  }
  document.body.textContent = JSON.stringify(found);
});
</script>"""
"""Lists each pair of colour and ground that text has, with one element that shows it and its size."""


def hexadecimal(colour: str) -> str:
    """#rrggbb of rgb(r, g, b)."""
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour)[:3])


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="a browser is not installed")
@pytest.mark.parametrize("width", [1280, 390])
def test_every_word_stands_out_from_its_ground(report, width, tmp_path):
    page = (report.results.report / "report.html").read_text(encoding="utf-8")
    (tmp_path / "page.html").write_text(page.replace("</head>", SCRIPT + "</head>"), encoding="utf-8")
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/browser"]
    command += [f"--window-size={width},900", "--dump-dom", (tmp_path / "page.html").as_uri()]
    done = subprocess.run(command, check=True, capture_output=True, timeout=120).stdout.decode("utf-8")
    pairs = json.loads(re.search(r"<body[^>]*>(\{.*\})", done)[1].replace("&quot;", '"'))
    assert len(pairs) > 4
    for pair, (where, size) in pairs.items():
        ink, ground = (hexadecimal(colour) for colour in pair.split("|"))
        assert contrast(ink, ground) >= 4.5, f"{where}, {size} px: {ink} on {ground}"
