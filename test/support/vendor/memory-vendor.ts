import type { Instant } from '../../../shared/domain/record/ids.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Acted, Locator, ReadBack, Store, Target } from '../../../shared/ports/store.ts';
import type { MemoryStore } from '../../../shared/stores/memory-store.ts';

const HOUR = 3_600_000;

/** A request as it came to the vendor. The same one has the same `id`. */
export interface SentRequest {
  readonly id: string;
  readonly at: Instant;
  readonly locator: Locator;
}

export interface MemoryVendor {
  readonly sent: readonly SentRequest[];
  /** How often it was asked what came of a request. */
  readonly questions: () => number;
  store(records: MemoryStore, now: () => Instant): Store;
}

export interface VendorOptions {
  /** From the first of the requests with one id until it is carried out. Default: 3 hours. */
  readonly takes?: number;
  /** Requests with the first ids that it has ever seen are accepted, and never carried out. Default: none. */
  readonly loses?: number;
  /** It says where to ask. Otherwise nothing tells that it is done, but a read. */
  readonly follows?: boolean;
  /** A record can be read there. */
  readonly reads?: boolean;
  /** Answers this instead, as long as there is something. */
  readonly instead?: (number: number) => Acted | undefined;
  readonly tells?: (number: number) => ReadBack | undefined;
}

/** A vendor that carries out later what it is asked for, once for each id, over the records of a store in memory. */
export function memoryVendor(options: VendorOptions = {}): MemoryVendor {
  const { takes = 3 * HOUR, loses = 0, follows = true, reads = false } = options;
  const sent: SentRequest[] = [];
  /** By id, in the order in which they came first. */
  const accepted = new Map<string, { readonly at: Instant; readonly locator: Locator; done: boolean }>();
  let questions = 0;

  return {
    sent,
    questions: () => questions,
    store(records, now) {
      /** What time has brought. */
      async function work(): Promise<void> {
        for (const [index, one] of [...accepted.values()].entries()) {
          if (one.done || index < loses || now() < one.at + takes) continue;
          one.done = true;
          await records.delete([{ locator: one.locator }]);
        }
      }

      function ask({ locator, request: id = '' }: Target): Acted {
        sent.push({ id, at: now(), locator });
        const instead = options.instead?.(sent.length);
        if (instead !== undefined) return instead;
        const known = accepted.get(id) ?? { at: now(), locator, done: false };
        accepted.set(id, known);
        if (known.done && !reads) return { outcome: 'confirmed' };
        return { outcome: 'requested', ...present({ follow: follows ? id : undefined }) };
      }

      async function readOne({ locator, follow }: { readonly locator: Locator; readonly follow?: string }) {
        questions += 1;
        const told = options.tells?.(questions);
        if (told !== undefined) return told;
        if (reads)
          return (await records.readBack([{ locator, expect: 'gone' }]))[0] ?? { state: 'broken' as const };
        if (follow === undefined) return { state: 'pending' } as const;
        return accepted.get(follow)?.done === true
          ? ({ state: 'confirmed' } as const)
          : ({ state: 'pending' } as const);
      }

      return {
        ...records,
        batch: 10,
        vendor: { chaseAfterDays: 7, confirmWithinDays: 30 },
        async look(batch) {
          await work();
          return reads ? records.look(batch) : batch.map(() => ({ state: 'present' as const }));
        },
        async delete(batch) {
          await work();
          return batch.map(ask);
        },
        anonymise: async () => {
          throw new Error('nothing is masked there');
        },
        restrict: async () => {
          throw new Error('nothing is restricted there');
        },
        async readBack(batch) {
          await work();
          return Promise.all(batch.map(readOne));
        },
      };
    },
  };
}
