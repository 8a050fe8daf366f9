import type { Interval, Moment, Suspension } from './ast.ts';
import { deeper } from './parse-context.ts';
import type { ParseContext } from './parse-context.ts';
import { eventName } from './parse-name.ts';
import { runIn, startsRun } from './parse-unit.ts';

export type Suffix = (moment: Moment, refuse: () => never) => Moment;

/** `held from A until B`, `paused from A until B`, `at the next run on 09-01`: it may concern several moments at once. */
export function suffixBehind(context: ParseContext): Suffix | undefined {
  const { stream } = context;
  const comma = stream.peek().kind === 'mark' && stream.peek().text === ',' ? 1 : 0;
  const word = stream.word(comma);
  if (word === 'held' || word === 'paused') {
    if (comma === 1) stream.takeMark(',');
    deeper(context);
    const { how, intervals } = suspension(context);
    return (of, refuse) =>
      how === 'restarted' && of.kind !== 'after' ? refuse() : { kind: 'suspended', how, of, intervals };
  }
  if (word === 'suspended') {
    const message =
      '"suspended" does not say what its end does; write "held from A until B" (the date waits for the end), "paused from A until B" (that time does not count) or "held from A until B, then restarted" (the period begins again)';
    return stream.fail('RULE_AMBIGUOUS', message, stream.peek(comma));
  }
  if (word === 'but' && stream.word(comma + 1) === 'not' && stream.word(comma + 2) === 'before') {
    if (comma === 1) stream.takeMark(',');
    stream.take('but', 'not', 'before');
    deeper(context);
    const other = context.read.operand(context);
    return (of) => ({ kind: 'later', of: [of, other].map((moment) => ({ moment, optional: false })) });
  }
  const onNext = (word === 'at' || word === 'on') && stream.word(comma + 1) === 'the';
  if (!onNext || stream.word(comma + 2) !== 'next') return undefined;
  if (comma === 1) stream.takeMark(',');
  for (let skipped = 0; skipped < 3; skipped++) stream.next();
  if (!startsRun(stream)) stream.unexpected('"run", such as "at the next run on 09-01"', ['run']);
  deeper(context);
  const run = runIn(stream);
  return (of) => ({ kind: 'run', ...run, of });
}

function suspension(context: ParseContext): { how: Suspension; intervals: Interval[] } {
  const { stream } = context;
  const word = stream.next().text.toLowerCase();
  const intervals: Interval[] = [];
  do {
    const between = stream.take('between');
    if (!between) stream.expect('from', `behind "${word}", and the event that begins it`);
    const from = eventName(context);
    if (between) stream.expect('and', 'and the event that ends it');
    else if (!stream.take('to')) stream.expect('until', 'and the event that ends it');
    intervals.push({ from, until: eventName(context) });
  } while (['from', 'between'].includes(stream.word(1)) && stream.take('or'));
  const how = word === 'paused' ? 'paused' : 'held';
  let ahead = stream.peek().kind === 'mark' && stream.peek().text === ',' ? 1 : 0;
  for (const skipped of ['and', 'then']) if (stream.word(ahead) === skipped) ahead += 1;
  const wanted = how === 'held' ? 'restarted' : 'resumed';
  if (stream.word(ahead) !== wanted) return { how, intervals };
  for (let skipped = 0; skipped <= ahead; skipped++) stream.next();
  return { how: how === 'held' ? 'restarted' : 'paused', intervals };
}
