import { createApi } from '../../functions/api/api.ts';
import { localBus } from '../../local/event-bus.ts';
import { runFunction } from '../../local/virtual/run-function.ts';
import { virtualDeployment } from '../../local/virtual/virtual-deployment.ts';
import { memoryBus } from '../../shared/adapters/memory/memory-bus.ts';
import { memoryKeys } from '../../shared/adapters/memory/memory-keys.ts';
import { memoryReport } from '../../shared/adapters/memory/memory-report.ts';
import { API_SOURCE } from '../../shared/contract/bus.ts';
import { type Configuration, DEFAULT_TIMING } from '../../shared/domain/configuration/configuration.ts';
import { compileRequests } from '../../shared/domain/people/compile-requests.ts';
import { foldProfile } from '../../shared/domain/configuration/fold-profile.ts';
import { present } from '../../shared/domain/present.ts';
import type { Instant } from '../../shared/domain/record/ids.ts';
import { memoryStore } from '../../shared/stores/memory-store.ts';
import { memoryPorts } from './memory-ports.ts';
import { anEvent, aPolicy, aRule } from './rules/rule-world.ts';

const role = (name: string): string => `arn:aws:iam::111122223333:role/apps/${name}`;

/** ARNs as the authorizer names them: of assumed roles. */
export const principals = {
  shop: 'arn:aws:sts::111122223333:assumed-role/shop/session',
  rival: 'arn:aws:sts::111122223333:assumed-role/rival/session',
  operator: 'arn:aws:sts::111122223333:assumed-role/operator/anna',
  second: 'arn:aws:sts::111122223333:assumed-role/second/ben',
  auditor: 'arn:aws:sts::111122223333:assumed-role/auditor/omar',
  nobody: 'arn:aws:sts::111122223333:assumed-role/nobody/session',
} as const;

const policies = {
  policies: [
    aPolicy(
      {},
      {
        name: 'shop-policy',
        categories: {
          registration: { rules: [aRule('3 years after contract.ended')] },
          profile: { rules: [aRule('within 30 days after account.disconnected')], owner: 'shop-team' },
        },
        attributes: { amount: { type: 'number' }, minor: { type: 'boolean' } },
        events: {
          'contract.ended': anEvent({ undoneBy: ['contract.renewed'], attributes: { reason: 'text' } }),
          'contract.renewed': anEvent(),
          'account.disconnected': anEvent({ entity: 'account' }),
          'person.left': anEvent({ entity: 'person' }),
        },
      },
    ),
    aPolicy({ abroad: [aRule('30 days after contract.ended')] }, { name: 'abroad', regions: ['us-east-1'] }),
  ],
};

export const configuration: Configuration = {
  entityTypes: {
    contract: { ids: 'owned', normalise: ['trim'] },
    account: { ids: 'owned', normalise: [] },
    person: { ids: 'shared', normalise: ['trim', 'lowercase'] },
  },
  stores: {
    orders: storeOf([{ name: 'id', type: 'text' }]),
    invoices: storeOf([
      { name: 'id', type: 'uuid' },
      { name: 'line', type: 'integer' },
    ]),
    vault: storeOf([{ name: 'id', type: 'text' }]),
  },
  producers: {
    shop: {
      source: 'shop.example',
      principals: [role('shop')],
      stores: { orders: { prefixes: ['shop/'], shared: false }, invoices: { prefixes: [''], shared: true } },
      categories: ['registration', 'profile', 'abroad'],
      events: ['contract.ended', 'contract.renewed', 'account.disconnected'],
    },
    rival: {
      source: 'rival.example',
      principals: [role('rival')],
      stores: { orders: { prefixes: ['rival/'], shared: false }, invoices: { prefixes: [''], shared: true } },
      categories: ['registration'],
      events: ['contract.ended', 'contract.renewed', 'person.left'],
    },
  },
  operators: [role('operator')],
  auditors: [role('auditor')],
  policies,
  timing: DEFAULT_TIMING,
  requests: compileRequests({}, { entityTypes: {}, producers: {} }).settings,
  foldProfile: foldProfile(policies),
};

