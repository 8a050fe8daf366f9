import * as z from 'zod';
import { CHANGES } from '../domain/policy-plan/change.ts';
import { LARGEST_BODY } from './batch.ts';
import { Name, text } from './fields.ts';
import { Cursor } from './subjects.ts';

/** Policy files as they are written. `path`: how mistakes name the file. */
export const PlanPolicies = z.strictObject({
  files: z
    .array(z.strictObject({ path: text(1024), text: text(LARGEST_BODY) }))
    .min(1)
    .max(100),
  /** The periods of settings that policies leave to the operator, by policy and setting. */
  settings: z.exactOptional(z.record(text(100), z.record(text(100), text(256)))),
});
export type PlanPolicies = z.input<typeof PlanPolicies>;

export const PolicyPlanQuery = z.strictObject({
  id: z.string().regex(/^[\w-]{1,64}$/),
  cursor: z.exactOptional(Cursor),
});
export type PolicyPlanQuery = z.input<typeof PolicyPlanQuery>;

const counts = z.object(
  Object.fromEntries(CHANGES.map((change) => [change, z.int()])) as {
    readonly [Change in (typeof CHANGES)[number]]: z.ZodInt;
  },
);

/** What changes for the records of one category in one store. */
export const PolicyPlanGroup = z.object({
  store: z.string(),
  /** Of a record of several categories, the first one by name. */
  category: z.string(),
  /** The policy of the category as it is and as it is to be. Absent where none covers it. */
  policy: z.exactOptional(Name),
  newPolicy: z.exactOptional(Name),
  counts,
  /** Collections among them. Each counts once; how many rows it has is not known. */
  collections: z.int(),
  /** A few records of each change by their references in the deletion log, while these can be made. */
  samples: z.partialRecord(z.enum(CHANGES), z.array(z.string())),
});
export type PolicyPlanGroup = z.output<typeof PolicyPlanGroup>;

export const PolicyPlanAnswer = z.object({
  id: z.string(),
  state: z.enum(['counting', 'counted']),
  /** When the plan was asked for. Each record is compared as of the time when it is read. */
  at: z.string(),
  /** Versions that come into effect until then are taken as if they were in effect. */
  asIf: z.exactOptional(z.string()),
  /** Digests of the policies in effect: as they are, and as they are to be. */
  from: z.exactOptional(z.string()),
  to: z.string(),
  /** Records that were compared so far, and those that could not be read. */
  examined: z.int(),
  unread: z.int(),
  totals: counts,
  /** In order of store and category. Empty until all are counted. */
  groups: z.array(PolicyPlanGroup),
  next: z.exactOptional(Cursor),
});
export type PolicyPlanAnswer = z.output<typeof PolicyPlanAnswer>;

const Digest = z.string().regex(/^[0-9a-f]{32}$/);

/** `policies`: the digest of the policies that wait. */
export const ApprovePolicies = z.strictObject({ policies: Digest });
export type ApprovePolicies = z.input<typeof ApprovePolicies>;

/** By which policies lanes dispose of records. Each set is named by the digest of the policies in effect. */
export const PoliciesAnswer = z.object({
  /** Of this deployment. Lanes begin nothing while they are not the active ones. */
  deployed: z.string(),
  /** Absent before the first sweep. */
  active: z.exactOptional(z.object({ policies: z.string(), since: z.string() })),
  /** The deployed policies, while they are not active. */
  waiting: z.exactOptional(
    z.object({
      policies: z.string(),
      since: z.string(),
      /** `person`: they are counted, and become active when an operator approves them, or by themselves if they may. */
      state: z.enum(['counting', 'person']),
      /** The plan that counts what they change. */
      plan: z.exactOptional(z.string()),
      /** How many records become due by them, now or within 30 days, as far as they are counted. */
      newlyDue: z.exactOptional(z.int()),
      /** Datasets whose policy changes: their rows are not counted, so a person is asked. */
      datasets: z.exactOptional(z.array(z.object({ store: z.string(), category: z.string() }))),
      /** How many may before a person is asked; absent for any number. */
      maxNewlyDue: z.exactOptional(z.int()),
    }),
  ),
});
export type PoliciesAnswer = z.output<typeof PoliciesAnswer>;
