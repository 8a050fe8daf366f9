import type * as z from 'zod';
import { checkCollections } from '../collections/check-collections.ts';
import { checkColumns } from '../columns/check-columns.ts';
import { columnNames, compiledColumn } from '../columns/fact-columns.ts';
import { checkDatasets } from '../datasets/check-datasets.ts';
import { compiledDataset } from '../datasets/datasets-of.ts';
import { checkCoverage } from '../coverage/check-coverage.ts';
import { checkEntityTypes } from '../record/entity-graph.ts';
import { checkProducers } from './check-producers.ts';
import { checkAcknowledged, checkStores } from './check-stores.ts';
import { checkTiming } from './check-timing.ts';
import { checkFourEyes } from '../guard/four-eyes.ts';
import { DEFAULT_TIMING } from './configuration.ts';
import type {
  CollectionConfiguration,
  Configuration,
  ProducerConfiguration,
  StoreConfiguration,
  StoreKinds,
  Timing,
} from './configuration.ts';
import type { ConfigurationProblem } from './configuration-problem.ts';
import { RetentionConfig } from './configuration-schema.ts';
import { compileRequests } from '../people/compile-requests.ts';
import { foldProfile } from './fold-profile.ts';
import { limitsOf } from '../guard/lane-limits.ts';
import { own } from '../own.ts';
import { afterCareDays } from '../facts/after-care.ts';
import { present } from '../present.ts';
import type { PolicySet } from './policy.ts';
import { didYouMean } from '../suggest.ts';

export type CompiledConfiguration =
  | { readonly ok: true; readonly configuration: Configuration }
  | { readonly ok: false; readonly problems: readonly ConfigurationProblem[] };

const HOURLY_CAP = 10_000;

/**
 * Checks a deployment's configuration against its policies and fills in the defaults. Reports every mistake, not only
 * the first.
 */
export function compileConfiguration(
  raw: unknown,
  policies: PolicySet,
  kinds: StoreKinds,
): CompiledConfiguration {
  const shaped = RetentionConfig.safeParse(raw);
  if (!shaped.success) return { ok: false, problems: shapeProblems(shaped.error) };
  const config = shaped.data;
  const timing = { ...DEFAULT_TIMING, ...withoutGaps(config.timing ?? {}) };
  const { stores, problems } = storesOf(config, kinds);
  const requests = compileRequests(config.requests ?? {}, config);
  const configuration: Configuration = {
    entityTypes: mapValues(config.entityTypes, ({ ids, normalise, belongsTo, identifies }) => ({
      ids,
      normalise: normalise ?? [],
      ...present({ belongsTo, identifies }),
    })),
    stores,
    producers: mapValues(config.producers, producerOf),
    operators: config.operators ?? [],
    auditors: config.auditors ?? [],
    policies,
    timing,
    requests: requests.settings,
    ...present({
      policyChanges: config.policyChanges && present(config.policyChanges),
      fourEyes: config.fourEyes && present(config.fourEyes),
      ...columnNames(stores),
    }),
    foldProfile: foldProfile(policies),
  };
  problems.push(
    ...checkStores(configuration),
    ...checkEntityTypes(configuration),
    ...checkProducers(configuration, kinds),
    ...checkCollections(configuration, kinds),
    ...checkDatasets(configuration, kinds),
    ...checkColumns(configuration, kinds),
    ...checkCoverage(configuration, kinds),
    ...checkFourEyes(configuration),
    ...checkTiming(timing).map(({ setting, message }) => ({ path: `timing.${setting}`, message })),
    ...requests.problems,
    ...settingsOfUnknownPolicies(config, policies),
    ...checkAcknowledged(policies, config.acknowledgedRegions ?? {}),
  );
  return problems.length === 0 ? { ok: true, configuration } : { ok: false, problems };
}

function shapeProblems(error: z.ZodError): ConfigurationProblem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.');
    return issue.message.split('\n').map((message) => ({ path, message }));
  });
}

