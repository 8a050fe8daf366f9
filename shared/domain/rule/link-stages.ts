import type {
  Moment,
  NameUse,
  Placeholder,
  Position,
  RuleErrorCode,
  Stage,
  StageReference,
  UnlinkedMoment,
  UnlinkedStage,
  WantedStage,
} from './ast.ts';
import { LONGEST_RULE } from './lexer.ts';
import type { Token } from './lexer.ts';
import { mapMoment, mapStage, UNCHANGED } from './map.ts';
import type { Mapping } from './map.ts';
import { printRule } from './print.ts';
import { DEEPEST } from './reading.ts';
import { RuleProblem } from './token-stream.ts';
import type { TokenStream } from './token-stream.ts';
import { isKeyword, STAGE_NOUNS } from './words.ts';
import { childrenOf, momentsOf } from './walk.ts';

/** More moments than any sentence names, even one that refers to its own stages. */
const MOST_MOMENTS = 1000;

interface Linked {
  readonly stages: readonly Stage[];
  /** Nouns such as `deletion` that mean an event, because no stage does that. */
  readonly uses: readonly NameUse[];
}

/** The same stages with a moment in the place of each reference. `end` is where the text of the rule ends. */
export function linkStages(stages: readonly UnlinkedStage[], end: Position): Linked {
  const linked = new Map<UnlinkedStage, Stage>();
  const uses: NameUse[] = [];
  const link = (stage: UnlinkedStage, waiting: readonly UnlinkedStage[]): Stage => {
    const known = linked.get(stage);
    if (known !== undefined) return known;
    const result = linkedStage(stage, (reference) => {
      const target = targetOf(reference, stage, stages);
      if ('noun' in target) {
        uses.push({ kind: 'event', name: target.noun, ...reference.position });
        return { kind: 'event', name: target.noun, pick: 'last' };
      }
      if (target === stage || waiting.includes(target))
        fail(
          'RULE_INCONSISTENT',
          'these stages are counted from each other; count one of them from an event',
          reference.position,
        );
      return momentOf(link(target, [...waiting, stage]), reference);
    });
    linked.set(stage, result);
    return result;
  };
  const result = stages.map((stage) => link(stage, []));
  if (stages.some((stage) => referencesIn(stage).length > 0)) checkSize(result, end);
  return { stages: result, uses };
}

/** Settles each reference once, in the order of the text, so that the first mistake is the one that is reported. */
function linkedStage(stage: UnlinkedStage, momentFor: (reference: StageReference) => Moment): Stage {
  const moments = new Map<Placeholder, Moment>();
  for (const reference of referencesIn(stage)) moments.set(reference, momentFor(reference));
  const mapping: Mapping<Placeholder> = {
    ...UNCHANGED,
    placeholder(open) {
      switch (open.kind) {
        case 'latest':
          return mapMoment(open.of, mapping);
        case 'stage':
          return moments.get(open) ?? momentFor(open);
      }
    },
  };
  return mapStage(stage, mapping);
}

/** In the order of the text. */
export function referencesIn({ notBefore, notAfter }: UnlinkedStage): StageReference[] {
  const all = [notBefore, notAfter].flatMap((bound) => (bound ? [...momentsOf(bound)] : []));
  const references = all.filter((moment) => moment.kind === 'stage');
  return [...new Set(references)].toSorted((a, b) => a.position.offset - b.position.offset);
}

/** The stage that is meant, or the noun if no stage is meant. */
function targetOf(
  { wanted, position }: StageReference,
  stage: UnlinkedStage,
  stages: readonly UnlinkedStage[],
): UnlinkedStage | { readonly noun: string } {
  const refuse = (message: string): never => fail('RULE_NAME_UNKNOWN', message, position);
  const at = stages.indexOf(stage);
  const others = stages.filter((other) => other !== stage);
  switch (wanted.kind) {
    case 'previous':
    case 'start':
      return stages[at - 1] ?? refuse('there is no stage before this one; name the event instead');
    case 'next':
      return stages[at + 1] ?? refuse('there is no stage after this one; name the event instead');
    case 'label':
      return (
        others.find(({ label }) => label === wanted.label) ??
        refuse(`no other stage is called "${wanted.label}"`)
      );
    case 'action': {
      const [found, another] = others.filter(({ action }) => action === wanted.action);
      if (another !== undefined)
        refuse(
          `more than one stage has the action "${wanted.action}"; give them names, and write "stage" and the name`,
        );
      return found ?? { noun: wanted.noun };
    }
  }
}

