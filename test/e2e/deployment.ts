import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, run } from './command.ts';
import { ACCOUNT, type Emulator, REGION } from './emulator.ts';
import type { Guide } from './guide.ts';
import { adaptTemplates } from './templates.ts';

/** Outputs by stack. */
export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Deployment {
  /** Synthesises the app and adapts the templates for the emulator. Returns what was changed. */
  synth(): Promise<readonly string[]>;
  bootstrap(): Promise<void>;
  /** Both stacks. */
  deploy(): Promise<Outputs>;
  /** Both stacks of an assembly that was kept, over what is deployed. */
  deployKept(kept: string): Promise<void>;
  /** Keeps what was synthesised last under another name. */
  keep(name: string): Promise<string>;
  redeploy(stack: string): Promise<void>;
  destroy(stack: string): Promise<void>;
}

/** The command as users run it, without prompts and colours. https://docs.aws.amazon.com/cdk/v2/guide/cli.html */
const QUIET = {
  CI: 'true',
  CDK_REQUIRE_APPROVAL: 'never',
  CDK_NOTICES: 'false',
  CDK_COLOR: 'false',
  CDK_PROGRESS: 'events',
};

/** The real CDK command, run in the consumer's folder. */
export function deploymentOf(app: string, emulator: Emulator, guide: Guide): Deployment {
  const assembly = join(app, 'cdk.out');
  const env = { ...emulator.env, ...QUIET, CDK_DEFAULT_ACCOUNT: ACCOUNT, CDK_DEFAULT_REGION: REGION };
  // Deploys what was synthesised and adapted for the emulator, without running the app again.
  const ready = { cwd: app, env: { ...env, CDK_APP: assembly } };
  const cdk = join(app, 'node_modules/.bin/cdk');
  return {
    async synth() {
      await rm(assembly, { recursive: true, force: true });
      await run(cdk, ['synth', '--quiet'], { cwd: app, env });
      return adaptTemplates(assembly);
    },
    async bootstrap() {
      await guide.run(6, ready);
    },
    async deploy() {
      await guide.run(7, ready);
      return JSON.parse(await readFile(join(app, 'outputs.json'), 'utf8')) as Outputs;
    },
    async keep(name) {
      const kept = join(app, name);
      await cp(assembly, kept, { recursive: true });
      return kept;
    },
    async deployKept(kept) {
      await run(cdk, ['deploy', '--all'], { cwd: app, env: { ...env, CDK_APP: kept }, seconds: 600 });
    },
    async redeploy(stack) {
      await run(cdk, ['deploy', stack, '--exclusively'], ready);
    },
    async destroy(stack) {
      await run(cdk, ['destroy', stack, '--exclusively', '--force'], ready);
    },
  };
}

/** The consumer's own compiler accepts the types of the package. */
export async function checkTypes(app: string): Promise<void> {
  const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024'];
  const types = [
    '--allowImportingTsExtensions',
    '--types',
    'node',
    '--typeRoots',
    join(ROOT, 'node_modules/@types'),
  ];
  await run(join(ROOT, 'node_modules/.bin/tsc'), [...strict, ...types, 'app.ts'], { cwd: app });
}
