import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Resource {
  readonly Type: string;
  DependsOn?: string | readonly string[];
}
interface Template {
  readonly Resources: Record<string, Resource>;
  readonly Outputs?: Record<string, unknown>;
}

/** What the emulator's CloudFormation has no handler for: a stack with one of them fails as a whole. */
const REFUSED = new Set([
  'AWS::Events::Archive',
  'AWS::Events::EventBusPolicy',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::Logs::QueryDefinition',
  'AWS::SecretsManager::ResourcePolicy',
]);

/** Takes what the emulator refuses out of the synthesised templates, and says which. */
export async function adaptTemplates(assembly: string): Promise<readonly string[]> {
  const files = (await readdir(assembly)).filter((file) => file.endsWith('.template.json'));
  const dropped = await Promise.all(
    files.map(async (file) => {
      const path = join(assembly, file);
      const template = JSON.parse(await readFile(path, 'utf8')) as Template;
      const out = withoutRefused(template);
      await writeFile(path, JSON.stringify(template));
      return out.map((line) => `${file.replace('.template.json', '')}: ${line}`);
    }),
  );
  return dropped.flat();
}

/** What refers to a dropped resource in any way but `DependsOn` makes the deployment fail, by name. */
function withoutRefused({ Resources }: Template): readonly string[] {
  const refused = Object.entries(Resources).filter(([, { Type }]) => REFUSED.has(Type));
  const ids = new Set(refused.map(([id]) => id));
  for (const id of ids) delete Resources[id];
  for (const resource of Object.values(Resources)) {
    const { DependsOn } = resource;
    if (DependsOn === undefined) continue;
    resource.DependsOn = [DependsOn].flat().filter((id) => !ids.has(id));
  }
  return refused.map(([id, { Type }]) => `${Type} ${id}`);
}