function momentOf({ notBefore, notAfter, repeats }: Stage, { wanted, position }: StageReference): Moment {
  if (repeats && wanted.kind !== 'start') {
    const message = 'the stage it refers to is repeated; name the event instead';
    return fail('RULE_AMBIGUOUS', message, position);
  }
  const moment = notBefore ?? notAfter;
  if (moment === undefined || (notBefore !== undefined && notAfter !== undefined)) {
    const message = 'the stage it refers to has two bounds; say which one to count from';
    return fail('RULE_AMBIGUOUS', message, position);
  }
  if (wanted.kind !== 'start') return moment;
  const start = startOf(moment);
  if (start !== 'none') return start;
  const message = 'the previous stage has no start that this one can share; name the event instead';
  return fail('RULE_INCONSISTENT', message, position);
}

/** What the period of a stage is counted from, also when the stage is held or waits for a run. */
function startOf(moment: Moment): Moment | 'none' {
  switch (moment.kind) {
    case 'after':
      return moment.start;
    case 'suspended':
    case 'run':
      return startOf(moment.of);
    case 'event':
    case 'date':
    case 'date-in':
    case 'before':
    case 'end-of':
    case 'last-day-of':
    case 'next-day':
    case 'weekday-of':
    case 'nth':
    case 'birthday':
    case 'later':
    case 'earlier':
    case 'if':
    case 'override':
    case 'not-applicable':
    case 'never':
    case 'not-computable':
      return 'none';
  }
}

/** The rule has to keep to the limits also with its references written out. */
function checkSize(stages: readonly Stage[], end: Position): void {
  let left = MOST_MOMENTS;
  const visit = (moment: Moment, depth: number): void => {
    left -= 1;
    if (left < 0 || depth > DEEPEST / 2)
      fail('RULE_TOO_DEEP', 'too many stages are counted from each other; count them from the event', end);
    for (const child of childrenOf(moment)) visit(child, depth + 1);
  };
  for (const { notBefore, notAfter } of stages) {
    if (notBefore) visit(notBefore, 0);
    if (notAfter) visit(notAfter, 0);
  }
  if (printRule({ stages }).length > LONGEST_RULE)
    fail(
      'RULE_TOO_LONG',
      'the rule is too long once the stages that it refers to are written out; count them from the event',
      end,
    );
}

function fail(code: RuleErrorCode, message: string, position: Position): never {
  throw new RuleProblem({ code, message, ...position });
}

/** `the previous stage`, `the next stage`, `stage primary`, `that`, `the same start`, `deletion`. */
export function stageReference(stream: TokenStream): UnlinkedMoment | undefined {
  const token = stream.peek();
  if (stream.take('previous', 'stage') || stream.take('that'))
    return referTo(stream, { kind: 'previous' }, token);
  if (stream.take('next', 'stage')) return referTo(stream, { kind: 'next' }, token);
  if (stream.take('same', 'start')) return referTo(stream, { kind: 'start' }, token);
  const after = stream.peek(1);
  const alone = after.kind !== 'word' || isKeyword(after.lower) || after.lower === 'at';
  const action = STAGE_NOUNS.get(stream.word());
  if (action !== undefined && alone) {
    stream.next();
    return referTo(stream, { kind: 'action', action, noun: token.text }, token);
  }
  if (stream.word() !== 'stage' || (alone && after.kind !== 'string')) return undefined;
  stream.next();
  const label = stream.next();
  return referTo(stream, { kind: 'label', label: label.text }, label);
}

export function referTo(stream: TokenStream, wanted: WantedStage, token: Token): UnlinkedMoment {
  return { kind: 'stage', wanted, position: stream.position(token) };
}
