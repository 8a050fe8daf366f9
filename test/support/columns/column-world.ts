import { ingest } from '../../../functions/ingest/ingest.ts';
import type { Configuration, FactColumn } from '../../../shared/domain/configuration/configuration.ts';
import type { Policy } from '../../../shared/domain/configuration/policy.ts';
import type { EntityRef, Instant, Occurred } from '../../../shared/domain/record/ids.ts';
import type { ColumnMessage } from '../../../shared/domain/columns/column-entry.ts';
import { columnNames } from '../../../shared/domain/columns/fact-columns.ts';
import { columnDetail } from '../../../shared/contract/column-message.ts';
import { SWEEP_SOURCE } from '../../../shared/contract/heartbeat.ts';
import type { ColumnBell } from '../../../shared/ports/queues.ts';
import { tellOfColumns } from '../../../shared/protocol/columns/tell-of-columns.ts';
import type { LaneCore } from '../../../shared/protocol/core.ts';
import { readColumn } from '../../../shared/protocol/columns/read-column.ts';
import { ringColumns } from '../../../shared/protocol/columns/ring-columns.ts';
import { refsOf } from '../../../shared/protocol/facts/refs-of.ts';
import { PRODUCER, STORE, world, type World } from '../driver/world.ts';
import { aPolicy, anEvent, aRule } from '../rules/rule-world.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;

export const CLOSED: FactColumn = {
  event: 'account.closed',
  entity: { type: 'account', column: 'id' },
  clock: { column: 'closed_at' },
  producer: PRODUCER,
};
export const COLUMN = `${STORE} ${PRODUCER} account.closed`;
export const BELL: ColumnBell = { kind: 'column', lane: STORE, producer: PRODUCER, event: 'account.closed' };

export interface ColumnWorldOptions {
  readonly start?: string;
  readonly rule?: string;
  readonly column?: Partial<FactColumn>;
  readonly pageSize?: number;
  /** `ingest` takes one message a minute, the latest first. */
  readonly slowly?: boolean;
}

const EVENTS: Policy['events'] = {
  'account.closed': anEvent({ entity: 'account' }),
  'account.blocked': anEvent({ entity: 'account' }),
};

export function policyOf(rule: string): Policy {
  return aPolicy({ notes: [aRule(rule)] }, { events: EVENTS });
}

export type ColumnWorld = ReturnType<typeof columnWorld>;

/** A table with accounts that are closed in a column, and notes that are registered and go 30 days after that. */
export function columnWorld(options: ColumnWorldOptions = {}) {
  const { start = '2026-03-01T10:00:00Z', rule = '30 days after account.closed', column = {} } = options;
  const w: World = world({
    start,
    policies: [policyOf(rule)],
    entityTypes: { account: { ids: 'owned', normalise: [] } },
    store: { facts: [{ ...CLOSED, ...column }] },
    ...(options.pageSize !== undefined && { pageSize: options.pageSize }),
  });
  const later: { readonly at: Instant; readonly bell: ColumnBell }[] = [];
  const stands = { ingest: false, column: false };

  async function take(message: ColumnMessage, core: LaneCore = w.core): Promise<void> {
    await ingest(core, onBus(message, w.clock.now()), 1);
  }

  async function deliver(): Promise<void> {
    const now = w.clock.now();
    for (const { bell, delaySeconds } of w.columnBells.splice(0))
      later.push({ at: now + delaySeconds * 1000, bell });
    for (const { bell } of later.filter(({ at }) => at <= now)) {
      later.splice(
        later.findIndex((one) => one.bell === bell),
        1,
      );
      if (!stands.column) await readColumn(w.core, bell, () => true);
    }
    await tellOfColumns(w.core, () => true);
    // A queue may deliver the last message first, and the others later.
    const taken = options.slowly === true ? w.columnMessages.splice(-1) : w.columnMessages.splice(0);
    if (stands.ingest) w.columnMessages.push(...taken);
    else for (const message of taken) await take(message);
    await w.deliver();
  }

  return {
    ...w,
    stands,
    take,
    /** From now on all functions have this configuration. */
    configure(configuration: Configuration): void {
      Object.assign(w.core, { configuration });
    },
    deliver,
    /** Moves the clock to `until`, minute by minute. Columns are read every hour, at this minute. */
    async run(until: Instant, atMinute = 5): Promise<void> {
      while (w.clock.now() < until) {
        const next = Math.min(until, (Math.floor(w.clock.now() / MINUTE) + 1) * MINUTE);
        w.clock.set(next);
        if (next % HOUR === atMinute * MINUTE) await ringColumns(w.core);
        await deliver();
      }
    },
    /** Reads the column now, and has `ingest` take what was told. */
    async read(goOn: () => boolean = () => true): Promise<void> {
      await readColumn(w.core, BELL, goOn);
      await tellOfColumns(w.core, () => true);
      for (const message of w.columnMessages.splice(0)) await take(message);
    },
    async accountRef(id: string): Promise<EntityRef> {
      return (await refsOf(w.core, PRODUCER)).entity({ type: 'account', id });
    },
    async note(id: string, account: string): Promise<void> {
      w.store.put([id], {});
      const ref = await this.accountRef(account);
      await w.register(await w.registration(id, [{ type: 'account', ref }]));
    },
    account(id: string, closedAt: string | null): void {
      w.store.put([id], { closed_at: closedAt });
    },
    /** When the account was closed, as far as facts say. */
    async closed(id: string): Promise<readonly Occurred[]> {
      const ref = await this.accountRef(id);
      const state = (await w.registry.states([ref])).get(ref);
      return (state?.occurrences['account.closed'] ?? []).map(({ occurred }) => occurred);
    },
    readAt: (): Instant | undefined => w.registry.columnMarks().get(COLUMN),
    isThere: (id: string): boolean => w.store.fields([id]) !== undefined,
    entries: () => w.registry.allColumnEntries(),
  };
}

/** As the bus delivers what the sweep has sent on. */
export function onBus(message: ColumnMessage, now: Instant): string {
  const { type, detail } = columnDetail(message);
  const time = new Date(now).toISOString();
  return JSON.stringify({
    id: 'e-1',
    source: SWEEP_SOURCE,
    'detail-type': type,
    time,
    detail: JSON.parse(detail),
  });
}

/** The same lane with other settings of its column. */
export function withColumns(configuration: Configuration, facts: readonly FactColumn[]): Configuration {
  const store = configuration.stores[STORE];
  if (store === undefined) throw new Error('the world has a store');
  const { readColumns: _read, endedColumns: _ended, ...rest } = configuration;
  const stores = { ...configuration.stores, [STORE]: { ...store, facts } };
  return { ...rest, stores, ...columnNames(stores) };
}
