import * as z from 'zod';
import type { KeyColumn } from '../domain/configuration/configuration.ts';
import type { Instant } from '../domain/record/ids.ts';
import { canonicalLocator } from '../domain/configuration/locator.ts';
import { present } from '../domain/present.ts';
import type { FieldValue } from '../domain/record/masks.ts';
import type {
  Acted,
  Locator,
  Member,
  Presence,
  Promised,
  Read,
  ReadBack,
  Recovery,
  Store,
  Target,
  ToRead,
} from '../ports/store.ts';
import { answerEach, type Questions } from './answer-each.ts';
import { listPage, rangePage } from './listing.ts';
import { idOrder, memoryMember, memoryPage } from './memory-list.ts';
import { areMasked, maskedFields } from './memory-masks.ts';
import { type Copy, memoryRead } from './memory-read.ts';
import { type Fault, faultAnswer, unknown } from './memory-faults.ts';
import { memoryRange } from './memory-range.ts';
import { memorySurvey } from './memory-survey.ts';
import { actedFailure } from './store-failure.ts';
import { STORE_CALLS, type StoreCall } from './store-kind.ts';

export type Fields = Readonly<Record<string, FieldValue>>;

/** A call that changed a record, with the time when it took effect. */
export interface Effect {
  readonly call: 'delete' | 'anonymise' | 'restrict' | 'lift';
  readonly at: Instant;
  readonly locator: Locator;
  readonly before: Fields;
}

/** Keeps the promises of `Store` over records in memory; each call takes effect at one instant. */
export interface MemoryStore extends Store {
  /** The application writes the record: a new version. */
  put(locator: Locator, fields?: Fields): void;
  /** The application removes it. */
  remove(locator: Locator): void;
  fields(locator: Locator): Fields | undefined;
  isRestricted(locator: Locator): boolean;
  size(): number;
  fail(fault: Fault): void;
  repair(): void;
  readonly effects: readonly Effect[];
  /** How often each call was made. */
  readonly calls: Readonly<Record<StoreCall, number>>;
}

export interface MemoryStoreOptions {
  readonly now: () => Instant;
  readonly keys?: readonly KeyColumn[];
  /** `false`: behaves like a store that cannot detect a rewritten record. */
  readonly versions?: boolean;
  /** `true`: lists are as strict as `look`. Otherwise they are as those of an index, which may be older than the records. */
  readonly sees?: boolean;
  /** How many records are best acted on at once. Default: 100. */
  readonly batch?: number;
  /** How many batches may be deleted at the same time. Default: 1. */
  readonly atOnce?: number;
  readonly pseudonymKey?: Uint8Array;
  /** Records are files, as in a bucket: `read` gives this function each one as JSON, to be kept under `into`. */
  readonly copy?: Copy;
  /** What its settings say. Default: nothing, as those of a database. */
  readonly recovery?: Recovery;
}

interface Stored {
  readonly locator: Locator;
  readonly fields: Fields;
  readonly version: string;
  readonly isRestricted: boolean;
}

const TEXT_KEY: readonly KeyColumn[] = [{ name: 'id', type: 'text' }];
const UNSEEN: Recovery = { days: 0, isWhole: false };
const DEFAULT_KEY = new Uint8Array(32).fill(1);

