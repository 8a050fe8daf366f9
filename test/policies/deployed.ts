import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '../../shared/domain/configuration/configuration.ts';
import { readConfiguration } from '../../shared/runtime/configuration-file.ts';
import { type Assembly, readAssembly, type Stack } from './assembly.ts';
import { type Policies, readPolicies } from './policies.ts';
import { type Resolver, resolverOf } from './resolver.ts';

export interface DeployedResource {
  readonly id: string;
  readonly type: string;
  readonly ref: string;
  readonly arn: string;
  /** With every reference resolved. */
  readonly properties: () => Readonly<Record<string, unknown>>;
}

export const FUNCTIONS = ['api', 'dispose', 'ingest', 'seal', 'sweep'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

export interface DeployedFunction {
  readonly name: FunctionName;
  readonly arn: string;
  readonly roleArn: string;
  readonly env: Readonly<Record<string, string>>;
  /** What its asset says: a lane knows its own store and the policies. */
  readonly configuration: Configuration;
}

/** A deployment as its templates describe it, with concrete names. */
export interface Deployed {
  readonly account: string;
  readonly region: string;
  readonly policies: Policies;
  readonly functions: readonly DeployedFunction[];
  ofType(type: string): readonly DeployedResource[];
  /** The only one of its type; with a logical id, the only one of both. */
  the(type: string, logicalId?: string): DeployedResource;
}

/** `bundles` is the folder of the built functions: an asset with the same code is that function. */
export function readDeployed(assemblyFolder: string, bundles: string): Deployed {
  const assembly = readAssembly(assemblyFolder);
  const resolver = resolverOf(assembly);
  const [first] = assembly.stacks;
  if (first === undefined) throw new Error(`There is no stack in ${assemblyFolder}.`);
  const all = assembly.stacks.flatMap((stack) => resourcesOf(stack, resolver));
  const ofType = (type: string): readonly DeployedResource[] => all.filter((each) => each.type === type);
  return {
    account: first.account,
    region: first.region,
    policies: readPolicies(assembly, resolver),
    functions: ofType('AWS::Lambda::Function').flatMap((found) => functionOf(found, assembly, bundles)),
    ofType,
    the(type, logicalId) {
      const found = ofType(type);
      const [one, ...more] = logicalId === undefined ? found : found.filter(({ id }) => id === logicalId);
      if (one === undefined || more.length > 0)
        throw new Error(`${assemblyFolder} has ${more.length + (one ? 1 : 0)} resources of type ${type}.`);
      return one;
    },
  };
}

function resourcesOf(stack: Stack, resolver: Resolver): readonly DeployedResource[] {
  return Object.entries(stack.template.Resources).map(([id, { Type, Properties = {} }]) => {
    const { ref, attributes } = resolver.identity(stack, id);
    return {
      id,
      type: Type,
      ref,
      arn: attributes['Arn'] ?? ref,
      properties: () => resolver.value(Properties, stack) as Readonly<Record<string, unknown>>,
    };
  });
}

interface FunctionProperties {
  readonly Code: { readonly S3Key: string };
  readonly Role: string;
  readonly Environment?: { readonly Variables: Readonly<Record<string, string>> };
}

/** The CDK adds a function of its own; it has no bundle of ours. */
function functionOf(
  { arn, properties }: DeployedResource,
  { folder, assets }: Assembly,
  bundles: string,
): DeployedFunction[] {
  const { Code, Role, Environment } = properties() as unknown as FunctionProperties;
  const asset = join(folder, assets.get(Code.S3Key) ?? '');
  const files = readdirSync(asset);
  if (!files.includes('config.json')) return [];
  const code = readFileSync(join(asset, 'index.mjs'));
  const bundle = readdirSync(bundles).find((each) =>
    readFileSync(join(bundles, each, 'index.mjs')).equals(code),
  );
  const name = FUNCTIONS.find((each) => bundle?.split('-')[0] === each);
  if (name === undefined) throw new Error(`The code of ${arn} is in no bundle: run \`npm run build\`.`);
  const configuration = readConfiguration(readFileSync(join(asset, 'config.json'), 'utf8'));
  return [{ name, arn, roleArn: Role, env: Environment?.Variables ?? {}, configuration }];
}
