import type { Holding, Registration } from '../domain/record/holding.ts';
import type { EventRef, HoldingRef } from '../domain/record/ids.ts';
import { seconds, type Core } from './core.ts';
import { minuteUp, putHint } from './hint.ts';
import { unique } from './plan-of.ts';
import { rePlan } from './re-plan.ts';

export interface RegistrationInput {
  readonly ref: HoldingRef;
  readonly store: string;
  /** Sealed canonical locator. */
  readonly locator: string;
  readonly registration: Registration;
  /** The message that asks: the same one never makes a second generation. */
  readonly receipt: EventRef;
}

/** How many of the latest messages a holding remembers. */
const RECEIPTS = 4;

/**
 * Registers a holding, or merges into one: a hint an hour ahead, so that a registration that dies half-way is found;
 * pointers; the holding as `pending`; then its plan. Every repeat runs every step. `waiting`: a worker has claimed
 * the holding, and the message has to come again once the claim has ended. Whatever is registered only ever keeps
 * longer.
 */
export async function register(core: Core, input: RegistrationInput): Promise<'registered' | 'waiting'> {
  await earlyHint(core, input.ref);
  for (const entity of input.registration.entities) await core.registry.putPointer(entity.ref, input.ref);
  for (;;) {
    const present = await core.registry.holding(input.ref);
    if (present?.state === 'claimed') return 'waiting';
    const next = registered(present, input, core.clock.now());
    if (next === present) break;
    if (present !== undefined && next.generation > present.generation)
      await core.registry.putTombstone(present);
    if ((await core.registry.putHolding(next)) === 'written') break;
  }
  await rePlan(core, input.ref);
  return 'registered';
}

/** Always beyond the function's timeout: by then this run has surely ended. */
async function earlyHint(core: Core, ref: HoldingRef): Promise<void> {
  await putHint(
    core,
    ref,
    minuteUp(core.clock.now() + seconds(core.configuration.timing.earlyHint)),
    undefined,
  );
}

/** The holding after the registration; the same object when there is nothing to write. */
function registered(present: Holding | undefined, input: RegistrationInput, now: number): Holding {
  if (present === undefined) return first(input, 1, 1, now, [input.receipt]);
  if (cameBefore(present, input.receipt)) return present;
  const receipts = withReceipt(present, input.receipt);
  if (present.state === 'disposed' || present.state === 'withdrawn') {
    return first(input, present.version + 1, present.generation + 1, now, receipts);
  }
  return {
    ...present,
    version: present.version + 1,
    state: 'pending',
    registrations: merged(present.registrations, input.registration),
    receipts,
  };
}

/** The same message comes twice, and also after its successor: it must neither add nor take back anything again. */
function cameBefore(present: Holding, receipt: EventRef): boolean {
  return present.receipts?.includes(receipt) === true;
}

function withReceipt(present: Holding, receipt: EventRef): readonly EventRef[] {
  return [...(present.receipts ?? []), receipt].slice(-RECEIPTS);
}

function first(
  input: RegistrationInput,
  version: number,
  generation: number,
  now: number,
  receipts: readonly EventRef[],
): Holding {
  return {
    ref: input.ref,
    version,
    generation,
    state: 'pending',
    store: input.store,
    locator: input.locator,
    registeredAt: now,
    registrations: [input.registration],
    receipts,
  };
}

/** Adds to what the same producer registered with the same zone and attributes; else it is one more registration. */
function merged(present: readonly Registration[], added: Registration): readonly Registration[] {
  const index = present.findIndex((registration) => sameVariant(registration, added));
  const twin = present[index];
  if (twin === undefined) return [...present, added];
  const entities = new Map([...twin.entities, ...added.entities].map((entity) => [entity.ref, entity]));
  return present.with(index, {
    ...twin,
    categories: unique([...twin.categories, ...added.categories]),
    purposes: unique([...twin.purposes, ...added.purposes]),
    entities: [...entities.values()],
  });
}

function sameVariant(a: Registration, b: Registration): boolean {
  const names = unique([...Object.keys(a.attributes ?? {}), ...Object.keys(b.attributes ?? {})]);
  return (
    a.producer === b.producer &&
    a.zone === b.zone &&
    names.every((name) => a.attributes?.[name] === b.attributes?.[name])
  );
}

/**
 * Takes back what this producer registered. The holding ends when nothing is left; what others registered stays, and
 * is planned again. Every repeat runs every step. `unknown`: this producer has registered nothing here.
 */
export async function withdraw(
  core: Core,
  ref: HoldingRef,
  producer: string,
  receipt: EventRef,
): Promise<'withdrawn' | 'unknown' | 'waiting'> {
  await earlyHint(core, ref);
  for (;;) {
    const present = await core.registry.holding(ref);
    if (present !== undefined && cameBefore(present, receipt)) break;
    if (present === undefined || present.state === 'disposed') return 'unknown';
    const left = present.registrations.filter((registration) => registration.producer !== producer);
    if (left.length === present.registrations.length) return 'unknown';
    if (present.state === 'withdrawn') return 'withdrawn';
    if (present.state === 'claimed') return 'waiting';
    if ((await core.registry.putHolding(withoutProducer(present, left, receipt))) === 'written') break;
  }
  await rePlan(core, ref);
  core.report('register.withdrawn', { producer });
  return 'withdrawn';
}

function withoutProducer(present: Holding, left: readonly Registration[], receipt: EventRef): Holding {
  const receipts = withReceipt(present, receipt);
  const version = present.version + 1;
  if (left.length > 0) return { ...present, version, state: 'pending', registrations: left, receipts };
  const { locator: _locator, decision: _decision, hintAt: _hintAt, parked: _parked, ...rest } = present;
  return {
    ...rest,
    version,
    state: 'withdrawn',
    receipts,
    registrations: present.registrations.map(({ attributes: _attributes, ...registration }) => registration),
  };
}