function storesOf(
  config: RetentionConfig,
  kinds: StoreKinds,
): { stores: Record<string, StoreConfiguration>; problems: ConfigurationProblem[] } {
  const problems: ConfigurationProblem[] = [];
  const stores = mapValues(config.stores, (store, name): StoreConfiguration => {
    const path = `stores.${name}`;
    const kind = own(kinds, store.kind);
    const options = kind?.options.safeParse(store.options ?? {});
    const parsed = options?.data as Record<string, unknown> | undefined;
    if (kind === undefined) {
      const hint =
        didYouMean(store.kind, Object.keys(kinds)) || `; available kinds: ${Object.keys(kinds).join(', ')}`;
      problems.push({ path: `${path}.kind`, message: `"${store.kind}" is not a kind of store${hint}` });
    }
    for (const issue of options?.error?.issues ?? []) {
      problems.push({
        path: [path, 'options', ...issue.path.map(String)].join('.'),
        message: optionMessage(issue, store.kind, kind),
      });
    }
    const problem = kind?.keyProblem(store.keys, parsed);
    if (problem !== undefined) {
      const { option, message } = typeof problem === 'string' ? { message: problem } : problem;
      problems.push({ path: option === undefined ? `${path}.keys` : `${path}.options.${option}`, message });
    }
    const marker = parsed && kind?.capabilities.markerField(parsed);
    if (marker !== undefined && store.keys.some((key) => key.name === marker))
      problems.push({
        path: `${path}.options.restrict`,
        message: `"${marker}" is a key column of the store, so it cannot say which records are restricted; name another one`,
      });
    return {
      kind: store.kind,
      region: store.region,
      keys: store.keys,
      options: parsed ?? store.options ?? {},
      restricts: parsed !== undefined && kind?.capabilities.verbs(parsed).includes('restrict') === true,
      hourlyCap: store.hourlyCap ?? HOURLY_CAP,
      ...present({ backupDays: store.backupDays, collections: store.collections?.map(collectionOf) }),
      ...present({ afterCare: afterCareDays(store) }),
      ...present({ datasets: store.datasets?.map((dataset) => compiledDataset(dataset, kind)) }),
      ...present({ facts: store.facts?.map(compiledColumn) }),
      ...limitsOf(store),
      ...present({ coverage: coverageOf(store.coverage), neverPresent: store.neverPresent }),
    };
  });
  return { stores, problems };
}

function collectionOf({
  where,
  ...collection
}: NonNullable<RetentionConfig['stores'][string]['collections']>[number]): CollectionConfiguration {
  return { ...collection, ...present({ where }) };
}

/** Each kind checks its options with its own schema; this adds which options the kind, or a part of one, takes. */
function optionMessage(issue: z.core.$ZodIssue, name: string, kind: StoreKinds[string] | undefined): string {
  const { path } = issue;
  const isMissing = issue.code === 'invalid_type' && path.length === 1;
  const known = fieldsAt(kind?.options, isMissing ? [] : path);
  const takes =
    path.length === 0 || isMissing
      ? `; a store of kind ${name} takes ${known.join(', ')}`
      : `; use one of: ${known.join(', ')}`;
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `unknown option "${key}"${didYouMean(key, known) || takes}`).join('; ');
  // What is wrong with the name of a field that the configuration chooses is said one level deeper.
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => message).join('; ');
  return isMissing ? `${issue.message}${takes}` : issue.message;
}

/** Names of the fields of an object in a schema, whether it may be left out or is in a list. */
function fieldsAt(schema: unknown, path: readonly PropertyKey[]): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  if ('unwrap' in schema && typeof schema.unwrap === 'function')
    return fieldsAt(schema.unwrap(), typeof path[0] === 'number' ? path.slice(1) : path);
  if (!('shape' in schema) || typeof schema.shape !== 'object' || schema.shape === null) return [];
  const [field, ...rest] = path;
  if (field === undefined) return Object.keys(schema.shape);
  return fieldsAt(Reflect.get(schema.shape, field), rest);
}

function coverageOf(coverage: RetentionConfig['stores'][string]['coverage']): StoreConfiguration['coverage'] {
  if (coverage === false || coverage === undefined) return coverage;
  const { account, sample, ignore } = coverage;
  return present({ account, sample, ignore });
}

function producerOf(producer: RetentionConfig['producers'][string]): ProducerConfiguration {
  return {
    source: producer.source,
    principals: producer.principals ?? [],
    ...present({ bus: producer.bus }),
    stores: mapValues(producer.stores, ({ prefixes, shared }) => ({
      prefixes: prefixes ?? [''],
      shared: shared ?? false,
    })),
    categories: producer.categories,
    events: producer.events ?? [],
    ...present({ itemsPerHour: producer.itemsPerHour }),
  };
}

function settingsOfUnknownPolicies(config: RetentionConfig, { policies }: PolicySet): ConfigurationProblem[] {
  const names = policies.map(({ name }) => name);
  return Object.keys(config.settings ?? {}).flatMap((policy) => {
    if (names.includes(policy)) return [];
    return [
      {
        path: `settings.${policy}`,
        message: `no policy is named "${policy}"${didYouMean(policy, names) || '; remove these settings, or add the policy'}`,
      },
    ];
  });
}

function withoutGaps(timing: { [Key in keyof Timing]?: number | undefined }): Partial<Timing> {
  return Object.fromEntries(Object.entries(timing).filter(([, value]) => value !== undefined));
}

function mapValues<In, Out>(
  record: Readonly<Record<string, In>>,
  map: (value: In, key: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
