import { present } from '../../../shared/domain/present.ts';
import type { Acted, Promised, ReadBack, Store, Target } from '../../../shared/ports/store.ts';
import type { MemoryStore } from '../../../shared/stores/memory-store.ts';
import { aboutToBeDue, type Play } from '../driver/disposal-play.ts';
import type { Driver } from '../driver/driver.ts';
import { aPolicy, aRule } from '../rules/rule-world.ts';

/** A request as it came to the vendor. The same one has the same `id`. */
export interface StagedRequest {
  readonly verb: string;
  readonly id: string;
  readonly at: number;
  readonly record: string;
}

/** `last`: the newest request for this verb about this record. */
export interface Answers {
  /** To a request; `requested`, if nothing. */
  readonly to?: (request: StagedRequest) => Acted | undefined;
  /** What came of it; `pending`, if nothing. */
  readonly of?: (verb: string, record: string) => ReadBack | undefined;
}

export interface Staged {
  readonly d: Driver;
  readonly asked: readonly StagedRequest[];
  /** Each request as verb and minute, in the order in which they came. */
  readonly times: (verb?: string) => readonly string[];
}

/** Rules for records that a vendor can restrict, mask and delete. */
export const stagedRules = (...texts: readonly string[]): Play => ({
  restricts: true,
  policies: [
    aPolicy(
      {},
      {
        categories: { notes: { rules: texts.map((text) => aRule(text)), masks: { text: { kind: 'null' } } } },
      },
    ),
  ],
});

export function stagedVendor(records: MemoryStore, now: () => number, { to, of }: Answers) {
  const asked: StagedRequest[] = [];
  const ask =
    (verb: string) =>
    async (batch: readonly Target[]): Promise<Acted[]> =>
      batch.map(({ locator, request: id = '' }) => {
        const one = { verb, id, at: now(), record: String(locator[0]) };
        asked.push(one);
        return to?.(one) ?? { outcome: 'requested', ...present({ follow: `${verb} ${one.record}` }) };
      });
  const store: Store = {
    ...records,
    batch: 10,
    vendor: { chaseAfterDays: 7, confirmWithinDays: 30 },
    look: async (batch) => batch.map(() => ({ state: 'present' })),
    delete: ask('delete'),
    anonymise: ask('anonymise'),
    restrict: async (batch, on) => ask(on ? 'restrict' : 'lift')(batch),
    readBack: async (batch: readonly Promised[]) =>
      batch.map(({ follow }) => {
        const [verb = '', record = ''] = follow?.split(' ') ?? [];
        return (follow === undefined ? undefined : of?.(verb, record)) ?? { state: 'pending' };
      }),
  };
  return { asked, store };
}

/** A record `n-1` at such a vendor, of which something is about to be due. */
export async function staged(answers: Answers, play: Play): Promise<Staged> {
  const asked: StagedRequest[] = [];
  let made: ReturnType<typeof stagedVendor> | undefined;
  const d = await aboutToBeDue({
    ...play,
    vendor: (records, now) => {
      made ??= stagedVendor(records, now, answers);
      return made.store;
    },
  });
  return {
    d,
    get asked() {
      return made?.asked ?? asked;
    },
    times: (verb) =>
      (made?.asked ?? [])
        .filter((one) => verb === undefined || one.verb === verb)
        .map((one) => `${one.verb} ${new Date(one.at).toISOString().slice(0, 16)}`),
  };
}
