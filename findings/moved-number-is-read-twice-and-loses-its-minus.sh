#!/usr/bin/env bash
# docx2txt reads a number that a reviewer moved twice, and drops two of the ways to type a minus sign.
#
# Good guess: with tracked changes a reader gives the text before or after them; a minus sign is a character like any other.
# Happens: deleted text is left out but text moved away is kept, so the effect stands at both places. A minus typed with
# Ctrl+Shift+hyphen (a non-breaking hyphen) or put in as a symbol is an element of its own, and vanishes: -0.42 becomes 0.42.
# python-docx keeps the hyphen, drops the symbol, and loses the moved number altogether. mammoth reads all three right.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv --without-pip "$place/env"
python3 -m pip --python "$place/env/bin/python" install --quiet --no-compile --disable-pip-version-check \
    docx2txt==0.9 python-docx==1.2.0 mammoth==1.13.0

cd "$place"
"$place/env/bin/python" -W ignore - <<'PY'
import importlib.metadata
import sys

import docx
import docx2txt
import mammoth
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

CHANGE = 'w:id="1" w:author="Reviewer" w:date="2026-01-01T00:00:00Z"'
RUN = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'.format
PARAGRAPHS = {
    "moved": f"{RUN('first ')}<w:moveFrom {CHANGE}>{RUN('3.41 ')}</w:moveFrom>{RUN('then ')}<w:moveTo {CHANGE}>{RUN('3.41')}</w:moveTo>",
    "hyphen": f"{RUN('d = ')}<w:r><w:noBreakHyphen/></w:r>{RUN('0.42')}",
    "symbol": f'{RUN("d = ")}<w:r><w:sym w:font="Symbol" w:char="F02D"/></w:r>{RUN("0.42")}',
}
read = {"docx2txt": {}, "python-docx": {}, "mammoth": {}}
for name, content in PARAGRAPHS.items():
    document = docx.Document()
    document.element.body.insert(0, parse_xml(f"<w:p {nsdecls('w')}>{content}</w:p>"))
    document.save("paper.docx")
    read["docx2txt"][name] = docx2txt.process("paper.docx").strip()
    read["python-docx"][name] = docx.Document("paper.docx").paragraphs[0].text
    with open("paper.docx", "rb") as file:
        read["mammoth"][name] = mammoth.extract_raw_text(file).value.strip()
for library, texts in read.items():
    print(library, importlib.metadata.version(library), texts)
held = (
    read["docx2txt"] == {"moved": "first 3.41 then 3.41", "hyphen": "d = 0.42", "symbol": "d = 0.42"}
    and read["python-docx"] == {"moved": "first then ", "hyphen": "d = -0.42", "symbol": "d = 0.42"}
    and read["mammoth"] == {"moved": "first then 3.41", "hyphen": "d = \u20110.42", "symbol": "d = \u22120.42"}
)
sys.exit(0 if held else "The behaviour changed.")
PY
