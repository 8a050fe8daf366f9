import { isStoreAction, strength } from '../record/actions.ts';
import type { StageAction, UnlinkedCondition, UnlinkedMoment, UnlinkedStage } from './ast.ts';
import { both } from './grammar.ts';
import type { Suffix } from './grammar.ts';
import type { Token } from './lexer.ts';
import { printAction } from './print.ts';
import type { TokenStream } from './token-stream.ts';

/** What the text of a stage says: branches, laws, and at their ends bounds. Each end may have bounds and an action of its own. */
export type Body = Said | Branches | Law;

interface Branches {
  readonly kind: 'if';
  readonly condition: UnlinkedCondition;
  readonly met: Body;
  /** Absent: the rule does not apply there. */
  readonly otherwise?: Body;
}

interface Law {
  readonly kind: 'law';
  readonly of: Body;
  readonly by: Body;
  readonly source: string;
  /** The comma before it, if there is one. */
  readonly comma?: Token;
}

export interface Said extends Bounds {
  readonly kind: 'said';
  readonly action?: StageAction;
  /** What the text allows instead of the action. */
  readonly or?: StageAction;
  /** An action or `keep` begins it, so that no word of an earlier branch counts for it. */
  readonly verb?: 'action' | 'keep';
  readonly at: Token;
}

export interface Bounds {
  readonly notBefore?: UnlinkedMoment;
  readonly notAfter?: UnlinkedMoment;
  /** `bare`: no word says which bound is meant. `spreads`: one such as "within" does, also for periods of later branches. */
  readonly form: 'bare' | 'spreads' | 'word';
}

type Side = 'notBefore' | 'notAfter';
const OTHER: Readonly<Record<Side, Side>> = { notBefore: 'notAfter', notAfter: 'notBefore' };
const NOT_APPLICABLE: UnlinkedMoment = { kind: 'not-applicable' };

/**
 * The stages that a body means: one for each action, weakest first. Bounds and actions of one branch do not apply in the
 * others. What could be meant in two ways is refused.
 */
export function stagesOf(stream: TokenStream, body: Body): readonly UnlinkedStage[] {
  const clear = withActions(stream, withBounds(stream, body));
  const dated = endsOf(clear).filter((end) => !isAlways(end));
  const said = endsOf(clear).find(({ action }) => action !== undefined)?.action ?? 'delete';
  const actions = dated.length === 0 ? [said] : [...new Set(dated.map(({ action = 'delete' }) => action))];
  return actions
    .toSorted((a, b) => rank(a) - rank(b))
    .map((action) => {
      const ends = dated.filter((end) => (end.action ?? 'delete') === action);
      const has = (side: Side): boolean => ends.some((end) => end[side] !== undefined);
      const notBefore = has('notBefore') || !has('notAfter') ? built(clear, action, 'notBefore') : undefined;
      const notAfter = has('notAfter') ? built(clear, action, 'notAfter') : undefined;
      const or = insteadOf(stream, clear, action);
      return { action, ...(or && { or }), ...(notBefore && { notBefore }), ...(notAfter && { notAfter }) };
    });
}

/** `delete or anonymise`: what each branch with the action allows instead. */
function insteadOf(stream: TokenStream, body: Body, action: StageAction): StageAction | undefined {
  const [first, ...others] = endsOf(body).filter(
    (end) => end.action === action && (end.verb === 'action' || end.or !== undefined),
  );
  const other = others.find(({ or }) => or !== first?.or);
  if (other === undefined) return first?.or;
  const [one, another] = [first, other].map((end) => printAction({ action, ...(end?.or && { or: end.or }) }));
  const message = `one branch says "${one}" and another one "${another}"; write the same in both`;
  return stream.fail('RULE_INCONSISTENT', message, other.at);
}

/** Steps for people first. */
function rank(action: StageAction): number {
  return isStoreAction(action) ? strength(action) : -1;
}

