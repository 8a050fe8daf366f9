import * as z from 'zod';
import { CollectionList } from '../collections/collection-schema.ts';
import { FactColumnList } from '../columns/column-schema.ts';
import { DatasetList } from '../datasets/dataset-schema.ts';
import { LIMITS } from '../guard/lane-limits.ts';
import { CoverageSchema, NeverPresentSchema } from '../coverage/coverage-schema.ts';
import { list, matching, named, strict, text, wrong } from './authored-schema.ts';
import { RequestsConfig } from '../people/compile-requests.ts';
import { KEY_TYPES, NORMALISATIONS } from './configuration.ts';

const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const WORD = /^[a-z][a-z0-9_-]*$/;

const whole = (least: number, most: number, right: string): z.ZodNumber =>
  z
    .int({ error: wrong(right) })
    .min(least, { error: wrong(right) })
    .max(most, { error: wrong(right) });
const seconds = (most: number): z.ZodOptional<z.ZodNumber> =>
  whole(0, most, `write whole seconds, at most ${most}`).optional();
const principals = () =>
  z
    .array(text('name an IAM principal by its ARN'), { error: wrong('list IAM principals by their ARNs') })
    .optional();

const EntityType = strict('an entity type', {
  ids: z.enum(['owned', 'shared'], {
    error: wrong('write `owned` (each producer has its own ids) or `shared` (one id space)'),
  }),
  normalise: z
    .array(z.enum(NORMALISATIONS, { error: wrong(`write one of ${NORMALISATIONS.join(', ')}`) }), {
      error: wrong(`list how ids are made comparable: ${NORMALISATIONS.join(', ')}`),
    })
    .optional(),
  belongsTo: matching(WORD, 'name the type that it is a part of, such as `customer`').optional(),
  identifies: matching(WORD, 'name the shared type that is known by it, such as `person`').optional(),
});

const KeyColumn = strict('a key column', {
  name: text('name the column or attribute'),
  type: z.enum(KEY_TYPES, { error: wrong(`write one of ${KEY_TYPES.join(', ')}`) }),
});

const AFTER_CARE =
  'list after how many days, from 1 to 36500, a deleted record is looked at again, at most 10 times, such as `[1, 7]`';

const Store = strict('a store', {
  kind: text('name the kind of store'),
  region: text('name the region where its data is stored'),
  keys: list(KeyColumn, 'list the key columns in order, such as `{ name: "id", type: "uuid" }`'),
  options: z
    .record(z.string(), z.unknown(), { error: wrong('write the options of this kind of store') })
    .optional(),
  hourlyCap: whole(
    1,
    10_000_000,
    'write how many holdings may be disposed of per hour, from 1 to 10000000',
  ).optional(),
  ...LIMITS,
  backupDays: whole(
    0,
    36_500,
    'write the number of days until backups no longer contain deleted data, from 0 to 36500',
  ).optional(),
  afterCare: z
    .array(whole(1, 36_500, AFTER_CARE), { error: wrong(AFTER_CARE) })
    .max(10, { error: wrong(AFTER_CARE) })
    .optional(),
  collections: CollectionList.optional(),
  datasets: DatasetList.optional(),
  facts: FactColumnList.optional(),
  coverage: CoverageSchema.optional(),
  neverPresent: NeverPresentSchema.optional(),
});

const StoreGrant = strict('a grant', {
  prefixes: list(
    z.string({ error: wrong('write prefixes of the first key value') }),
    'list prefixes of the first key value',
  ).optional(),
  shared: z
    .boolean({ error: wrong('write `true` if several producers register the same records') })
    .optional(),
});

const ITEMS_PER_HOUR = 'write how many items it may send in an hour, from 100 to 1000000000';

