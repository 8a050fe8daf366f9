import type { Moment, Stage } from './ast.ts';
import { LONGEST_RULE } from './lexer.ts';
import { DEEPEST } from './parse-context.ts';
import type { Hole } from './parse-context.ts';
import { printRule } from './print.ts';
import type { TokenStream } from './token-stream.ts';
import { childrenOf } from './walk.ts';

/** More moments than a sentence names, even where it names its own stages. */
const MOST_MOMENTS = 1000;

/** Puts the moment of the stage that is meant in the place of each reference to it. */
export function linkStages(
  stream: TokenStream,
  stages: readonly Stage[],
  holes: readonly Hole[],
): readonly Stage[] {
  const filled = new Set<number>();
  const fill = (stage: number, asked: readonly number[], hole?: Hole): void => {
    if (filled.has(stage)) return;
    if (asked.includes(stage))
      stream.fail('RULE_SYNTAX', 'these stages are counted from each other; one has to begin', hole?.token);
    for (const inner of holes.filter((each) => each.stage === stage)) {
      const target = stageOf(stream, stages, inner);
      if (target === undefined) {
        Object.assign(inner.moment, inner.instead?.());
        continue;
      }
      // The start of a stage is settled as soon as the stage is read.
      if (target !== stage) fill(target, [...asked, stage], inner);
      Object.assign(inner.moment, momentOf(stream, stages, target, inner));
    }
    filled.add(stage);
  };
  for (const index of stages.keys()) fill(index, []);
  if (holes.length > 0) checkSize(stream, stages);
  return stages;
}

function stageOf(
  stream: TokenStream,
  stages: readonly Stage[],
  { wanted, stage, token }: Hole,
): number | undefined {
  const fail = (message: string): never => stream.fail('RULE_NAME_UNKNOWN', message, token);
  switch (wanted.kind) {
    case 'previous':
    case 'start':
      return stage > 0 ? stage - 1 : fail('there is no stage before this one; name the event instead');
    case 'next':
      return stage + 1 < stages.length ? stage + 1 : fail('there is no stage behind this one');
    case 'label': {
      const found = stages.findIndex(({ label }) => label === wanted.label);
      return found >= 0 && found !== stage ? found : fail(`no other stage is called "${wanted.label}"`);
    }
    case 'action': {
      const found = stages.flatMap(({ action }, index) =>
        action === wanted.action && index !== stage ? [index] : [],
      );
      if (found.length > 1)
        return fail(`several stages ${wanted.action}; give them names, and write "stage" and the name`);
      return found[0];
    }
  }
}

function momentOf(stream: TokenStream, stages: readonly Stage[], index: number, hole: Hole): Moment {
  const { notBefore, notAfter } = stages[index] ?? {};
  const moment = notBefore ?? notAfter;
  if (moment === undefined || (notBefore !== undefined && notAfter !== undefined)) {
    const message = 'the stage that is meant has two bounds; write out from which of them this is counted';
    return stream.fail('RULE_AMBIGUOUS', message, hole.token);
  }
  if (hole.wanted.kind !== 'start') return moment;
  let first: Moment = moment;
  while (first.kind === 'suspended' || first.kind === 'run') first = first.of;
  if (first.kind === 'after') return first.start;
  const message = 'the stage before has no start that this could share; name the event instead';
  return stream.fail('RULE_SYNTAX', message, hole.token);
}

/** What is written out has to be a rule by itself. */
function checkSize(stream: TokenStream, stages: readonly Stage[]): void {
  let left = MOST_MOMENTS;
  const visit = (moment: Moment, depth: number): void => {
    left -= 1;
    if (left < 0 || depth > DEEPEST / 2)
      stream.fail(
        'RULE_TOO_DEEP',
        'the stages build on each other in too many levels; count them from the event',
      );
    for (const child of childrenOf(moment)) visit(child, depth + 1);
  };
  for (const { notBefore, notAfter } of stages) {
    if (notBefore) visit(notBefore, 0);
    if (notAfter) visit(notAfter, 0);
  }
  if (printRule({ stages }).length > LONGEST_RULE)
    stream.fail(
      'RULE_TOO_LONG',
      'written out, the stages that build on each other are too long for one rule',
    );
}
