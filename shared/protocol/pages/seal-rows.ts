import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { dayId } from '../../domain/calendar/utc-time.ts';
import { present } from '../../domain/present.ts';
import type { Holding } from '../../domain/record/holding.ts';
import type { PageProgress } from '../../domain/record/work.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';
import { codeOf } from '../../domain/error-code.ts';
import type { Locator } from '../../ports/store.ts';
import type { LaneCore } from '../core.ts';
import { packLocators, unpackLocators } from './pack-locators.ts';
import type { PageTodo } from './page-todo.ts';
import type { Pass } from './pass.ts';

/*
 * What a chunk and a work record remember of a collection's records has their locators in it, so it is sealed like the
 * locators of holdings. It is compressed first: each write costs by the size.
 */

type Sealing = Pick<LaneCore, 'keys' | 'clock'>;
type Whose = Pick<Holding, 'ref' | 'store'>;

/** They come back in another order. */
export function sealRows(core: Sealing, whose: Whose, locators: readonly Locator[]): Promise<string> {
  return sealed(core, whose, 'rows', packLocators(locators));
}

/** `undefined`: it cannot be opened, ever. Throws where the key service does not answer. */
export async function openRows(
  core: Sealing,
  whose: Whose,
  text: string,
): Promise<readonly Locator[] | undefined> {
  return unpackLocators(await opened(core, whose, 'rows', text));
}

/** With the locators of what is acted on: a take-over reads back exactly these. */
export function withSealedRows(core: Sealing, pages: readonly PageTodo[]): Promise<readonly PageTodo[]> {
  return Promise.all(
    pages.map(async (page) => {
      const locators = page.slices.flatMap(({ rows }) => rows.map(({ locator }) => locator));
      if (locators.length === 0) return page;
      return { ...page, records: await sealRows(core, page.holding, locators) };
    }),
  );
}

type Unsealed = Pass & Pick<PageProgress, 'notBefore'>;

/** How far the passes have come, as the chunk remembers it. */
export async function sealedProgress(
  core: Sealing & Pick<LaneCore, 'lane'>,
  passes: readonly (readonly [HoldingRef, Unsealed])[],
): Promise<ReadonlyMap<HoldingRef, PageProgress>> {
  const all = new Map<HoldingRef, PageProgress>();
  for (const [ref, { at, ...pass }] of passes) {
    const after = at === undefined ? undefined : await sealed(core, { ref, store: core.lane }, pass.of, at);
    all.set(ref, { ...pass, ...present({ after }) });
  }
  return all;
}

/** Where its position does not open, the pass has to begin again: `undefined`. */
export async function openPass(
  core: Sealing,
  whose: Whose,
  { after, notBefore: _notBefore, ...pass }: PageProgress,
): Promise<Pass | undefined> {
  if (after === undefined) return pass;
  const at = await opened(core, whose, pass.of, after);
  return typeof at === 'string' ? { ...pass, at } : undefined;
}

export function sealed(
  { keys, clock }: Sealing,
  { ref, store }: Whose,
  what: string,
  value: unknown,
): Promise<string> {
  const bytes = deflateRawSync(JSON.stringify(value));
  return keys.encrypt({ scope: store, context: contextOf(ref, what) }, dayId(clock.now()), bytes);
}

/** `undefined`: it cannot be opened, ever. */
export async function opened(
  { keys }: Sealing,
  { ref, store }: Whose,
  what: string,
  text: string,
): Promise<unknown> {
  let bytes: Uint8Array;
  try {
    bytes = await keys.decrypt({ scope: store, context: contextOf(ref, what) }, text);
  } catch (error) {
    if (codeOf(error) === 'CIPHERTEXT_BROKEN') return undefined;
    throw error;
  }
  try {
    return JSON.parse(inflateRawSync(bytes).toString('utf8'));
  } catch {
    // What it says instead may be personal, and the errors quote it.
    return undefined;
  }
}

function contextOf(ref: string, what: string): string {
  return JSON.stringify([ref, what]);
}
