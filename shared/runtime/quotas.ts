import { hourOf } from '../domain/calendar/utc-time.ts';
import { type Configuration, itemsPerHourOf } from '../domain/configuration/configuration.ts';
import type { Instant } from '../domain/record/ids.ts';
import type { Clock } from '../ports/clock.ts';
import type { Registry } from '../ports/registry.ts';

/** The quotas of all producers, as one process spends them. */
export interface Quotas {
  /** Takes all of these items from the quota of this hour, or nothing. `until`: when the next hour begins. */
  take(
    producer: string,
    items: number,
  ): Promise<{ readonly kind: 'taken' } | { readonly kind: 'over'; readonly until: Instant }>;
}

const HOUR = 3_600_000;
/** The largest block: one write unit for a thousand items. */
const LARGEST_BLOCK = 1000;
/** The smallest part of a quota that a process takes at once. What it does not use is lost to the others. */
const BLOCKS_PER_QUOTA = 1000;

interface QuotaPorts {
  readonly configuration: Configuration;
  readonly registry: Pick<Registry, 'takeQuota'>;
  readonly clock: Clock;
}

interface Purse {
  readonly hour: Instant;
  /** Taken from the registry, and not yet spent. */
  left: number;
  /** What the registry could not give: asking for as much again would be in vain. */
  refused: number;
}

/**
 * Takes quotas from the registry in blocks and spends them in memory, so that most items cost no write. A block is taken
 * with one conditional write, so producers never get more than their quota, whatever dies; a process that dies, or that
 * a producer stops using, loses the rest of its block until the next hour.
 */
export function quotas({ configuration, registry, clock }: QuotaPorts): Quotas {
  const purses = new Map<string, Purse>();

  function purseOf(producer: string): Purse {
    const hour = hourOf(clock.now());
    const known = purses.get(producer);
    if (known?.hour === hour) return known;
    const purse: Purse = { hour, left: 0, refused: Infinity };
    purses.set(producer, purse);
    return purse;
  }

  async function fill(producer: string, purse: Purse, needed: number): Promise<'filled' | 'empty'> {
    const most = itemsPerHourOf(configuration, producer);
    const block = Math.min(LARGEST_BLOCK, Math.ceil(most / BLOCKS_PER_QUOTA));
    for (const wanted of block > needed ? [block, needed] : [needed]) {
      if (wanted >= purse.refused) continue;
      const cap = { hour: purse.hour, most };
      if (wanted <= most && (await registry.takeQuota(producer, wanted, cap)) === 'taken') {
        purse.left += wanted;
        return 'filled';
      }
      purse.refused = Math.min(purse.refused, wanted);
    }
    return 'empty';
  }

  return {
    async take(producer, items) {
      const purse = purseOf(producer);
      // Another request may have spent a part while this one waited for the registry.
      while (purse.left < items) {
        if ((await fill(producer, purse, items - purse.left)) === 'empty')
          return { kind: 'over', until: purse.hour + HOUR };
      }
      purse.left -= items;
      return { kind: 'taken' };
    },
  };
}
