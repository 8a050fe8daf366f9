import type { ProposalKind } from '../../../shared/domain/record/proposal.ts';
import type { OperatorAction } from '../../../shared/domain/record/entry.ts';
import { deployedPolicies, NOT_COUNTED } from '../../../shared/protocol/policy-plan/activation.ts';
import type { FourEyesWorld } from './four-eyes-world.ts';

export const MARKER = 'zoe.marker@example.org';
export const RULE = { policy: 'shop-policy', rule: 'within 30 days after account.disconnected' } as const;

export interface GatedCase {
  readonly kind: ProposalKind;
  readonly did: OperatorAction;
  readonly path: string;
  body(world: FourEyesWorld): unknown;
  /** What makes it possible. */
  prepare(world: FourEyesWorld): Promise<unknown>;
  /** How often it took effect. */
  effect(world: FourEyesWorld): Promise<number>;
  /** After this, what was proposed is about something else. */
  change(world: FourEyesWorld): Promise<unknown>;
}

const stop = (at: number) => ({ ...RULE, at, because: 'VOLUME', taken: 9, most: 9 }) as const;

async function stopped(world: FourEyesWorld, at: number): Promise<void> {
  const guard = await world.registry.laneGuard('orders');
  const version = (guard?.version ?? 0) + 1;
  const rules = { k: { day: { at: 0, count: 9 }, stop: stop(at) } };
  await world.registry.writeLaneGuard('orders', { version, by: `t-${version}`, rules });
}

const paused = (world: FourEyesWorld, id: string) =>
  world.registry.placeWideHold({
    id,
    kind: 'pause',
    scope: { store: 'orders' },
    only: RULE,
    state: 'placed',
    at: 0,
  });

async function quarantined(world: FourEyesWorld): Promise<void> {
  const to = { scope: 'quarantine', context: MARKER };
  const sealed = await world.keys.encrypt(to, '2026-03-01', Buffer.from('{}'));
  const receivedAt = world.clock.now();
  await world.registry.putQuarantined({ id: MARKER, receivedAt, code: 'X', reason: 'x', sealed });
}

async function waiting(world: FourEyesWorld): Promise<void> {
  const { registry, clock } = world;
  const version = ((await registry.activation())?.version ?? 0) + 1;
  const policies = deployedPolicies(world);
  const since = clock.now();
  await registry.putActivation({
    version,
    active: 'former',
    at: 0,
    waiting: { policies, plan: NOT_COUNTED, since },
  });
}

export const correction = {
  specversion: '1.0',
  id: 'o-1',
  source: 'operators.example',
  type: 'contract.ended',
  data: {
    entity: { type: 'contract', id: MARKER },
    producer: 'shop',
    corrects: 'e-1',
    occurred: '2026-02-01',
  },
};

const REPLAY = `t-1.do.${Date.parse('2026-02-28T10:00:00Z')}.orders`;

export const CASES: readonly GatedCase[] = [
  {
    kind: 'approve',
    did: 'approve',
    path: '/v1/lanes/orders/approve',
    body: () => ({ ...RULE, records: 7 }),
    prepare: (world) => stopped(world, 1000),
    effect: async (world) =>
      ((await world.registry.laneGuard('orders'))?.rules?.['k']?.approved?.count ?? 0) / 7,
    change: (world) => stopped(world, 2000),
  },
  {
    kind: 'resume',
    did: 'resume',
    path: '/v1/lanes/orders/resume',
    body: () => RULE,
    prepare: (world) => paused(world, 'h-1'),
    effect: async (world) => ((await world.registry.wideHold('h-1'))?.state === 'released' ? 1 : 0),
    async change(world) {
      const hold = await world.registry.wideHold('h-1');
      if (hold !== undefined) await world.registry.releaseWideHold({ ...hold, state: 'released' });
    },
  },
  {
    kind: 'activate',
    did: 'activate',
    path: '/v1/policies/approve',
    body: (world) => ({ policies: deployedPolicies(world) }),
    prepare: waiting,
    effect: async (world) =>
      (await world.registry.activation())?.active === deployedPolicies(world) ? 1 : 0,
    change: waiting,
  },
  {
    kind: 'discard',
    did: 'discard',
    path: '/v1/quarantine/discard',
    body: () => ({ id: MARKER }),
    prepare: quarantined,
    effect: async (world) => ((await world.registry.quarantinedItem(MARKER)) === undefined ? 1 : 0),
    async change(world) {
      world.clock.advance(1000);
      await quarantined(world);
    },
  },
  {
    kind: 'events',
    did: 'correct',
    path: '/v1/events',
    body: () => ({ events: [correction] }),
    prepare: async () => undefined,
    // The same event again is one fact.
    effect: async (world) => new Set(world.bus.drain().map(({ detail }) => detail)).size,
    change: async () => undefined,
  },
  {
    kind: 'replay',
    did: 'restore-replay',
    path: '/v1/restores/replay',
    body: () => ({ store: 'orders', since: '2026-02-28T10:00:00Z', token: 't-1', do: true }),
    prepare: async () => undefined,
    effect: async (world) => ((await world.registry.restoreReplay(REPLAY)) === undefined ? 0 : 1),
    change: async () => undefined,
  },
];
