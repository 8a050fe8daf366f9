import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { Deployed, Functions } from '../simulation/simulation-functions.ts';
import type { Outage } from '../simulation/simulation-outage.ts';
import { chance } from '../simulation/simulation-random.ts';
import { type Crossings, noting } from './crossings.ts';
import { itemTable } from './item-table.ts';
import type { Release } from './releases.ts';
import { type TableLook, tableLook } from './table-look.ts';

const HOUR = 3_600_000;
const TABLE = 'registry';

/**
 * Which share of the runs is of the newer release, part by part of the time. `halves`: half of the functions are newer,
 * and stay so.
 */
export const MODES = {
  'half of the runs': [0.5],
  'half of the functions': 'halves',
  upgrade: [0, 0.5, 1],
  'upgrade that fails half-way': [0, 0.5, 0],
  'upgrade and rollback': [0, 0.5, 1, 0.5, 0],
} as const satisfies Readonly<Record<string, readonly number[] | 'halves'>>;
export type Mode = keyof typeof MODES;

export interface Pair {
  readonly older: Release;
  readonly newer: Release;
}

export interface Mixing extends Pair {
  readonly mode: Mode;
  readonly seed: number;
  readonly time: { readonly start: Instant; readonly end: Instant };
  readonly configurations: { readonly older: Configuration; readonly newer: Configuration };
}

export interface MixedDeployment extends Deployed {
  readonly registry: TableLook;
  readonly outages: readonly Outage[];
  readonly crossings: Crossings;
  /** How many runs each release had. */
  readonly runs: { older: number; newer: number };
}

/** Functions of two releases on one table: for each run of a function it is drawn of which release it is. */
export function mixedDeployment(mixing: Mixing): MixedDeployment {
  const { seed, mode, time, configurations } = mixing;
  const table = itemTable();
  const { crossings, noted } = noting();
  const random = chance(seed + 11);
  const runs = { older: 0, newer: 0 };
  const outages: Outage[] = [];
  const fixed = new Map<string, keyof Pair>();
  const parts = MODES[mode];

  function functionsOf(which: keyof Pair): Functions {
    const release = mixing[which];
    const registry = release.dynamoRegistry(table.callOf(release.DynamoRefusal), TABLE);
    return {
      configuration: configurations[which],
      registry: tellingQuotas(noted(which, registry), outages),
      run: release.runFunction,
      placeHold: release.placeHold,
      bus: release.localBus,
    };
  }
  const functions = { older: functionsOf('older'), newer: functionsOf('newer') };

  function drawn(name: string, now: Instant): keyof Pair {
    const half = random.happens(0.5) ? 'newer' : 'older';
    if (parts === 'halves') {
      const known = fixed.get(name) ?? half;
      fixed.set(name, known);
      return known;
    }
    const share = (now - time.start) / (time.end - time.start);
    const part = parts[Math.min(parts.length - 1, Math.floor(share * parts.length))];
    return part === 0.5 ? half : part === 0 ? 'older' : 'newer';
  }

  return {
    registry: tableLook(table, table.callOf(mixing.newer.DynamoRefusal), TABLE),
    crossings,
    runs,
    outages,
    draw(what, lane, now) {
      const which = drawn(`${what} ${lane ?? ''}`, now);
      runs[which] += 1;
      return functions[which];
    },
  };
}

/** The chunks of a producer that counts as behind stand still: that excuses what is late then. */
function tellingQuotas(registry: Registry, outages: Outage[]): Registry {
  // The former release has no quotas.
  if (!('noteBehind' in registry)) return registry;
  return {
    ...registry,
    async noteBehind(producer, times) {
      const answer = await registry.noteBehind(producer, times);
      outages.push({ scope: { everything: true }, from: times.now, to: times.until, after: HOUR });
      return answer;
    },
  };
}
