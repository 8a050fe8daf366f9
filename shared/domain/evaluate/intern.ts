import type { Moment, Rule } from '../rule/ast.ts';
import { mapStage, UNCHANGED } from '../rule/map.ts';
import { printMoment } from '../rule/print.ts';

const rules = new WeakMap<Rule, Rule>();

/** The same rule, in which equal moments are one object, so that each is evaluated once. Remembered for each rule. */
export function interned(rule: Rule): Rule {
  const known = rules.get(rule);
  if (known !== undefined) return known;
  const moments = new Map<string, Moment>();
  const same = (moment: Moment): Moment => {
    const text = printMoment(moment);
    const first = moments.get(text) ?? moment;
    moments.set(text, first);
    return first;
  };
  const result: Rule = { stages: rule.stages.map((stage) => mapStage(stage, { ...UNCHANGED, same })) };
  rules.set(rule, result);
  return result;
}
