#!/usr/bin/env bash
# A reversed question that nobody answered scores more points in SurveyJS than any answer can.
#
# Good guess: an expression over an unanswered question is empty, as a sum in SPSS or R is, or as avg() of the same library leaves the
# question out.
# Happens: in arithmetic an unanswered question is 0, so "6 - {item}" of a 1 to 5 item is 6, a score that no answer can give, and it
# is stored with the answers. A sum over three is divided by three. Comparisons do not take it for 0: "{item} <= 0" is false.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --no-save survey-core@3.1.1 > /dev/null

cat > survey.cjs <<'JS'
const { Model } = require("survey-core");
const version = require("./node_modules/survey-core/package.json").version;
const survey = new Model({
  elements: ["kind", "harsh", "calm"].map((name) => ({ type: "rating", name, rateMin: 1, rateMax: 5 })),
  calculatedValues: [{ name: "harsh_reversed", expression: "6 - {harsh}", includeIntoResult: true }],
});
survey.data = { kind: 4, calm: 2 };
survey.doComplete();
const value = (expression) => survey.runExpression(expression);
const stored = survey.data.harsh_reversed;
const byHand = value("({kind} + {harsh} + {calm}) / 3");
const average = value("avg({kind}, {harsh}, {calm})");
const atMostZero = value("{harsh} <= 0");
console.log(`survey-core ${version}: kind 4, calm 2, harsh not answered`);
console.log(`stored 6 - harsh: ${stored}; sum over three: ${byHand}; avg(): ${average}; harsh <= 0: ${atMostZero}`);
const held = stored === 6 && byHand === 2 && average === 3 && atMostZero === false && !("harsh" in survey.data);
if (!held) { console.error("The behaviour changed."); process.exit(1); }
JS
node survey.cjs