export function memoryStore(options: MemoryStoreOptions): MemoryStore {
  const { now, keys = TEXT_KEY, versions = true, pseudonymKey = DEFAULT_KEY, copy } = options;
  const { sees = false, batch: size = 100, atOnce = 1, recovery = UNSEEN } = options;
  const records = new Map<string, Stored>();
  const order = idOrder();
  const effects: Effect[] = [];
  const calls = Object.fromEntries(STORE_CALLS.map((call) => [call, 0])) as Record<StoreCall, number>;
  let faults: { fault: Fault; left: number }[] = [];
  let writes = 0;

  const idOf = (locator: Locator): string => {
    const canonical = canonicalLocator(keys, locator);
    if (!canonical.ok) throw new TypeError(`not a locator of this store: expected ${canonical.expected}`);
    return canonical.canonical;
  };
  const write = (id: string, locator: Locator, fields: Fields, isRestricted = false): void => {
    writes += 1;
    if (!records.has(id)) order.add(id);
    records.set(id, { locator, fields, isRestricted, version: `v${writes}` });
  };

  function faultFor(call: StoreCall, id: string): Fault | undefined {
    const found = faults.find(
      ({ fault, left }) =>
        left > 0 && fault.call === call && (fault.locator === undefined || idOf(fault.locator) === id),
    );
    if (found) found.left -= 1;
    return found?.fault;
  }

  function acting(
    batch: readonly Target[],
    call: 'delete' | 'anonymise' | 'restrict',
    act: (id: string, found: Stored) => Acted,
  ) {
    return asking<Target, Acted>(call, batch, {
      locatorOf: ({ locator }) => locator,
      detailOf: ({ version }) => version ?? '',
      wrong: actedFailure('STORE_SCHEMA'),
      answer: (id, { version }) => {
        const fault = faultFor(call, id);
        if (fault && !fault.acts) return faultAnswer(fault);
        const found = records.get(id);
        const isChanged = found && versions && version !== undefined && version !== found.version;
        const answer: Acted = !found
          ? { outcome: 'already-so' }
          : isChanged
            ? { outcome: 'changed' }
            : act(id, found);
        return fault ? faultAnswer(fault) : answer;
      },
    });
  }

  function effect(call: Effect['call'], { locator, fields }: Stored): void {
    effects.push({ call, at: now(), locator, before: fields });
  }

  function shows(
    { fields, isRestricted }: Stored,
    { expect, masks }: Pick<Promised, 'expect' | 'masks'>,
  ): boolean {
    switch (expect) {
      case 'gone':
        return false;
      case 'masked':
        return masks !== undefined && areMasked(fields, masks, pseudonymKey);
      case 'restricted':
        return isRestricted;
      case 'unrestricted':
        return !isRestricted;
    }
  }

  async function asking<Item, Answer>(
    call: StoreCall,
    batch: readonly Item[],
    {
      answer,
      ...rest
    }: Pick<Questions<Item, string, Answer>, 'locatorOf' | 'detailOf' | 'wrong'> & {
      readonly answer: (id: string, item: Item) => Answer;
    },
  ): Promise<Answer[]> {
    calls[call] += 1;
    return answerEach<Item, string, Answer>(batch, {
      ...rest,
      keys,
      keyOf: (locator) => ({ state: 'key', key: idOf(locator) }),
      impossible: rest.wrong,
      ask: async (asked) => asked.map(({ key, item }) => answer(key, item)),
    });
  }

  return {
    batch: size,
    atOnce,
    effects,
    calls,
    put: (locator, fields = {}) => write(idOf(locator), locator, fields),
    remove: (locator) => void records.delete(idOf(locator)),
    fields: (locator) => records.get(idOf(locator))?.fields,
    isRestricted: (locator) => records.get(idOf(locator))?.isRestricted === true,
    size: () => records.size,
    fail: (fault) => void faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY }),
    repair: () => {
      faults = [];
    },

    look: (batch) =>
      asking<Locator, Presence>('look', batch, {
        locatorOf: (locator) => locator,
        wrong: unknown('STORE_SCHEMA'),
        answer: (id) => {
          const fault = faultFor('look', id);
          if (fault) return unknown(fault.code);
          const found = records.get(id);
          if (!found) return { state: 'gone' };
          return { state: 'present', ...(versions ? { version: found.version } : {}) };
        },
      }),

    delete: (batch) =>
      acting(batch, 'delete', (id, found) => {
        records.delete(id);
        effect('delete', found);
        return { outcome: 'deleted' };
      }),

    anonymise: (batch, masks) =>
      acting(batch, 'anonymise', (id, found) => {
        const fields = maskedFields(found.fields, masks, pseudonymKey);
        if (!fields) return actedFailure('STORE_SCHEMA');
        if (areMasked(found.fields, masks, pseudonymKey)) return { outcome: 'already-so' };
        write(id, found.locator, fields, found.isRestricted);
        effect('anonymise', found);
        return { outcome: 'anonymised' };
      }),

    restrict: (batch, on) =>
      acting(batch, 'restrict', (id, found) => {
        if (found.isRestricted === on) return { outcome: 'already-so' };
        write(id, found.locator, found.fields, on);
        effect(on ? 'restrict' : 'lift', found);
        return { outcome: on ? 'restricted' : 'lifted' };
      }),

    readBack: (batch) =>
      asking<Promised, ReadBack>('readBack', batch, {
        locatorOf: ({ locator }) => locator,
        detailOf: ({ expect, masks }) => JSON.stringify([expect, masks]),
        wrong: unknown('STORE_SCHEMA'),
        answer: (id, { expect, masks }) => {
          const fault = faultFor('readBack', id);
          if (fault) return unknown(fault.code);
          const found = records.get(id);
          if (!found) return { state: 'kept' };
          return { state: shows(found, { expect, ...present({ masks }) }) ? 'kept' : 'broken' };
        },
      }),

    read: (batch) =>
      asking<ToRead, Read>('read', batch, {
        locatorOf: ({ locator }) => locator,
        detailOf: ({ into }) => into,
        wrong: unknown('STORE_SCHEMA'),
        answer: (id, { into }) => {
          const fault = faultFor('read', id);
          if (fault) return unknown(fault.code);
          const found = records.get(id);
          return found ? memoryRead(found.fields, into, copy) : { state: 'gone' };
        },
      }),

    list: (place, limit, after) =>
      listPage({ limit, after }, z.string(), async (at) => {
        calls.list += 1;
        const fault = faultFor('list', '');
        return fault
          ? unknown(fault.code)
          : memoryPage({ records, order, keys, sees, versions }, place, limit, at);
      }),

    idsOf: (batch, place) =>
      asking<Locator, Member>('idsOf', batch, {
        locatorOf: (locator) => locator,
        wrong: unknown('STORE_SCHEMA'),
        answer: (id) => {
          const fault = faultFor('idsOf', id);
          return fault ? unknown(fault.code) : memoryMember(records.get(id), keys, place);
        },
      }),

    async survey(question) {
      calls.survey += 1;
      const fault = faultFor('survey', '');
      return memorySurvey([...records.values()], question, fault?.code);
    },

    range: (range, limit, after) =>
      rangePage({ limit, after }, z.tuple([z.number(), z.string()]), async (at) => {
        calls.range += 1;
        const fault = faultFor('range', '');
        return fault ? unknown(fault.code) : memoryRange(records, range, { limit, at, versions });
      }),

    async recovery() {
      calls.recovery += 1;
      const fault = faultFor('recovery', '');
      return fault ? { days: 0, isWhole: false, code: unknown(fault.code).code } : recovery;
    },

    close: async () => {},
  };
}
