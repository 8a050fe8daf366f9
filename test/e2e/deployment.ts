import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finish, ROOT, run } from './command.ts';
import { ACCOUNT, type Emulator, REGION } from './emulator.ts';
import { adaptTemplates } from './templates.ts';

/** Outputs by stack. */
export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Deployment {
  bootstrap(): Promise<void>;
  /** Synthesises the app, adapts the templates for the emulator, and deploys. Answers what was taken out. */
  synth(): Promise<readonly string[]>;
  deploy(...stacks: string[]): Promise<Outputs>;
  destroy(stack: string): Promise<void>;
}

const CDK = join(ROOT, 'node_modules/.bin/cdk');
const QUIET = ['--no-notices', '--ci', '--no-color', '--progress', 'events'];

/** The real CDK command, run in the consumer's folder. */
export function deploymentOf(app: string, emulator: Emulator): Deployment {
  const assembly = join(app, 'cdk.out');
  const options = {
    cwd: app,
    env: { ...emulator.env, CDK_DEFAULT_ACCOUNT: ACCOUNT, CDK_DEFAULT_REGION: REGION },
  };
  return {
    async bootstrap() {
      // Not in the app's folder: the command would synthesise it first, to find out where to.
      const away = { ...options, cwd: join(app, '..') };
      await run(CDK, ['bootstrap', `aws://${ACCOUNT}/${REGION}`, ...QUIET], away);
    },
    async synth() {
      await rm(assembly, { recursive: true, force: true });
      await run(CDK, ['synth', '--quiet', '--output', assembly, '--no-notices', '--no-color'], options);
      return adaptTemplates(assembly);
    },
    async deploy(...stacks) {
      const outputs = join(app, 'outputs.json');
      const which = stacks.length === 0 ? ['--all'] : [...stacks, '--exclusively'];
      const args = ['deploy', ...which, '--app', assembly, '--require-approval', 'never'];
      const { code, out, err } = await finish(CDK, [...args, '--outputs-file', outputs, ...QUIET], options);
      if (code !== 0) throw new Error(`cdk deploy ended with ${code}:\n${lastOf(`${out}\n${err}`)}`);
      return JSON.parse(await readFile(outputs, 'utf8')) as Outputs;
    },
    async destroy(stack) {
      await run(CDK, ['destroy', stack, '--exclusively', '--force', '--app', assembly, ...QUIET], options);
    },
  };
}

function lastOf(text: string): string {
  return text.trim().split('\n').slice(-60).join('\n');
}
