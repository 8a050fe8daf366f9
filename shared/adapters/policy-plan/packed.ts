import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod';
import type { PolicySet } from '../../domain/configuration/policy.ts';
import { CHANGES } from '../../domain/policy-plan/change.ts';
import type { PlannedSets } from '../../domain/policy-plan/planned-sets.ts';
import type { Tally } from '../../domain/policy-plan/tally.ts';
import { NAMED, type ReplayTally } from '../../domain/replay/replay-tally.ts';
import { STANDINGS } from '../../domain/replay/standing.ts';
import { invalid, whole } from '../dynamodb/dynamo-item.ts';
import type { HoldingRef } from '../../domain/record/ids.ts';

/** A DynamoDB item may have 400 KB. */
export const MOST_PACKED_BYTES = 300_000;

export function packed(value: PlannedSets | PolicySet | Tally | ReplayTally): Uint8Array {
  return deflateRawSync(JSON.stringify(value));
}

/** What a release of Tenure compiled. A record that it cannot be applied to is counted as such. */
const policySet = z.custom<PolicySet>(
  (value) => z.object({ policies: z.array(z.looseObject({ name: z.string() })) }).safeParse(value).success,
);

export function setsOf(bytes: Uint8Array): PlannedSets {
  const { from, to } = unpacked(
    'policy plan',
    bytes,
    z.object({ from: policySet.optional(), to: policySet }),
  );
  return whole<PlannedSets>({ from, to });
}

export function setOf(bytes: Uint8Array): PolicySet {
  return unpacked('set of policies', bytes, policySet);
}

const tally = z.object({
  examined: z.int(),
  unread: z.int(),
  cells: z.array(
    z.object({
      store: z.string(),
      category: z.string(),
      counts: z.partialRecord(z.enum(CHANGES), z.int()),
      samples: z.partialRecord(
        z.enum(CHANGES),
        z.array(z.custom<HoldingRef>((value) => typeof value === 'string')),
      ),
      collections: z.int(),
    }),
  ),
});

export function tallyOf(bytes: Uint8Array): Tally {
  return unpacked('walk', bytes, tally) as Tally;
}

const replayTally = z.object({
  damaged: z.int(),
  cells: z.array(
    z.object({
      category: z.string(),
      counts: z.partialRecord(z.enum(STANDINGS), z.int()),
      samples: z.partialRecord(
        z.enum(NAMED),
        z.array(z.custom<HoldingRef>((value) => typeof value === 'string')),
      ),
    }),
  ),
});

export function replayTallyOf(bytes: Uint8Array): ReplayTally {
  return unpacked('walk', bytes, replayTally) as ReplayTally;
}

function unpacked<Schema extends z.ZodType>(
  kind: string,
  bytes: Uint8Array,
  schema: Schema,
): z.output<Schema> {
  const parsed = schema.safeParse(JSON.parse(inflateRawSync(bytes).toString()));
  if (!parsed.success) throw invalid(kind, 'its content has another shape');
  return parsed.data;
}
