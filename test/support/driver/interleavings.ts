import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import type { Driver } from './driver.ts';
import { STORE } from './world.ts';

const HOUR = 3_600_000;

/** What comes between a death and the take-over, or between any two calls of a worker. */
export interface Interleaving {
  readonly name: string;
  happens(d: Driver): Promise<void>;
  /** Once the take-over is long over: what was put is taken back. */
  later?(d: Driver): Promise<void>;
  /** What has to be true of the record `n-1` in the end, besides what always has to. */
  wrong?(d: Driver, since: Since): readonly string[];
}

export interface Since {
  readonly at: Instant;
  /** What had been destroyed when it happened. */
  readonly effects: number;
  /** Stages that had an outcome. */
  readonly done: number;
}

export function since(d: Driver): Since {
  return { at: d.clock.now(), effects: d.store.effects.length, done: doneOf(d) };
}

export const NOTHING: Interleaving = {
  name: 'nothing',
  async happens() {},
  wrong: (d) => isDisposed(d),
};

/** The contract is renewed: the end that made it due is undone. */
const extension: Interleaving = {
  name: 'an extension',
  async happens(d) {
    d.happens('contract.renewed', 'c-1', new Date(d.clock.now()).toISOString());
    await d.settle();
  },
  wrong(d, before) {
    const wrong = actedSince(d, before);
    const holding = d.holding('n-1');
    if (d.effectsOn('n-1').length === 0) {
      if (holding?.state !== 'active') wrong.push(`what was extended in time is ${holding?.state}`);
      if (d.store.size() === 0) wrong.push('the extended record is gone');
    }
    if (d.effectsOn('n-1').some(({ call }) => call === 'delete') && holding?.state !== 'disposed')
      wrong.push(`the record was deleted, and its holding is ${holding?.state}`);
    if (doneOf(d) > before.done && holding?.disposedBeforeFact !== true)
      wrong.push('it was disposed of before the fact, and nothing says so');
    if (doneOf(d) === before.done && holding?.disposedBeforeFact === true)
      wrong.push('it was disposed of after the fact, and something else is said');
    return wrong;
  },
};

/** The record is registered for a running contract too; the application writes it once that is acknowledged. */
const registration: Interleaving = {
  name: 'a second registration',
  async happens(d) {
    d.registers('n-1', ['c-2'], { done: () => d.store.put(['n-1'], { written: 'again' }) });
    await d.settle();
  },
  wrong(d) {
    const wrong: string[] = [];
    const holding = d.holding('n-1');
    if (holding?.state !== 'active') wrong.push(`what was registered again is ${holding?.state}`);
    if (d.store.read(['n-1']) === undefined) wrong.push('what was written after its registration is gone');
    const before = d.registry.allTombstones();
    if (holding?.generation !== before.length + 1) wrong.push('a generation is missing');
    if (before.some(({ state }) => state !== 'disposed'))
      wrong.push('an earlier generation was not disposed of');
    return wrong;
  },
};

const HOLD = 'hold-1';

/** Placing by API comes later: the item is put as that will put it. */
const entityHold: Interleaving = {
  name: 'a hold on the contract',
  happens: (d) => changeHolds(d, [HOLD]),
  async later(d) {
    await changeHolds(d, []);
    d.toSweep({ kind: 'release', hold: HOLD });
  },
  wrong: heldThenDisposed,
};

async function changeHolds(d: Driver, holds: readonly string[]): Promise<void> {
  const entity = await d.contract('c-1');
  const state = (await d.registry.states([entity])).get(entity);
  if (state === undefined) throw new Error('the registry answered for nothing');
  await d.registry.putState(entity, { ...state, holds });
}

const categoryHold = wide('a hold on the category', 'hold', { category: 'note' });
const pause = wide('a pause of the lane', 'pause', { store: STORE });

function wide(name: string, kind: WideHold['kind'], scope: WideHold['scope']): Interleaving {
  const hold = { id: `${kind}-2`, kind, scope, at: 0 };
  return {
    name,
    async happens(d) {
      await d.registry.placeWideHold({ ...hold, state: 'placed' });
    },
    async later(d) {
      d.toSweep({ kind: 'release', hold: hold.id });
      await d.registry.releaseWideHold({ ...hold, state: 'released' });
    },
    wrong: heldThenDisposed,
  };
}

export const INTERLEAVINGS = [NOTHING, extension, registration, entityHold, categoryHold, pause] as const;

/** Nothing from when it was placed until it was taken back, and then it was disposed of after all. */
function heldThenDisposed(d: Driver, before: Since): readonly string[] {
  const early = d.store.effects.slice(before.effects).filter(({ at }) => at < before.at + 5 * HOUR);
  return [...isDisposed(d), ...(early.length > 0 ? ['a hold that was placed was not honoured'] : [])];
}

function actedSince(d: Driver, before: Since): string[] {
  return d.store.effects.length > before.effects ? ['it was acted on after it had been extended'] : [];
}

function doneOf(d: Driver): number {
  return d.holding('n-1')?.done?.length ?? 0;
}

export function isDisposed(d: Driver): readonly string[] {
  const state = d.holding('n-1')?.state;
  return [
    ...(state === 'disposed' ? [] : [`in the end it is ${state}`]),
    ...(d.store.read(['n-1']) === undefined ? [] : ['the record is still there']),
  ];
}
