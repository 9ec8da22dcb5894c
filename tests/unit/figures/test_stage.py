import xml.etree.ElementTree as ET

import pytest
from PIL import Image
from tests.unit.report.small_study import NASTY, make, plan

from compassion_trials.core.files import read_json
from compassion_trials.figures.stage import run


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    context = make(tmp_path_factory.mktemp("figures"), plan())
    run(context)
    return context


def test_index_names_every_file_with_words_for_those_who_cannot_see_it(study):
    entries = read_json(study.results.figures / "figures.json")
    assert [entry["name"] for entry in entries] == [
        "flow",
        "trajectory.scs_total",
        "trajectory.others",
        "forest",
        "missing",
    ]
    assert [entry["number"] for entry in entries] == [1, 2, 3, 4, 5]
    for entry in entries:
        assert len(entry["alt"]) > 40
        assert entry["title"]
        assert entry["category"]
        for kind in ("svg", "pdf", "png"):
            assert (study.results.figures / f"{entry['stem']}.{kind}").stat().st_size > 2000
    by_name = {entry["name"]: entry for entry in entries}
    assert "2.70 [2.50,\u00a02.90] at Post-treatment" in by_name["trajectory.scs_total"]["alt"]
    assert "Beck Depression Inventory 2.00 [1.70,\u00a02.30]" in by_name["forest"]["alt"]  # lower is better: turned


def test_png_has_300_dpi_and_svg_parses(study):
    folder = study.results.figures
    with Image.open(folder / "flow.png") as picture:
        assert round(picture.info["dpi"][0]) == 300
    assert ET.parse(folder / "flow.svg").getroot().tag.endswith("svg")


def test_same_inputs_same_bytes(study, tmp_path):
    again = make(tmp_path, plan())
    run(again)
    for path in sorted(study.results.figures.iterdir()):
        assert path.read_bytes() == (again.results.figures / path.name).read_bytes(), path.name


def test_figures_of_an_earlier_plan_go(study):
    old = study.results.figures / "trajectory.old.svg"
    old.write_text("<svg/>", encoding="utf-8")
    run(study)
    assert not old.exists()


@pytest.mark.parametrize("design", ["randomized", "non_randomized", "single_arm"])
def test_nasty_names_are_drawn_as_they_are(design, tmp_path):
    context = make(tmp_path, plan(design, nasty=True))
    run(context)
    entries = read_json(context.results.figures / "figures.json")
    assert len(entries) == 5
    assert NASTY.split(" ")[0] in entries[0]["alt"]


def test_only_simulated_data_are_marked(study, tmp_path):
    plain = make(tmp_path, plan(), synthetic=False)
    run(plain)
    assert (plain.results.figures / "flow.png").read_bytes() != (study.results.figures / "flow.png").read_bytes()
    assert "Synthetic" not in str(read_json(plain.results.figures / "figures.json"))
    assert "Synthetic" in str(read_json(study.results.figures / "figures.json"))
