#!/usr/bin/env bash
# pandoc and mammoth drop the result of a Word formula, or keep it, by how the same field happens to be stored.
#
# Good guess: a field, such as =SUM(ABOVE) under a column or a cross-reference, comes over as the result that Word shows.
# Happens: a field may be written as one element (w:fldSimple, common in files made by programs and merges) or as a series of marks.
# The series gives its result; of the single element nothing is left: "n =" with an empty place, no warning. docx2txt keeps both.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    pypandoc_binary==1.17 mammoth==1.13.0 docx2txt==0.9 python-docx==1.2.0

cd "$place"
"$place/env/bin/python" -W ignore - <<'PY'
import importlib.metadata
import sys

import docx
import docx2txt
import mammoth
import pypandoc
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

RUN = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'.format
MARK = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
CODE = "<w:r><w:instrText> =SUM(ABOVE) </w:instrText></w:r>"
FIELDS = {
    "one element": f'<w:fldSimple w:instr=" =SUM(ABOVE) ">{RUN("42")}</w:fldSimple>',
    "series of marks": MARK("begin") + CODE + MARK("separate") + RUN("42") + MARK("end"),
}
read = {"pandoc": {}, "mammoth": {}, "docx2txt": {}}
for name, field in FIELDS.items():
    document = docx.Document()
    document.element.body.insert(0, parse_xml(f"<w:p {nsdecls('w')}>{RUN('n = ')}{field}</w:p>"))
    document.save("paper.docx")
    read["pandoc"][name] = pypandoc.convert_file("paper.docx", "plain").strip()
    with open("paper.docx", "rb") as file:
        read["mammoth"][name] = mammoth.extract_raw_text(file).value.strip()
    read["docx2txt"][name] = docx2txt.process("paper.docx").strip()
versions = {"pandoc": pypandoc.get_pandoc_version()}
for library, texts in read.items():
    print(library, versions.get(library) or importlib.metadata.version(library), texts)
lost, kept = {"one element": "n =", "series of marks": "n = 42"}, {name: "n = 42" for name in FIELDS}
held = read["pandoc"] == read["mammoth"] == lost and read["docx2txt"] == kept
sys.exit(0 if held else "The behaviour changed.")
PY
