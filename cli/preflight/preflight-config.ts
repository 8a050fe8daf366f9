import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { checkOwnRegion } from '../../shared/domain/configuration/check-stores.ts';
import { compileConfiguration } from '../../shared/domain/configuration/compile-configuration.ts';
import { printConfigurationProblem } from '../../shared/domain/configuration/configuration-problem.ts';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { codeOf } from '../../shared/domain/error-code.ts';
import { present } from '../../shared/domain/present.ts';
import { loadPolicies } from '../../shared/policy-files/load-policies.ts';
import { printProblem } from '../../shared/policy-files/problem.ts';
import { STORE_KINDS } from '../../shared/stores/kinds.ts';
import { jsonIn, textOf } from '../text-of.ts';
import { UsageError } from '../usage-error.ts';

const Lane = z.looseObject({
  login: z
    .union([
      z.looseObject({ secret: z.templateLiteral(['arn:', z.string()]) }),
      z.looseObject({ databaseId: z.string() }),
    ])
    .optional(),
  key: z.string().optional(),
  network: z.looseObject({ subnets: z.array(z.string()) }).optional(),
  concurrency: z.number().optional(),
});
export type PreflightLane = z.output<typeof Lane>;

/** The parts of the deployment settings that the checks of quotas and stores need. `cdk synth` checks the rest. */
const Outer = z.looseObject({
  deployment: z.looseObject({
    name: z.string(),
    region: z.string(),
    concurrency: z.record(z.string(), z.number()).optional(),
    registry: z.looseObject({ adopt: z.string() }).optional(),
  }),
  policies: z.array(z.string()),
  settings: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  stores: z.record(z.string(), z.looseObject({ lane: Lane.optional() })),
  acknowledgedRegions: z
    .record(
      z.string(),
      z.object({
        policies: z.array(z.string()),
        reason: z.string(),
        exports: z.literal(true).optional(),
      }),
    )
    .optional(),
});

export interface Preflight {
  /** Of the deployment. */
  readonly name: string;
  readonly region: string;
  readonly configuration: Configuration;
  readonly lanes: Readonly<Record<string, PreflightLane>>;
  /** The reserved concurrency of all functions together. */
  readonly reserved: number;
  /** The table that the registry was restored into. */
  readonly adopted?: string;
}

/** Reads `retention.config.ts` as a deployment does. Throws its mistakes. */
export async function loadPreflight(file: string): Promise<Preflight> {
  const path = resolve(file);
  const outer = Outer.safeParse(await exported(path, file));
  if (!outer.success) {
    const [issue] = outer.error.issues;
    if (issue === undefined || issue.path.length === 0)
      throw new UsageError(`${file} has no configuration as its default export.`);
    throw new UsageError(
      `${file} is not a valid deployment configuration: ${issue.path.join('.')}: ${issue.message}`,
    );
  }
  const { deployment, stores, ...rest } = outer.data;
  const texts = await Promise.all(
    rest.policies.map(async (policy) => ({
      path: policy,
      text: await textOf(join(dirname(path), policy)),
    })),
  );
  const loaded = loadPolicies(texts, rest.settings === undefined ? {} : { settings: rest.settings });
  if (!loaded.ok) throw new UsageError(...loaded.problems.map(printProblem));
  const inner = {
    ...rest,
    stores: Object.fromEntries(Object.entries(stores).map(([name, store]) => [name, withoutLane(store)])),
  };
  const compiled = compileConfiguration(inner, loaded.policySet, STORE_KINDS);
  const problems = compiled.ok
    ? checkOwnRegion(loaded.policySet, deployment.region, rest.acknowledgedRegions ?? {})
    : compiled.problems;
  if (!compiled.ok || problems.length > 0) throw new UsageError(...problems.map(printConfigurationProblem));
  const lanes = Object.fromEntries(Object.entries(stores).map(([name, { lane }]) => [name, lane ?? {}]));
  const reserved = [
    ...Object.values(deployment.concurrency ?? {}),
    ...Object.values(lanes).map(({ concurrency }) => concurrency ?? 0),
  ].reduce((sum, each) => sum + each, 0);
  const { name, region, registry } = deployment;
  const adopted = present({ adopted: registry?.adopt });
  return { name, region, configuration: compiled.configuration, lanes, reserved, ...adopted };
}

function withoutLane(store: object): object {
  return Object.fromEntries(Object.entries(store).filter(([field]) => field !== 'lane'));
}

async function exported(path: string, file: string): Promise<unknown> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true)
    throw new UsageError(
      `${file} could not be read: pass the file whose default export is the configuration.`,
    );
  if (path.endsWith('.json')) return jsonIn(file, await textOf(path));
  try {
    return ((await import(pathToFileURL(path).href)) as { readonly default?: unknown }).default;
  } catch (error) {
    // Its message quotes the file.
    throw new UsageError(
      `${file} could not be loaded (${codeOf(error)}): \`node ${file}\` shows where. It has to be TypeScript or JavaScript whose default export is the configuration.`,
    );
  }
}
