import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { WideHold } from '../../../shared/domain/record/hold.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';
import type { Driver } from './driver.ts';
import { aHoldOn } from './hold-play.ts';
import { STORE } from './world.ts';

const HOUR = 3_600_000;

/** What comes between a death and the take-over. */
export interface Interleaving {
  readonly name: string;
  happens(d: Driver): Promise<void>;
  /** Once the take-over is long over: what was put is taken back. */
  later?(d: Driver): Promise<void>;
  /** What has to be true of the record `n-1` in the end, besides what always has to. */
  wrong(d: Driver, since: Since): readonly string[];
}

export interface Since {
  readonly at: Instant;
  /** How often `n-1` had been acted on when it happened. */
  readonly effects: number;
  /** Stages that had an outcome. */
  readonly done: number;
}

export function since(d: Driver): Since {
  return { at: d.clock.now(), effects: actsOn(d).length, done: doneOf(d) };
}

/** What was done to it. Lifting a restriction takes nothing away, and follows when its reason is gone. */
function actsOn(d: Driver): readonly { readonly call: string }[] {
  return d.effectsOn('n-1').filter(({ call }) => call !== 'lift');
}

export const NOTHING: Interleaving = {
  name: 'nothing',
  async happens() {},
  wrong: (d) => isDisposed(d),
};

/** The contract is renewed: the end that made it due is undone. */
export const EXTENSION: Interleaving = {
  name: 'an extension',
  async happens(d) {
    d.happens('contract.renewed', 'c-1', new Date(d.clock.now()).toISOString());
    await d.settle();
  },
  wrong(d, before) {
    const wrong = actsOn(d).length > before.effects ? ['it was acted on after it had been extended'] : [];
    const holding = d.holding('n-1');
    const isRemarked = holding?.remarks?.DISPOSED_BEFORE_FACT !== undefined;
    if (actsOn(d).length === 0) {
      if (holding?.state !== 'active') wrong.push(`what was extended in time is ${holding?.state}`);
      if (d.store.fields(['n-1']) === undefined) wrong.push('the extended record is gone');
    }
    if (d.effectsOn('n-1').some(({ call }) => call === 'delete') && holding?.state !== 'disposed')
      wrong.push(`the record was deleted, and its holding is ${holding?.state}`);
    if (doneOf(d) > before.done && !isRemarked)
      wrong.push('it was disposed of before the fact, and nothing says so');
    if (actsOn(d).length === 0 && isRemarked)
      wrong.push('nothing was disposed of, and something else is said');
    if (d.effectsOn('n-1').at(-1)?.call === 'restrict' && holding?.state === 'active')
      wrong.push('what the rule no longer restricts was not lifted');
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
    if (d.store.fields(['n-1']) === undefined) wrong.push('what was written after its registration is gone');
    const before = d.registry.allTombstones();
    if (holding?.generation !== before.length + 1) wrong.push('a generation is missing');
    if (before.some(({ state }) => state !== 'disposed'))
      wrong.push('an earlier generation was not disposed of');
    return wrong;
  },
};

/** The application takes it back. What was carried out before stays carried out. */
const withdrawal: Interleaving = {
  name: 'a withdrawal',
  async happens(d) {
    d.withdraws('n-1');
    await d.settle();
  },
  wrong(d, before) {
    const state = d.holding('n-1')?.state;
    const isDone = d.effectsOn('n-1').some(({ call }) => call === 'delete');
    const wanted = isDone ? 'disposed' : 'withdrawn';
    return [
      ...(state === wanted ? [] : [`in the end it is ${state} and not ${wanted}`]),
      ...(actsOn(d).length > before.effects ? ['what was withdrawn was acted on'] : []),
    ];
  },
};

/** Withdrawn and registered again: how an application changes an attribute. It writes the record again afterwards. */
const changed: Interleaving = {
  name: 'a withdrawal and a registration',
  async happens(d) {
    d.withdraws('n-1');
    await d.settle();
    d.clock.advance(1000);
    d.registers('n-1', ['c-2'], { done: () => d.store.put(['n-1'], { written: 'again' }) });
    await d.settle();
  },
  wrong(d) {
    const holding = d.holding('n-1');
    return [
      ...(holding?.state === 'active' ? [] : [`what was registered again is ${holding?.state}`]),
      ...(d.store.fields(['n-1']) === undefined ? ['what was written after its registration is gone'] : []),
    ];
  },
};

const entityHold: Interleaving = {
  name: 'a hold on the contract',
  async happens(d) {
    const placed = await placeHold(d.core, aHoldOn(await d.contract('c-1')));
    if (placed.kind !== 'placed') throw new Error('not placed');
  },
  async later(d) {
    d.toSweep({ kind: 'release', hold: 'h-1' });
  },
  wrong: (d, before) => heldThenDisposed(d, before),
};

const categoryHold = wide('a hold on the category', 'hold', { category: 'notes' });
const pause = wide('a pause of the lane', 'pause', { store: STORE });

function wide(name: string, kind: WideHold['kind'], scope: WideHold['scope']): Interleaving {
  const hold = { id: `${kind}-2`, kind, scope, at: 0 };
  return {
    name,
    async happens(d) {
      await d.registry.placeWideHold({ ...hold, state: 'placed' });
    },
    async later(d) {
      await d.registry.releaseWideHold({ ...hold, state: 'released' });
      d.toSweep({ kind: 'release', hold: hold.id });
    },
    wrong: (d, before) => heldThenDisposed(d, before, kind === 'pause'),
  };
}

export const INTERLEAVINGS: readonly Interleaving[] = [
  NOTHING,
  EXTENSION,
  registration,
  withdrawal,
  changed,
  entityHold,
  categoryHold,
  pause,
];

/**
 * Nothing from when it was placed until it was taken back, and then it was disposed of after all. A hold keeps a record,
 * and so does a restriction: that comes all the same, unless the lane is paused.
 */
function heldThenDisposed(d: Driver, before: Since, isPause = false): readonly string[] {
  const early = d
    .effectsOn('n-1')
    .slice(before.effects)
    .filter(({ at, call }) => at < before.at + 5 * HOUR && (isPause || call !== 'restrict'));
  return [...isDisposed(d), ...(early.length > 0 ? ['a hold that was placed was not honoured'] : [])];
}

function doneOf(d: Driver): number {
  return (d.holding('n-1')?.done ?? []).filter(({ stage }) => stage !== 'lift').length;
}

function isDisposed(d: Driver): readonly string[] {
  const state = d.holding('n-1')?.state;
  return [
    ...(state === 'disposed' ? [] : [`in the end it is ${state}`]),
    ...(d.store.fields(['n-1']) === undefined ? [] : ['the record is still there']),
  ];
}
