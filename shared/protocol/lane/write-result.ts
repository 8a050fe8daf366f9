import { yearOf } from '../../domain/calendar/utc-time.ts';
import { present } from '../../domain/present.ts';
import type { AttemptResult, ResultLine } from '../../domain/record/work.ts';
import type { Entry } from '../../domain/record/entry.ts';
import type { LaneCore } from '../core.ts';
import { linkLines, type LinkedLine, sealLines, type YearLine } from '../entry-links.ts';
import { factsOf, policiesOf } from '../plan-of.ts';
import { packPage } from '../pages/pack-page.ts';
import type { Begun } from './begin.ts';
import { entryOf } from './entry-of.ts';
import { withinBounds } from './entry-size.ts';
import { recoveryDays } from './recovery-days.ts';
import { actedOnOf, type Told } from './told.ts';

interface Written {
  readonly entries: readonly Entry[];
  readonly lines: readonly LinkedLine[];
}

/**
 * Step 10: what this attempt came to, in one item that is put if absent; before it, the note that it is to be sealed.
 * `void`: this attempt was taken over, and has no result. Nothing to say: nothing is written.
 */
export async function writeResult(
  core: LaneCore,
  begun: Begun,
  told: readonly Told[],
): Promise<Written | 'void'> {
  const { chunk, work } = begun;
  const { token, until } = work;
  const days = await recoveryDays(core, begun, told);
  const all = await Promise.all(
    told.map(async (one) => {
      const packed = await packPage(core, one);
      const entryPage = packed?.page;
      const entry = await entryOf(core, chunk, work, {
        ...one,
        ...present({ entryPage, recoveryDays: days }),
      });
      return { one, entry: entry && withinBounds(entry), list: entry && packed?.list };
    }),
  );
  const drafts = all.filter(({ one, entry }) => entry !== undefined || !isUnsaid(one));
  if (drafts.length === 0) return { entries: [], lines: [] };
  const entries = drafts.flatMap(({ entry }) => (entry === undefined ? [] : [entry])).toSorted(byReference);
  const lines = drafts.map(({ one, entry }): YearLine => {
    const line = lineOf(core, one, entry === undefined ? undefined : entries.indexOf(entry));
    const kept = one.outcome === 'deleted' ? present({ recoveryDays: days }) : {};
    return { year: yearOf(one.holding.registeredAt), line: { ...line, ...kept } };
  });
  const lists = drafts.flatMap(({ list }) => (list === undefined ? [] : [[list.root, list.list] as const]));
  const result: AttemptResult = {
    token,
    store: core.lane,
    entries,
    lines: await sealLines(core.keys, token, lines),
    ...(lists.length > 0 && { lists: Object.fromEntries(lists) }),
  };
  if (entries.length > 0) await core.registry.putToBeSealed({ token, putAt: core.clock.now(), until });
  if ((await core.registry.putResult(result)) === 'void') return 'void';
  if (entries.length > 0) await core.queues.toSeal({ kind: 'seal' });
  return { entries, lines: await linkLines(core.keys, token, lines) };
}

/** A look that failed, and was told of before, leaves nothing: failures must not grow with their number. */
function isUnsaid({ outcome, actedAt }: Told): boolean {
  return outcome === 'failed' && actedAt === undefined;
}

function byReference(a: Entry, b: Entry): number {
  return a.holding < b.holding ? -1 : a.holding > b.holding ? 1 : 0;
}

function lineOf(core: LaneCore, told: Told, entry: number | undefined): ResultLine {
  return {
    ...actedOnOf(told),
    outcome: told.outcome,
    at: told.at,
    facts: told.planned === undefined ? '' : factsOf(told.planned),
    policies: policiesOf(core, told, told.at),
    ...present({ entry, hold: told.hold, until: told.until, code: told.code }),
    ...endOfPage(told),
  };
}

function endOfPage({ page }: Told): Pick<ResultLine, 'more' | 'kept'> {
  if (page === undefined || page.ending === 'ended') return {};
  return page.ending === 'kept' ? { kept: page.kept } : { more: true };
}

/**
 * Step 8: how many of these fit into a result for certain. Counted uncompressed, which is more than is stored. An entry
 * has about 600 bytes, and 60 for each subject.
 */
export function fitting<Item extends Sized>(items: readonly Item[], budget: number): readonly Item[] {
  let left = budget;
  const fit: Item[] = [];
  for (const item of items) {
    left -= sizeOf(item);
    if (left < 0 && fit.length > 0) break;
    fit.push(item);
  }
  return fit;
}

/** Of a request, with the sealed place where a vendor tells what came of it, which is sealed again with its line. */
const MOST_ASKED_BYTES = 2600;

/** `rows`: a collection's records that may come into its list. */
type Sized = Pick<Told, 'holding' | 'planned' | 'records' | 'page' | 'asked'> & { readonly rows?: number };

/** Of records whose answer may be lost, the sealed locators come into a line, which is sealed again. */
export function sizeOf({
  holding,
  planned,
  records = '',
  page,
  asked,
  rows = page?.done.length ?? 0,
}: Sized): number {
  const subjects = new Set(holding.variants.flatMap(({ entities }) => entities.map(({ ref }) => ref))).size;
  const texts = JSON.stringify([
    planned?.ruleText,
    planned?.part,
    planned?.facts,
    planned?.located,
    planned?.policy,
    holding.variants.map(({ categories }) => categories),
  ]);
  const ofPage = rows * 25 + Math.ceil(records.length * 1.4);
  return (
    900 + subjects * 60 + Buffer.byteLength(texts) + ofPage + (asked === undefined ? 0 : MOST_ASKED_BYTES)
  );
}
