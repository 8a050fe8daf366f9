import type { Moment, MomentOf } from './ast.ts';
import { printCondition } from './print-condition.ts';
import { quoted } from './print-period.ts';

/** How the bounds of one part are worded. */
interface Wording {
  readonly moment: (moment: Moment) => string;
  readonly operand: (moment: Moment) => string;
  readonly both: (notBefore: Moment, notAfter: Moment) => string;
  readonly latest: (notAfter: Moment) => string;
}

/** A part of a sentence, and which bounds it says something about. `named`: not only by keeping or not applying. */
interface Printed {
  readonly text: string;
  readonly says: Sides;
  readonly named: Sides;
}
interface Sides {
  readonly notBefore: boolean;
  readonly notAfter: boolean;
}

const NOT_APPLICABLE: Moment = { kind: 'not-applicable' };

/**
 * One sentence for two bounds with the same branches and laws: `if C, at least P after X, otherwise within P after Y`.
 * `undefined` if they have none in common, or if the sentence would be read as other bounds.
 */
export function printParts(notBefore: Moment, notAfter: Moment, wording: Wording): string | undefined {
  const isShared = notBefore.kind === notAfter.kind && ['if', 'override'].includes(notBefore.kind);
  const printed = isShared ? part(notBefore, notAfter, wording) : undefined;
  return printed?.named.notBefore === true && printed.named.notAfter ? printed.text : undefined;
}

function part(a: Moment, b: Moment, wording: Wording): Printed | undefined {
  if (a.kind === 'if' && b.kind === 'if' && sameCondition(a, b, wording)) {
    const found = branches(a, b, wording);
    if (found !== undefined) return found;
  }
  return simple(a, b, wording);
}

/** A part that another branch can follow. */
function simple(a: Moment, b: Moment, wording: Wording): Printed | undefined {
  if (a.kind === 'override' && b.kind === 'override' && a.source === b.source) return law(a, b, wording);
  return isLifted(a) || isLifted(b) ? undefined : end(a, b, wording);
}

function isLifted(moment: Moment): boolean {
  return moment.kind === 'override' && moment.lifts === true;
}

function sameCondition(a: MomentOf<'if'>, b: MomentOf<'if'>, { operand }: Wording): boolean {
  return printCondition(a.condition, operand) === printCondition(b.condition, operand);
}

function branches(a: MomentOf<'if'>, b: MomentOf<'if'>, wording: Wording): Printed | undefined {
  const met = simple(a.met, b.met, wording);
  if (met === undefined) return undefined;
  const head = `if ${printCondition(a.condition, wording.operand)}, ${met.text}`;
  const isOpen = a.otherwise.kind === 'not-applicable' && b.otherwise.kind === 'not-applicable';
  const otherwise = isOpen ? NOTHING : part(a.otherwise, b.otherwise, wording);
  if (otherwise === undefined) return undefined;
  const says = either(met.says, otherwise.says);
  if (!says.notBefore || !says.notAfter) return undefined;
  const text = isOpen ? head : `${head}, otherwise ${otherwise.text}`;
  return { text, says, named: either(met.named, otherwise.named) };
}

const NEITHER: Sides = { notBefore: false, notAfter: false };
const NOTHING: Printed = { text: '', says: NEITHER, named: NEITHER };

function either(a: Sides, b: Sides): Sides {
  return { notBefore: a.notBefore || b.notBefore, notAfter: a.notAfter || b.notAfter };
}

function law(a: MomentOf<'override'>, b: MomentOf<'override'>, wording: Wording): Printed | undefined {
  if (a.lifts === true && b.lifts === true) return undefined;
  const { moment } = wording;
  if ((a.lifts === true || b.lifts === true) && moment(a.by) !== moment(b.by)) return undefined;
  const of = end(a.of, b.of, wording);
  const by = required(a, b, wording);
  if (of === undefined || by === undefined) return undefined;
  if (a.lifts === true ? !of.says.notBefore : !by.says.notBefore) return undefined;
  if (b.lifts === true ? !of.says.notAfter : !by.says.notAfter) return undefined;
  return {
    text: `${of.text} unless ${quoted(a.source)} requires ${by.text}`,
    says: { notBefore: true, notAfter: true },
    named: either(of.named, by.named),
  };
}

function required(a: MomentOf<'override'>, b: MomentOf<'override'>, wording: Wording): Printed | undefined {
  const notBefore = a.lifts === true ? NOT_APPLICABLE : a.by;
  const notAfter = b.lifts === true ? NOT_APPLICABLE : b.by;
  // Alone, "does not apply" would be said of both bounds.
  if (b.lifts === true && notBefore.kind === 'not-applicable')
    return alone(`until ${wording.moment(notBefore)}`, { notBefore: true, notAfter: false });
  if (a.lifts === true && notAfter.kind === 'not-applicable')
    return alone(wording.latest(notAfter), { notBefore: false, notAfter: true });
  return part(notBefore, notAfter, wording);
}

/** Bounds without branches of their own, or with their branches in parentheses. */
function end(a: Moment, b: Moment, { moment, both, latest }: Wording): Printed {
  if (isAlways(a) && moment(a) === moment(b)) {
    const text = a.kind === 'never' ? 'keep permanently' : moment(a);
    return { text, says: { notBefore: true, notAfter: true }, named: NEITHER };
  }
  if (a.kind === 'not-applicable') return alone(latest(b), { notBefore: false, notAfter: true });
  if (b.kind === 'not-applicable') {
    const text = `${a.kind === 'after' ? 'at least' : 'until'} ${moment(a)}`;
    return alone(text, { notBefore: true, notAfter: false });
  }
  return alone(both(a, b), { notBefore: true, notAfter: true });
}

function alone(text: string, says: Sides): Printed {
  return { text, says, named: says };
}

function isAlways(moment: Moment): boolean {
  if (moment.kind !== 'not-computable') return moment.kind === 'never' || moment.kind === 'not-applicable';
  return moment.fallback === undefined || moment.fallback.kind === 'never';
}
