import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsCustomResource } from 'aws-cdk-lib/custom-resources';
import { templatesOf } from '../../../infra/build/templates-of.ts';
import { Tenure, type TenureConfig } from '../../../infra/tenure.ts';
import retention from '../../../retention.config.ts';
import { STORE_KINDS } from '../../../shared/stores/kinds.ts';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
  readonly NotResource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The resource that contains it, for messages. */
  readonly where: string;
}

export interface Resource {
  readonly id: string;
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface Synthesized {
  readonly state: Template;
  /** The service stack with the resources of its lanes, each of which is a nested stack, as if they were its own. */
  readonly service: Template;
  /** The templates as CloudFormation gets them, by the path of their stack. */
  readonly stacks: ReadonlyMap<string, Template>;
  readonly bytes: ReadonlyMap<string, number>;
  readonly tenure: Tenure;
}

interface Where {
  /** The folder that the paths of its policy files are relative to. */
  readonly folder?: string;
  /** The feature flags of the app; by default those of this repository. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** The example deployment, or another, as CloudFormation gets it. Bundles are empty: templates do not look into them. */
export function synthesized(
  config: TenureConfig = retention,
  { folder = ROOT, flags }: Where = {},
): Synthesized {
  return inApp((app, bundles) => {
    const tenure = new Tenure(app, 'Tenure', { config, folder, bundles });
    const { state, service, stacks, bytes } = templatesOf(tenure);
    const checked = new Map([...stacks].map(([path, template]) => [path, Template.fromJSON(template)]));
    return {
      state: Template.fromJSON(state),
      service: Template.fromJSON(service),
      stacks: checked,
      bytes,
      tenure,
    };
  }, flags);
}

/** An app with the context of `cdk.json`, and a folder of empty bundles; both are gone afterwards. */
export function inApp<Result>(
  use: (app: App, bundles: string) => Result,
  flags: Readonly<Record<string, unknown>> = flagsOf(ROOT),
): Result {
  const folder = mkdtempSync(join(tmpdir(), 'tenure-synth-'));
  try {
    for (const bundle of ['api', 'ingest', 'seal', 'sweep', ...laneBundles()]) {
      mkdirSync(join(folder, 'bundles', bundle), { recursive: true });
      writeFileSync(join(folder, 'bundles', bundle, 'index.mjs'), 'export {};\n');
    }
    const context = { ...flags, 'aws:cdk:bundling-stacks': [] };
    const app = new App({ context, outdir: join(folder, 'cdk.out') });
    return use(app, join(folder, 'bundles'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The feature flags in the `cdk.json` of a folder. */
export function flagsOf(folder: string): Readonly<Record<string, unknown>> {
  const cdk = JSON.parse(readFileSync(join(folder, 'cdk.json'), 'utf8')) as {
    readonly context: Readonly<Record<string, unknown>>;
  };
  return cdk.context;
}

export function resourcesOf(template: Template): Resource[] {
  const { Resources } = template.toJSON() as { Resources: Record<string, Omit<Resource, 'id'>> };
  return Object.entries(Resources).map(([id, resource]) => ({ ...resource, id }));
}

export function ofType(template: Template, type: string): Resource[] {
  return resourcesOf(template).filter(({ Type }) => Type === type);
}

/** The functions that are ours: CDK adds one of its own, which sends the sweep at the end of a deployment. */
export function ownFunctions(template: Template): Resource[] {
  const ofCdk = `AWS${AwsCustomResource.PROVIDER_FUNCTION_UUID.replaceAll('-', '')}`;
  return ofType(template, 'AWS::Lambda::Function').filter(({ id }) => !id.startsWith(ofCdk));
}

/** Every statement of every policy in a template, of identities and resources alike. */
export function statementsOf(template: Template): Statement[] {
  return resourcesOf(template).flatMap(({ id, Properties }) =>
    documents(Properties).flatMap((document) =>
      [document.Statement].flat().map((statement) => ({
        ...(statement as Omit<Statement, 'where' | 'Action' | 'Resource'>),
        Action: listed((statement as { Action?: unknown }).Action) as string[],
        Resource: listed((statement as { Resource?: unknown }).Resource),
        where: id,
      })),
    ),
  );
}

/** What the role of a function may do: the statements of the policies that are attached to it. */
export function statementsOfRole(template: Template, role: RegExp): Statement[] {
  const policies = ofType(template, 'AWS::IAM::Policy').filter(({ Properties }) =>
    role.test(JSON.stringify(Properties['Roles'])),
  );
  const ids = new Set(policies.map(({ id }) => id));
  return statementsOf(template).filter(({ where }) => ids.has(where));
}

interface Document {
  readonly Statement: unknown;
}

function documents(value: unknown): Document[] {
  if (Array.isArray(value)) return value.flatMap(documents);
  if (typeof value !== 'object' || value === null) return [];
  if ('Statement' in value) {
    const { Statement } = value;
    // A single statement, as in the policy of a bus, or a whole document.
    return Array.isArray(Statement) || (typeof Statement === 'object' && Statement !== null)
      ? [{ Statement }]
      : [];
  }
  return Object.values(value).flatMap(documents);
}

export function listed(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function laneBundles(): string[] {
  return Object.keys(STORE_KINDS).map((kind) => `dispose-${kind}`);
}
