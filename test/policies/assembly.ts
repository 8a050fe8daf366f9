import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** The parts of a CloudFormation template that are read here. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: unknown }>>;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
}

/** A stack as it will be deployed. A nested stack gets its parameters from the stack that contains it. */
export interface Stack {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly template: Template;
  readonly nested: ReadonlyMap<string, Stack>;
  readonly parent?: { readonly stack: Stack; readonly id: string };
}

/** What `cdk synth` wrote into a folder. */
export interface Assembly {
  readonly folder: string;
  /** All stacks, nested ones included. */
  readonly stacks: readonly Stack[];
  /** The folder of a function's code, by the name of its archive in the bucket of assets. */
  readonly assets: ReadonlyMap<string, string>;
}

interface Manifest {
  readonly artifacts: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly environment?: string;
        readonly properties?: { readonly templateFile?: string; readonly stackName?: string };
      }
    >
  >;
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string };
        readonly destinations: Readonly<Record<string, { readonly objectKey: string }>>;
      }
    >
  >;
}

/** Reads every template of an assembly, whatever its stacks are called and however they are nested. */
export function readAssembly(folder: string): Assembly {
  const read = (file: string): unknown => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const assets = new Map<string, string>();
  for (const file of readdirSync(folder).filter((each) => each.endsWith('.assets.json'))) {
    for (const { source, destinations } of Object.values((read(file) as AssetManifest).files ?? {})) {
      for (const { objectKey } of Object.values(destinations))
        if (source.path !== undefined) assets.set(objectKey, source.path);
    }
  }
  const stacks: Stack[] = [];
  const add = (file: string, place: Omit<Stack, 'template' | 'nested'>): Stack => {
    const template = read(file) as Template;
    const nested = new Map<string, Stack>();
    const stack: Stack = { ...place, template, nested };
    stacks.push(stack);
    for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
      if (Type !== 'AWS::CloudFormation::Stack') continue;
      const url = JSON.stringify(Properties?.['TemplateURL']);
      const [, path] = [...assets].find(([key]) => url.includes(key)) ?? [];
      if (path === undefined) throw new Error(`The template of the nested stack ${id} is not in ${folder}.`);
      nested.set(id, add(path, { ...place, name: `${place.name}-${id}`, parent: { stack, id } }));
    }
    return stack;
  };
  for (const artifact of Object.values((read('manifest.json') as Manifest).artifacts)) {
    if (artifact.type !== 'aws:cloudformation:stack') continue;
    const [, account = '', region = ''] = /^aws:\/\/(\d+)\/(.+)$/.exec(artifact.environment ?? '') ?? [];
    const { templateFile = '', stackName = '' } = artifact.properties ?? {};
    add(templateFile, { name: stackName, account, region });
  }
  return { folder, stacks, assets };
}