function storeOf(keys: Configuration['stores'][string]['keys']): Configuration['stores'][string] {
  return {
    kind: 'memory',
    region: 'eu-central-1',
    keys,
    options: {},
    restricts: false,
    hourlyCap: 1000,
    backupDays: 35,
  };
}

export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly retryAfter: string | null;
  readonly text: string;
  // The shape is what each test is about.
  readonly body: Record<string, unknown>;
}

/** The API over memory ports, with the functions that work on what it accepts. */
export function apiWorld(
  start = '2026-03-01T10:00:00Z',
  pageSize?: number,
  own = configuration,
  adopted?: string,
) {
  const memory = memoryPorts(own, Date.parse(start), pageSize);
  const { clock, timers } = memory;
  if (adopted !== undefined) memory.registry.adopt();
  const bus = memoryBus();
  /** Years whose key of the log is gone. */
  const destroyedLogKeys = new Set<number>();
  const keys = memoryKeys(new Uint8Array(32).fill(7), destroyedLogKeys);
  const { report, lines } = memoryReport();
  const stores = Object.fromEntries(
    Object.entries(configuration.stores).map(([name, { keys: columns }]) => [
      name,
      memoryStore({ now: () => clock.now(), keys: columns }),
    ]),
  );
  const errors: unknown[] = [];
  const deployment = virtualDeployment({
    configuration: own,
    clock,
    timers,
    settings: (_, deployed) => ({ ...deployed, batchSize: 1 }),
    async run(to, [message]) {
      if (message === undefined) return [];
      const threw = (error: unknown): void => void errors.push(error);
      return (await runFunction(to, { ...ports, stores }, message, { threw })) === 'done' ? [message] : [];
    },
  });
  const { queue, allQueues } = deployment;
  const queues = deployment.queuesOn(clock);
  const ports = { ...memory, bus, queues, keys, report, ...present({ adopted }) };
  const api = createApi(ports);

  /** A request as `principal`; a body makes it a POST. */
  async function call(
    principal: keyof typeof principals | undefined,
    path: string,
    body?: unknown,
  ): Promise<Answer> {
    const request = new Request(`https://api.example${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const response = await api.fetch(
      request,
      principal === undefined ? {} : { principal: principals[principal] },
    );
    const text = await response.text();
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      retryAfter: response.headers.get('retry-after'),
      text,
      body: JSON.parse(text),
    };
  }

  /** Everything that can be done now; a function that throws fails the test. */
  async function settleAll(): Promise<void> {
    await deployment.settle();
    if (errors.length > 0) throw errors[0];
  }

  /** Delivers what is on the bus, the way its rule does, and lets the time pass that `ingest` needs for it. */
  async function deliver(): Promise<void> {
    const toIngest = localBus(clock, async (body) => queue('ingest').send(body));
    for (const { type, detail } of bus.drain())
      await toIngest.putEvent(API_SOURCE, type, JSON.parse(detail) as unknown);
    await settleAll();
    while (queue('ingest').messages().length > 0) await wakeUntil(deployment.next() ?? clock.now());
  }

  /** One hour's sweep at this time, before any lane hears its bell. Nothing happened in between. */
  async function sweepOnlyAt(iso: string): Promise<void> {
    clock.set(Date.parse(iso));
    await queues.toSweep([{ kind: 'hourly' }]);
    await settleAll();
  }

  /** The same, and a minute in which the lanes work on what it rang for. */
  async function sweepAt(iso: string): Promise<void> {
    await sweepOnlyAt(iso);
    await wakeUntil(clock.now() + 60_000);
  }

  /** Every wake-up and message until then, each at its time. */
  async function wakeUntil(instant: Instant): Promise<void> {
    await deployment.runUntil(instant);
    await settleAll();
  }

  /** Bodies of the messages that this queue keeps. */
  const waiting = (name: string): string[] =>
    queue(name)
      .messages()
      .map(({ body }) => body);
  const isIdle = (): boolean => allQueues.every((each) => each.messages().length === 0);

  return {
    ...ports,
    stores,
    lines,
    destroyedLogKeys,
    call,
    deliver,
    sweepAt,
    sweepOnlyAt,
    wakeUntil: (iso: string) => wakeUntil(Date.parse(iso)),
    settleAll,
    waiting,
    isIdle,
  };
}
