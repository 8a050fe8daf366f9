import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { Program } from '../program.ts';

/** The command whose parts are about policies. */
export type PolicyCommand = ReturnType<typeof policyCommand>;

export function policyCommand(program: Program) {
  return program.command('policy').description('policy files');
}

export type Settings = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One value of `--set`. */
export function addSetting(text: string, settings: Settings): Settings {
  const parts = /^([^/=]+)\/([^=]+)=(.+)$/.exec(text);
  if (parts === null) throw new InvalidArgumentError('write it as policy/setting=period');
  const [, policy = '', setting = '', period = ''] = parts;
  return { ...settings, [policy]: { ...settings[policy], [setting]: period } };
}
