"""Questionnaires are found by what they measure and by what an export shows."""

from __future__ import annotations

import pytest

from compassion_trials.cli import main
from compassion_trials.core.errors import InputError
from compassion_trials.instruments.enquiry import Enquiry, reply
from compassion_trials.instruments.finder import find
from compassion_trials.instruments.library import load_instruments

ALL = load_instruments(None)


def ids(**asked) -> list[str]:
    return [hit.instrument.id for hit in find(ALL, **asked)]


def test_by_construct():
    found = ids(words="self-compassion")
    assert found[:2] == ["scs", "scs_sf"]
    assert {"sscs_s", "sscs_l", "socs_s", "ceas"} <= set(found)
    assert not {"phq9", "socs_o"} & set(found)
    assert ids(words="Self Compassion") == found
    assert {"rrs10", "rrs22", "rrq", "ptq", "scrs"} == set(ids(words="rumination"))


def test_a_disabled_one_is_found_and_said_to_be_so():
    assert ids(words="FFMQ-24") == ["ffmq24"]
    assert "(disabled)" in reply(ALL, Enquiry(words="FFMQ-24"))


def test_by_what_an_export_shows():
    assert ids(items=26, answers=(1, 5)) == ["scs", "whoqol_bref"]
    assert ids(items=26, answers=(1, 5), words="compassion") == ["scs"]


def test_shifted_answers_come_with_the_coding_to_write():
    found = find(ALL, items=21, answers=(1, 4), words="stress")
    assert [hit.instrument.id for hit in found] == ["dass21"]
    assert "coding: {min: 1, max: 4}" in found[0].why


def test_a_variant_with_another_coding_is_named():
    found = {hit.instrument.id: hit for hit in find(ALL, items=10, answers=(1, 4))}
    assert found["rses"].nearness == 0
    assert "variant one_to_four" in found["rses"].why


def test_answers_never_ticked_count_only_when_nothing_fits_better():
    assert all(hit.nearness < 2 for hit in find(ALL, items=10, answers=(1, 4)))
    found = find(ALL, items=26, answers=(2, 5))
    assert {hit.nearness for hit in found} == {2}
    assert "not all of them ticked" in found[0].why


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Enquiry(words="self-compasion"), "nearest: self-compassion"),
        (Enquiry(items=27, answers="1-5"), 'found "27 items, answers 1 to 5"'),
        (Enquiry(answers="5"), "lowest and highest answer, such as 1-5"),
        (Enquiry(answers="5-1"), "lowest and highest answer, such as 1-5"),
        (Enquiry(name="scss"), 'did you mean "scs"?'),
    ],
)
def test_nothing_found_is_one_sentence(asked, said):
    with pytest.raises(InputError) as caught:
        reply(ALL, asked)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_in_full_says_where_its_file_lies():
    said = reply(ALL, Enquiry(name="scs"))
    assert said.splitlines()[-1].startswith("File: ")
    assert said.endswith("scs.yaml")


def test_the_verb(capsys):
    assert main(["instruments", "--for", "self-compassion"]) == 0
    assert "scs_sf" in capsys.readouterr().out
    assert main(["instruments", "--items", "26", "--range", "1-5"]) == 0
    assert capsys.readouterr().out.startswith("scs ")
    assert main(["instruments", "--for", "phlogiston"]) == 2
    assert "no questionnaire fits" in capsys.readouterr().err