const Producer = strict('a producer', {
  source: matching(
    // IAM reads `${…}` as a variable, and CloudFormation `{{…}}` as a reference: neither would be the source any more.
    /^(?!aws\.|tenure\.)(?!.*(?:\$\{|\{\{))[\x21-\x7e]{1,256}$/,
    'write the `source` of its events, at most 256 characters, not beginning with `aws.` or `tenure.`, and without `${` or `{{`',
  ),
  principals: principals(),
  bus: z.boolean({ error: wrong('write `true` if its principals put events on the bus') }).optional(),
  stores: named(NAME, 'stores that it may register, such as `{ "crm-contacts": {} }`', StoreGrant),
  categories: list(text('name a category'), 'list the categories that it may register'),
  events: z.array(text('name an event'), { error: wrong('list the events that it may send') }).optional(),
  // A batch always fits.
  itemsPerHour: z
    .int({ error: wrong(ITEMS_PER_HOUR) })
    .min(100, { error: wrong(ITEMS_PER_HOUR) })
    .max(1_000_000_000, { error: wrong(ITEMS_PER_HOUR) })
    .optional(),
});

/** In seconds. Omitted settings take their defaults. */
const Timing = strict('timing', {
  clockTolerance: seconds(3600),
  minimumHintDistance: seconds(86_400),
  earlyHint: seconds(86_400),
  // Queues hide a message for as long as its lease lasts, and SQS allows 12 hours at most.
  lease: seconds(43_200),
  functionTimeout: seconds(900),
  storeTimeout: seconds(900),
  firstBackoff: seconds(604_800),
  longestBackoff: seconds(604_800),
});

/** Policies that allow no store in a region, and why the deployment is there all the same. */
const AcknowledgedRegion = strict('an acknowledged region', {
  policies: list(text('name a policy'), 'list the policies that do not allow this region'),
  reason: text('say why the deployment is there although these policies do not allow the region'),
  exports: z
    .literal(true, {
      error: wrong(
        'write `true` if copies for people may be made there with the records of these policies, or omit it',
      ),
    })
    .optional(),
});

const NEWLY_DUE =
  'write how many records may become due by a change of policies before a person is asked, from 0 to 1000000000, or `null` for any number';

const PolicyChanges = strict('policy changes', {
  maxNewlyDue: whole(0, 1_000_000_000, NEWLY_DUE).nullable().optional(),
});

const FourEyes = strict('four eyes', {
  expiresAfterHours: whole(1, 720, 'write after how many hours a proposal expires, from 1 to 720').optional(),
  personalSessions: z
    .array(text('name a role by its ARN'), {
      error: wrong('list roles of operators whose session names say who it is, by their ARNs'),
    })
    .optional(),
});

/**
 * The content of `retention.config.ts`: who may send and register what, where data is stored, and which policies apply.
 */
export const RetentionConfig = strict('the configuration', {
  policies: list(text('name a policy file'), 'list the policy files, such as `["policies/crm.yaml"]`'),
  settings: named(
    /\S/,
    'policies and their settings, such as `{ calendera: { "reasonable period": "90 days" } }`',
    named(
      /\S/,
      'settings and their periods, such as `{ "reasonable period": "90 days" }`',
      text('write a period such as `90 days`'),
    ),
  ).optional(),
  entityTypes: named(WORD, 'types of entities, such as `{ account: { ids: "owned" } }`', EntityType),
  stores: named(NAME, 'stores by name, at most 40 characters of a-z, 0-9 and -', Store),
  producers: named(NAME, 'producers by name, at most 40 characters of a-z, 0-9 and -', Producer),
  operators: principals(),
  auditors: principals(),
  acknowledgedRegions: named(
    /^\S+$/,
    "regions, the policies that do not allow them, and the reason, such as `{ 'eu-central-1': { policies: ['crm'], reason: '…' } }`",
    AcknowledgedRegion,
  ).optional(),
  timing: Timing.optional(),
  policyChanges: PolicyChanges.optional(),
  fourEyes: FourEyes.optional(),
  requests: RequestsConfig.optional(),
});
export type RetentionConfig = z.infer<typeof RetentionConfig>;
