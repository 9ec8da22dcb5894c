#!/usr/bin/env bash
# No two-sided p-value made with the normal distribution of simple-statistics is below .002.
#
# Good guess: cumulativeStdNormalProbability(z) is accurate to a few digits for every z.
# Happens: z is rounded to two decimals and looked up in a printed table that ends near 3.09; beyond, the probability stays at .999.
# z = 6 gives p = .002 instead of 2e-9, so "p < .001" never happens, and ten tests of very different strength tie in any correction
# for several outcomes.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --no-save simple-statistics@7.12.1 jstat@1.9.6 > /dev/null

cat > tails.cjs <<'JS'
const statistics = require("simple-statistics");
const { jStat } = require("jstat");
const version = (name) => `${name} ${require(`./node_modules/${name}/package.json`).version}`;
const p = (z) => 2 * (1 - statistics.cumulativeStdNormalProbability(z));
const peer = (z) => 2 * jStat.normal.cdf(-z, 0, 1);
console.log(`${version("simple-statistics")}, ${version("jstat")}`);
for (const z of [1.9551, 1.9649, 3.2, 4, 6]) console.log(`z ${z}: p ${p(z).toPrecision(4)}, peer ${peer(z).toPrecision(4)}`);
const held = p(1.9551) === p(1.9649) && Math.abs(p(4) - 0.002) < 1e-9 && p(4) === p(6) && peer(6) < 1e-8;
if (!held) { console.error("The behaviour changed."); process.exit(1); }
JS
node tails.cjs
