#!/usr/bin/env bash
# jsPsych leaves a timed-out trial out of the mean response time but counts it as 0 ms in the standard deviation.
#
# Good guess: both ignore a missing response time, or neither does.
# Happens: mean() skips null; variance() and sd() subtract the mean from it (null acts as 0) and count the trial. One time-out
# among five answers of 500 ms gives mean 500 and SD 224 although all answers took the same time. median() puts the null first, as the fastest answer.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --no-save jspsych@8.3.0 > /dev/null

cat > trials.cjs <<'JS'
globalThis.window = globalThis; // the library leaves a notice for old callers there when it is loaded
const { DataCollection } = require("jspsych");
const version = require("./node_modules/jspsych/package.json").version;
const times = (values) => new DataCollection(values.map((rt) => ({ rt }))).select("rt");
const answered = times([500, 500, 500, 500, 500]);
const timedOut = times([500, 500, 500, 500, 500, null]);
const mixed = times([300, 400, 500, null]);
console.log(`jspsych ${version}`);
console.log(`five answers: mean ${answered.mean()}, SD ${answered.sd()}`);
console.log(`and a time-out: mean ${timedOut.mean()}, SD ${timedOut.sd().toFixed(1)}`);
console.log(`300, 400, 500 and a time-out: mean ${mixed.mean()}, median ${mixed.median()}`);
const held = answered.sd() === 0 && timedOut.mean() === 500 && Math.abs(timedOut.sd() - 500 / Math.sqrt(6 - 1)) < 1e-9
  && mixed.mean() === 400 && mixed.median() === 350;
if (!held) { console.error("The behaviour changed."); process.exit(1); }
JS
node trials.cjs
