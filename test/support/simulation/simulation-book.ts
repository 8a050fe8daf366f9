import { holdingRef } from '../../../shared/domain/configuration/references.ts';
import type { HoldingRef } from '../../../shared/domain/record/ids.ts';
import type { Applied, Mark, Settled } from './simulation-journal.ts';
import type { SentEvent, SentMessage, SentRegistration, SentWithdrawal } from './simulation-messages.ts';
import type { Action } from './simulation-oracle.ts';
import type { Script } from './simulation-producers.ts';
import type { Simulation } from './simulation.ts';

const HOUR = 3_600_000;
/** An application may take that long to write what it registered: until then `gone` means nothing. */
export const WRITE_LAG = HOUR;

/** A registration or withdrawal, and when and as which version it took effect. */
export interface Entered extends Applied {
  readonly said: SentRegistration | SentWithdrawal;
}

/** What was said of each holding and entity, and when it took effect. */
export interface Book {
  readonly places: ReadonlyMap<HoldingRef, string>;
  readonly refs: ReadonlyMap<string, HoldingRef>;
  readonly entered: ReadonlyMap<HoldingRef, readonly Entered[]>;
  readonly settled: ReadonlyMap<HoldingRef, readonly Settled[]>;
  readonly events: ReadonlyMap<string, readonly SentEvent[]>;
}

export async function bookOf({ journal, keys }: Simulation, { messages }: Script): Promise<Book> {
  const key = await keys.registryKey();
  const refs = new Map<string, HoldingRef>();
  for (const said of messages.values()) {
    if (!('place' in said)) continue;
    const [store = '', ...locator] = said.place.split('|');
    refs.set(said.place, holdingRef(key, store, locator.join('|')));
  }
  const places = new Map([...refs].map(([place, ref]) => [ref, place]));
  const entered = new Map(
    // Not of collections: nothing registers them.
    [...journal.applied]
      .filter(([ref]) => places.has(ref))
      .map(([ref, all]) => [ref, all.map((one) => ({ ...one, said: saidAs(messages, one.id) }))]),
  );
  const told = [...messages.values()].filter((message) => 'entity' in message);
  return {
    refs,
    places,
    entered,
    settled: journal.settled,
    events: Map.groupBy(told, ({ entity }) => entity),
  };
}

function saidAs(messages: ReadonlyMap<string, SentMessage>, id: string): Entered['said'] {
  const said = messages.get(id);
  if (said === undefined || !('place' in said)) throw new Error(`no registration was sent as ${id}`);
  return said;
}

export interface Registered extends Entered {
  readonly said: SentRegistration;
}

/**
 * What is registered just before `order`: what no withdrawal that was sent later took back, and no deletion that knew
 * it disposed of. Says nothing of generations.
 */
export function registeredAt(book: Book, ref: HoldingRef, order: number, version = Infinity): Registered[] {
  const known = (book.entered.get(ref) ?? []).filter((one) => one.order < order && one.version <= version);
  const deletions = (book.settled.get(ref) ?? []).filter(
    (one) => one.order < order && one.line.stage === 'delete',
  );
  return known.flatMap((one) => {
    const { said } = one;
    if (said.kind !== 'registration') return [];
    const takenBack = known.some(
      ({ said: other }) =>
        other.kind === 'withdrawal' && other.producer === said.producer && other.sent > said.sent,
    );
    const isGone = deletions.some((deletion) => knew(deletion, one));
    return takenBack || isGone ? [] : [{ ...one, said }];
  });
}

/** What an outcome counts for: what was folded into the version decided on, and surely written when it was looked at. */
export function knew({ line }: Settled, { version, received }: Applied): boolean {
  return version <= line.version && line.lookedAt >= received + WRITE_LAG;
}

/** Stages that were carried out on all that is registered now. */
export function settledOn(
  book: Book,
  ref: HoldingRef,
  registered: readonly Registered[],
  order: number,
): readonly Settled[] {
  return (book.settled.get(ref) ?? []).filter(
    (one) => one.order < order && registered.every((each) => isCarriedOutOn(one, each, registered)),
  );
}

/** New content is not; the same content once more is, unless it came while the attempt was at work. */
function isCarriedOutOn(done: Settled, one: Registered, registered: readonly Registered[]): boolean {
  if (knew(done, one)) return true;
  if (one.version <= done.version) return false;
  return registered.some((other) => contentOf(other.said) === contentOf(one.said) && knew(done, other));
}

export function contentOf(said: SentRegistration): string {
  const { producer, categories, entities, zone = '', jurisdiction = '' } = said;
  return JSON.stringify([producer, categories.toSorted(), entities.toSorted(), zone, jurisdiction]);
}

export function eventsOf(book: Book, registered: readonly Registered[]): SentEvent[] {
  const entities = new Set(registered.flatMap(({ said }) => said.entities));
  return [...entities].flatMap((entity) => book.events.get(entity) ?? []);
}

export function saidOf(registered: readonly Registered[]): SentRegistration[] {
  return registered.map(({ said }) => said);
}

export function stageOf({ line }: Settled): Action {
  return line.stage as Action;
}

export function isBefore(mark: Mark | undefined, order: number): boolean {
  return (mark?.order ?? Infinity) < order;
}
