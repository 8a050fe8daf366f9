import { localBus } from '../../../local/event-bus.ts';
import { runFunction } from '../../../local/virtual/run-function.ts';
import type { Receiver } from '../../../local/virtual/virtual-deployment.ts';
import type { MemoryRegistry } from '../../../shared/adapters/memory/memory-registry.ts';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';
import type { Registry } from '../../../shared/ports/registry.ts';
import type { Outage } from './simulation-outage.ts';
import { placeHold } from '../../../shared/protocol/hold.ts';

/** A registry, and what a judge looks at in it. */
export type LookedRegistry = Registry &
  Pick<
    MemoryRegistry,
    | 'allChunks'
    | 'allFacts'
    | 'allHoldings'
    | 'allQuarantined'
    | 'allResults'
    | 'allSealed'
    | 'allSetAside'
    | 'allStates'
    | 'allToBeSealed'
    | 'allTombstones'
    | 'allWorkRecords'
    | 'expireHints'
  >;

/** The functions of one release, with its own way to the registry. */
export interface Functions {
  readonly configuration: Configuration;
  readonly registry: Registry;
  readonly run: typeof runFunction;
  readonly placeHold: typeof placeHold;
  readonly bus: typeof localBus;
}

/** What runs on a deployment's queues. */
export interface Deployed {
  readonly registry: LookedRegistry;
  /** When producers had sent more than their quota, so that their chunks stood still. */
  readonly outages?: readonly Outage[];
  /** Whose function runs now. */
  draw(what: Receiver['verb'] | 'api', lane: string | undefined, now: Instant): Functions;
}

/** All functions are of this checkout. */
export function onlyThese(configuration: Configuration, registry: LookedRegistry): Deployed {
  const functions = { configuration, registry, run: runFunction, placeHold, bus: localBus };
  return { registry, draw: () => functions };
}
