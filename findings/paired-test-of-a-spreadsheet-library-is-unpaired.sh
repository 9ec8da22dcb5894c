#!/usr/bin/env bash
# T.TEST of @formulajs/formulajs takes the tails and the type of test, and uses neither.
#
# Good guess: T.TEST(before, after, 2, 1) is Excel's paired two-sided test, type 2 the pooled and type 3 Welch's test, 1 one tail.
# Happens: every call returns the two-sided pooled p-value, so a paired pilot that is clearly significant is not. T.INV.2T's old name,
# TINV, gives the negative one-tailed quantile instead of Excel's positive two-tailed one. HyperFormula, its peer, has them right.
set -euo pipefail

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --no-save @formulajs/formulajs@4.6.1 hyperformula@3.5.0 > /dev/null

cat > sheet.cjs <<'JS'
const formulajs = require("@formulajs/formulajs");
const { HyperFormula } = require("hyperformula");
const version = (name) => `${name} ${require(`./node_modules/${name}/package.json`).version}`;
const before = [21, 18, 25, 30, 16, 22];
const after = [19, 15, 22, 29, 13, 20];
const sheet = HyperFormula.buildFromArray([before, after], { licenseKey: "gpl-v3" });
const peer = (formula) => sheet.calculateFormula(formula, 0);
const calls = [[2, 1], [1, 1], [2, 2], [2, 3]].map(([tails, type]) => ({
  call: `tails ${tails}, type ${type}`,
  p: formulajs.T.TEST(before, after, tails, type),
  peer: peer(`=T.TEST(A1:F1,A2:F2,${tails},${type})`),
}));
const quantile = [formulajs.TINV(0.05, 10), peer("=TINV(0.05,10)")];
console.log(`${version("@formulajs/formulajs")}, ${version("hyperformula")}`);
calls.forEach(({ call, p, peer: other }) => console.log(`${call}: p ${p.toFixed(4)}, peer ${other.toFixed(4)}`));
console.log(`TINV(.05, 10): ${quantile[0].toFixed(3)}, peer ${quantile[1].toFixed(3)}`);
const held = calls.every(({ p }) => p === calls[0].p) && calls[0].p > 0.3 && calls[0].peer < 0.01
  && Math.abs(calls[2].p - calls[2].peer) < 1e-6 && Math.abs(quantile[0] + 1.812) < 1e-3 && Math.abs(quantile[1] - 2.228) < 1e-3;
if (!held) { console.error("The behaviour changed."); process.exit(1); }
JS
node sheet.cjs
