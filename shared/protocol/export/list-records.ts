import { PART_RECORDS, PARTS_AT_ONCE } from '../../domain/export/export-part.ts';
import type { ExportState } from '../../domain/export/export-state.ts';
import { own } from '../../domain/own.ts';
import { isInScope } from '../../domain/people/in-copy.ts';
import type { EntityRef, HoldingRef, Instant } from '../../domain/record/ids.ts';
import { setDamagedAside } from '../damaged.ts';
import { seconds } from '../seconds.ts';
import { type Advanced, beginExport, type ExportCore, type Exporting, saved } from './export-core.ts';
import { partsFrom } from './parts-from.ts';
import { ringParts } from './ring-parts.ts';

const PARTS_KEPT = 30 * 86_400_000;

/**
 * Divides the person's records into parts: at most 100 of one store each, and each collection by itself. One run at a time does this, and saves when it
 * hands over to the next one. A run that died may have left parts that no one knows of: so the next one begins again,
 * under a new id.
 */
export async function listRecords(
  core: ExportCore,
  exporting: Exporting,
  goOn: () => boolean,
): Promise<Advanced> {
  const { listedAt } = exporting.state;
  if (listedAt !== undefined)
    return isOver(core, listedAt) ? beginExport(core, exporting.request) : { kind: 'stop' };
  const claimed = await saved(core, exporting.request, { ...exporting.state, listedAt: core.clock.now() });
  if (claimed.kind !== 'on') return claimed;
  const { request, state } = claimed.exporting;
  const parts = partsOf(core, claimed.exporting);
  const listed = await listedBefore(core, state);
  let [index, after] = placeOf(state);
  let canBeTold = true;
  while (canBeTold && index < state.reached.length && goOn()) {
    const entity = state.reached[index] as EntityRef;
    const page = await core.registry.pointers(entity, after);
    const found = await foundOn(core, claimed.exporting, page.items);
    if (found === 'damaged') canBeTold = false;
    else {
      for (const one of found) {
        if (listed.has(one.ref)) continue;
        listed.add(one.ref);
        await parts.add(one);
      }
      [index, after] = page.next === undefined ? [index + 1, undefined] : [index, page.next];
    }
  }
  const counts = await parts.end();
  const { listedAt: _, place: _place, ...rest } = state;
  if (index < state.reached.length) {
    const place = `${index} ${after ?? ''}`;
    const handed = await saved(core, request, { ...rest, parts: counts, place });
    return handed.kind === 'on' ? { kind: canBeTold ? 'more' : 'stop' } : handed;
  }
  const reading = await saved(core, request, {
    ...rest,
    step: 'reading',
    parts: counts,
    read: {},
    askedAt: Object.fromEntries(Object.keys(counts).map((store) => [store, core.clock.now()])),
  });
  if (reading.kind === 'on') await ringParts(core, reading.exporting, firstOf(counts));
  return reading;
}

function firstOf(counts: Readonly<Record<string, number>>): ReadonlyMap<string, readonly number[]> {
  return new Map(
    Object.entries(counts).map(([store, count]) => [
      store,
      Array.from({ length: Math.min(count, PARTS_AT_ONCE) }, (_, n) => n + 1),
    ]),
  );
}

/** No run lasts longer, on any clock. */
function isOver({ clock, configuration: { timing } }: ExportCore, since: Instant): boolean {
  return clock.now() > since + seconds(timing.lease) + 2 * seconds(timing.clockTolerance);
}

/** Which entity that it reaches, by its number, and the page of its records. */
function placeOf({ place = '0 ' }: ExportState): [number, string | undefined] {
  const space = place.indexOf(' ');
  const after = place.slice(space + 1);
  return [Number(place.slice(0, space)), after === '' ? undefined : after];
}

interface Listed {
  readonly store: string;
  readonly ref: HoldingRef;
  readonly isCollection: boolean;
}

/** `damaged`: of one of these records not even the store can be told. It has to be restored before the copy is whole. */
async function foundOn(
  core: ExportCore,
  { request, state }: Exporting,
  refs: readonly HoldingRef[],
): Promise<readonly Listed[] | 'damaged'> {
  const { holdings, damaged } = await core.registry.readHoldings(refs);
  await setDamagedAside(core, damaged);
  const lost = damaged.filter(({ store }) => store === undefined);
  if (lost.length > 0) {
    core.report('export.unread', { code: lost[0]?.code ?? '', count: lost.length });
    return 'damaged';
  }
  const asked = { request, reached: state.reached };
  const listed = [...holdings.values()].filter(
    (holding) => holding.state !== 'disposed' && holding.state !== 'withdrawn' && isInScope(holding, asked),
  );
  return [
    ...listed.map(({ store, ref, collection }) => ({ store, ref, isCollection: collection !== undefined })),
    ...damaged.map(({ store = '', ref }) => ({ store, ref, isCollection: false })),
  ];
}

/**
 * What former runs have listed: a record that names several of the entities is listed where it is found first, also if somebody
 * registers or withdraws it meanwhile.
 */
async function listedBefore(core: ExportCore, state: ExportState): Promise<Set<HoldingRef>> {
  const refs = new Set<HoldingRef>();
  if (state.reached.length === 1) return refs;
  for (const store of Object.keys(state.parts))
    for await (const part of partsFrom(core, state, store)) for (const ref of part?.refs ?? []) refs.add(ref);
  return refs;
}

/** Collects records by store, and puts a part for every hundred, and for each collection. */
function partsOf(core: ExportCore, { request, state }: Exporting) {
  const counts: Record<string, number> = { ...state.parts };
  const open = new Map<string, HoldingRef[]>();
  const expires = Math.ceil((core.clock.now() + PARTS_KEPT) / 1000) * 1000;

  async function put(store: string, refs: readonly HoldingRef[], isCollection = false): Promise<void> {
    const number = (counts[store] ?? 0) + 1;
    counts[store] = number;
    // A store that is not configured any more has no lane that could read it.
    const isKnown = own(core.configuration.stores, store) !== undefined;
    const part = {
      store,
      request: request.ref,
      number,
      version: 1,
      exportId: state.id,
      refs,
      files: [],
      expires,
    };
    const written = await core.registry.putExportPart({
      ...part,
      done: isKnown ? 0 : refs.length,
      leftOut: isKnown ? [] : [{ categories: [], reason: 'broken', records: refs.length }],
      ...(isCollection && isKnown && { collection: { pages: 0, records: 0, dataFiles: 0 } }),
    });
    // The id is this run's own until it hands over.
    if (written === 'moved') throw new Error('a part of an export was there before it was made');
  }

  return {
    async add({ store, ref, isCollection }: Listed): Promise<void> {
      if (isCollection) return put(store, [ref], true);
      const refs = [...(open.get(store) ?? []), ref];
      open.set(store, refs);
      if (refs.length < PART_RECORDS) return;
      open.delete(store);
      await put(store, refs);
    },
    /** Puts the rest. Answers how many parts each store has. */
    async end(): Promise<Readonly<Record<string, number>>> {
      for (const [store, refs] of open) await put(store, refs);
      open.clear();
      return counts;
    },
  };
}