/** One bound of the stage with this action; `undefined` if this part says nothing about it. */
function built(body: Body, action: StageAction, side: Side): UnlinkedMoment | undefined {
  switch (body.kind) {
    case 'said':
      if (isAlways(body)) return body.notBefore;
      return (body.action ?? 'delete') === action ? body[side] : undefined;
    case 'if': {
      const { condition, otherwise } = body;
      const met = built(body.met, action, side);
      const other = otherwise && built(otherwise, action, side);
      if (met === undefined && other === undefined) return undefined;
      return { kind: 'if', condition, met: met ?? NOT_APPLICABLE, otherwise: other ?? NOT_APPLICABLE };
    }
    case 'law': {
      const { source } = body;
      const of = built(body.of, action, side);
      const by = built(body.by, action, side);
      if (by !== undefined) return { kind: 'override', of: of ?? NOT_APPLICABLE, by, source };
      const instead = built(body.by, action, OTHER[side]);
      return of && instead && { kind: 'override', of, by: instead, source, lifts: true };
    }
  }
}

/** In the order of the text. */
function endsOf(body: Body): readonly Said[] {
  switch (body.kind) {
    case 'said':
      return [body];
    case 'if':
      return [...endsOf(body.met), ...(body.otherwise ? endsOf(body.otherwise) : [])];
    case 'law':
      return [...endsOf(body.of), ...endsOf(body.by)];
  }
}

/** Whether it is written what is done, and not left to be the deletion. */
export function saysAction(body: Body): boolean {
  return endsOf(body).some(({ action }) => action !== undefined);
}

export function mapEnds(body: Body, change: (end: Said) => Said): Body {
  switch (body.kind) {
    case 'said':
      return change(body);
    case 'if': {
      const met = mapEnds(body.met, change);
      return { ...body, met, ...(body.otherwise && { otherwise: mapEnds(body.otherwise, change) }) };
    }
    case 'law':
      return { ...body, of: mapEnds(body.of, change), by: mapEnds(body.by, change) };
  }
}

/** Of a bound that is not there, a suffix that adds one makes it. */
export function changed(stream: TokenStream, end: Said, suffix: Suffix): Said {
  const { notBefore, notAfter } = end;
  switch (suffix.kind) {
    case 'suspended':
      return {
        ...end,
        ...(notBefore && { notBefore: suffix.change(notBefore) }),
        ...(notAfter && { notAfter: suffix.change(notAfter) }),
      };
    case 'run': {
      if (notAfter !== undefined) {
        const message =
          'a maximum cannot wait for a run or an end that comes later; write "30 days after X, at the next monthly run" if it is done at the run after the period, or "by the next monthly run after X" if that run is the latest';
        stream.fail('RULE_AMBIGUOUS', message, suffix.at);
      }
      return { ...end, ...(notBefore && { notBefore: suffix.change(notBefore) }) };
    }
    case 'minimum':
      return { ...end, notBefore: notBefore === undefined ? suffix.of : both('later', notBefore, suffix.of) };
    case 'maximum':
      return {
        ...end,
        form: 'word',
        notAfter: notAfter === undefined ? suffix.of : both('earlier', notAfter, suffix.of),
      };
  }
}

/** A branch that keeps, does not apply or cannot be computed: it is the same for every bound and every action. */
function isAlways({ form, notBefore }: Said): boolean {
  if (form !== 'bare' || notBefore === undefined) return false;
  if (notBefore.kind === 'not-computable')
    return notBefore.fallback === undefined || notBefore.fallback.kind === 'never';
  return notBefore.kind === 'never' || notBefore.kind === 'not-applicable';
}

/** "within 3 years after X if A, otherwise 5 years after Y": the word counts for both periods. Otherwise a bare period is a minimum. */
function withBounds(stream: TokenStream, body: Body): Body {
  const laws = new Set(endsOfLaws(body));
  const own = endsOf(body).filter((end) => !laws.has(end) && !isAlways(end));
  const maxima = own.filter(({ notAfter }) => notAfter !== undefined);
  return mapEnds(body, (end) => {
    const { notBefore, ...rest } = end;
    if (!own.includes(end) || maxima.length === 0 || !isPlain(end)) return end;
    const before = own.slice(0, own.indexOf(end));
    const spreads = maxima.every((other) => before.includes(other) && isPureMaximum(other));
    const clear = before.every((other) => maxima.includes(other) || isPlain(other));
    if (spreads && clear && notBefore?.kind === 'after') return { ...rest, notAfter: notBefore };
    const message =
      'it is not clear whether this branch is a minimum or a maximum; write "at least …" or "until …" if nothing happens before that, and "within …" or "by …" if it has to happen before that';
    return stream.fail('RULE_AMBIGUOUS', message, end.at);
  });
}

function isPlain({ form, verb }: Said): boolean {
  return form === 'bare' && verb === undefined;
}

