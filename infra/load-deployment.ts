import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import {
  checkOwnRegion,
  outsideRegions,
  type OutsideRegions,
} from '../shared/domain/configuration/check-stores.ts';
import { compileConfiguration } from '../shared/domain/configuration/compile-configuration.ts';
import {
  type ConfigurationProblem,
  printConfigurationProblem,
} from '../shared/domain/configuration/configuration-problem.ts';
import type { RetentionConfig } from '../shared/domain/configuration/configuration-schema.ts';
import type { Configuration } from '../shared/domain/configuration/configuration.ts';
import { withoutExports } from '../shared/domain/people/may-be-exported.ts';
import { issuerPrincipal } from '../shared/domain/configuration/principal.ts';
import { loadPolicies } from '../shared/policy-files/load-policies.ts';
import { printProblem } from '../shared/policy-files/problem.ts';
import { STORE_KINDS } from '../shared/stores/kinds.ts';
import {
  checkBusPolicy,
  checkLanes,
  checkLock,
  checkLogRetention,
  checkName,
  checkOwnPlaces,
  checkPrincipals,
  checkStateStack,
  checkStores,
  checkTopic,
} from './check-deployment.ts';
import { checkIngestRules } from './constructs/ingest-rules.ts';
import { DeploymentSettings, LaneSettings } from './deployment-schema.ts';
import { checkForeignRoles, type ForeignRole, foreignRoles } from './foreign-roles.ts';

type StoreSettings = RetentionConfig['stores'][string] & { readonly lane?: LaneSettings };

/** What `retention.config.ts` exports: one entry per store, with what its lane needs to reach it. */
export type TenureConfig = Omit<RetentionConfig, 'stores'> & {
  readonly deployment: DeploymentSettings;
  readonly stores: Readonly<Record<string, StoreSettings>>;
};

/** A deployment that was checked as a whole: settings, lanes and the compiled configuration are consistent. */
export interface Deployment {
  readonly settings: DeploymentSettings;
  readonly lanes: Readonly<Record<string, LaneSettings>>;
  readonly configuration: Configuration;
  /** For principals of other accounts. */
  readonly foreignRoles: readonly ForeignRole[];
  /** Policies that do not allow the deployment's own region, with the reason for which it is there. */
  readonly outsideRegions: readonly OutsideRegions[];
}

/** Stops the synthesis. Lists every problem with its field or line, and how to fix it. */
export class RetentionConfigError extends Error {
  readonly code = 'RETENTION_CONFIG_INVALID';
  constructor(problems: readonly string[]) {
    super(`retention.config.ts or its policies have mistakes; correct them:\n${problems.join('\n')}`);
    this.name = 'RetentionConfigError';
    // Node prints it when an app does not catch the error. Its frames are of Tenure's code, not of the configuration.
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** The parts that only infra reads; `compileConfiguration` checks the rest. */
const Outer = z.looseObject({
  deployment: DeploymentSettings,
  stores: z.record(z.string(), z.looseObject({ lane: LaneSettings.optional() })),
});

/** Paths of policy files are relative to `folder`. Throws `RETENTION_CONFIG_INVALID` with every mistake. */
export function loadDeployment(raw: TenureConfig, folder: string): Deployment {
  const outer = Outer.safeParse(raw);
  const { deployment: _, stores, ...rest } = raw;
  const inner = { ...rest, stores: withoutLanes(stores) };
  const loaded = loadPolicies(
    readPolicies(raw.policies, folder),
    raw.settings === undefined ? {} : { settings: raw.settings },
  );
  const compiled = loaded.ok ? compileConfiguration(inner, loaded.policySet, STORE_KINDS) : undefined;
  const problems = [
    // The compilation reports stores that are not a mapping of mappings.
    ...(outer.error?.issues ?? [])
      .filter(({ path }) => path[0] !== 'stores' || path[2] === 'lane')
      .flatMap(problemsOf),
    ...(compiled?.ok === false ? compiled.problems : []),
  ].map(printConfigurationProblem);
  if (!loaded.ok) problems.push(...loaded.problems.map(printProblem));
  if (!outer.success || compiled?.ok !== true) throw new RetentionConfigError(problems);

  const settings = outer.data.deployment;
  const lanes = Object.fromEntries(
    Object.entries(outer.data.stores).map(([store, { lane }]) => [store, lane ?? {}]),
  );
  const { configuration } = compiled;
  const foreign = foreignRoles(configuration, settings);
  const acknowledged = raw.acknowledgedRegions ?? {};
  const late = [
    ...checkName(settings),
    ...checkTopic(settings),
    ...checkOwnRegion(configuration.policies, settings.region, acknowledged),
    ...checkPrincipals(configuration, settings),
    ...checkStores(configuration),
    ...checkLanes(configuration, lanes),
    ...checkLogRetention(settings),
    ...checkBusPolicy(configuration, settings),
    ...checkLock(settings),
    ...checkOwnPlaces(configuration, settings),
    ...checkIngestRules(configuration),
    ...checkForeignRoles(foreign),
    ...checkStateStack(configuration, foreign),
  ];
  if (late.length > 0) throw new RetentionConfigError(late.map(printConfigurationProblem));
  const outside = outsideRegions(configuration.policies, settings.region, acknowledged);
  return {
    settings,
    lanes,
    configuration: withSignIn(withoutExports(configuration, outside), settings),
    foreignRoles: foreign,
    outsideRegions: outside,
  };
}

/** Every user whom the auditors' provider signs in is an auditor. */
function withSignIn(configuration: Configuration, { auditorSignIn }: DeploymentSettings): Configuration {
  if (auditorSignIn === undefined) return configuration;
  return { ...configuration, auditors: [...configuration.auditors, issuerPrincipal(auditorSignIn.issuer)] };
}

function withoutLanes(stores: unknown): unknown {
  if (typeof stores !== 'object' || stores === null) return stores;
  return Object.fromEntries(
    Object.entries(stores as Record<string, StoreSettings>).map(([name, store]) => {
      const { lane: _, ...rest } = store;
      return [name, rest];
    }),
  );
}

function readPolicies(paths: readonly string[], folder: string): { path: string; text: string }[] {
  return paths.map((path) => {
    try {
      return { path, text: readFileSync(join(folder, path), 'utf8') };
    } catch {
      throw new RetentionConfigError([
        `policies: file ${path} not found; paths are relative to the folder of retention.config.ts`,
      ]);
    }
  });
}

function problemsOf(issue: z.core.$ZodIssue): ConfigurationProblem[] {
  const path = issue.path.map(String).join('.');
  return issue.message.split('\n').map((message) => ({ path, message }));
}
