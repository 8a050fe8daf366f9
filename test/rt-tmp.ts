import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { parseRule } from '../shared/domain/rule/parse.ts';
import { printRule } from '../shared/domain/rule/print.ts';
import { arbitraryRule } from './support/arbitrary-rules.ts';
let bad = 0;
const N = Number(process.argv[2] ?? 40000);
const t = Date.now();
for (const rule of fc.sample(arbitraryRule(), N)) {
  const text = printRule(rule); const r = parseRule(text);
  if (!r.ok || !isDeepStrictEqual(structuredClone(r.rule), structuredClone(rule))) {
    if (bad++ < 12) console.log(text.length, text.slice(0, 3000), '\n   ', r.ok ? 'PRINTS ' + printRule(r.rule) : `${r.error.column} ${r.error.message}`);
  }
}
console.log(bad, Date.now() - t);