function isPureMaximum({ form, notBefore }: Said): boolean {
  return form === 'spreads' && notBefore === undefined;
}

function endsOfLaws(body: Body): readonly Said[] {
  switch (body.kind) {
    case 'said':
      return [];
    case 'if':
      return [...endsOfLaws(body.met), ...(body.otherwise ? endsOfLaws(body.otherwise) : [])];
    case 'law':
      return [...endsOfLaws(body.of), ...endsOf(body.by)];
  }
}

/** A branch without an action has that of the branches before it: "anonymise … if A, otherwise 5 years after Y". */
function withActions(stream: TokenStream, body: Body): Body {
  const before = new Set<StageAction>();
  const assigned = assign(stream, body, before);
  const ends = endsOf(assigned).filter((end) => !isAlways(end));
  const other = ends.find(({ action = 'delete', or }) => action !== 'delete' || or !== undefined);
  const unsaid = ends.find(({ action }) => action === undefined);
  if (other?.action !== undefined && unsaid !== undefined) {
    const said = printAction({ action: other.action, ...(other.or && { or: other.or }) });
    const such = other.action === 'delete' ? `"${said} …"` : `"${said} …" or "delete …"`;
    const message = `it is not clear what is done in this branch; write its action, such as ${such}`;
    stream.fail('RULE_AMBIGUOUS', message, unsaid.at);
  }
  return assigned;
}

function assign(stream: TokenStream, body: Body, before: Set<StageAction>): Body {
  switch (body.kind) {
    case 'said': {
      if (body.action !== undefined && !isAlways(body)) before.add(body.action);
      if (body.action !== undefined || body.verb === 'keep' || isAlways(body)) return body;
      const [only, another] = before;
      if (another !== undefined) {
        const message = `it is not clear what is done in this branch; write its action, such as "${only} …" or "${another} …"`;
        stream.fail('RULE_AMBIGUOUS', message, body.at);
      }
      return only === undefined ? body : { ...body, action: only };
    }
    case 'if': {
      const met = assign(stream, body.met, before);
      return { ...body, met, ...(body.otherwise && { otherwise: assign(stream, body.otherwise, before) }) };
    }
    case 'law': {
      const of = assign(stream, body.of, before);
      const own = new Set(endsOf(of).flatMap(({ action }) => action ?? []));
      for (const { action, at } of endsOf(body.by)) {
        if (action === undefined || own.size === 0 || own.has(action)) continue;
        const message = `the law has another action than the rule; write a stage of its own for "${action}"`;
        stream.fail('RULE_INCONSISTENT', message, at);
      }
      return { ...body, of, by: assign(stream, oneBound(stream, body.by), own.size === 0 ? before : own) };
    }
  }
}

/** A law with a minimum in one case and a maximum in another would leave open which of them replaces what. */
function oneBound(stream: TokenStream, by: Body): Body {
  const [first, ...others] = endsOf(by).filter((end) => !isAlways(end));
  for (const other of others) {
    const same = (side: Side): boolean => (first?.[side] === undefined) === (other[side] === undefined);
    if (same('notBefore') && same('notAfter')) continue;
    const message =
      'the law has a minimum in one case and a maximum in another; write a rule with its source for each case';
    stream.fail('RULE_INCONSISTENT', message, other.at);
  }
  return by;
}

/** `anonymise if A, …`: what is said in front of the condition is done in the first branch, so that cannot say another action. */
export function refuseOther(stream: TokenStream, doing: Doing, end: Said): void {
  const said = end.verb === 'keep' ? 'delete' : end.action;
  if (said === undefined || (said === doing.action && end.or === doing.or)) return;
  const message = `"${printAction(doing)}" in front of the condition says what is done, and this branch says something else; leave one of them out`;
  stream.fail('RULE_INCONSISTENT', message, end.at);
}

export type Doing = Required<Pick<Said, 'action' | 'verb'>> & Pick<Said, 'or'>;

/** `X if A, otherwise Y, unless "law" requires Z` */
export function refuseLawOfAll(stream: TokenStream, met: Body, otherwise: Body): void {
  if (otherwise.kind !== 'law' || otherwise.comma === undefined || met.kind === 'law') return;
  const message =
    'it is not clear whether the law is about this branch or about all of them; leave out the comma if it is about this one, or use parentheses, such as (X if A, otherwise Y) unless "law" requires Z';
  stream.fail('RULE_AMBIGUOUS', message, otherwise.comma);
}
