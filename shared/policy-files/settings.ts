import type { Duration } from '../domain/calendar/units.ts';
import { parsePeriod } from '../domain/rule/parse.ts';
import { didYouMean } from '../domain/suggest.ts';
import { own } from '../domain/own.ts';
import { mapOf } from './rule-places.ts';
import type { Path } from './yaml-document.ts';

/** What operators set: by policy, then by setting, a period such as `90 days`. */
export type PolicySettings = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface SettingMistake {
  readonly path: Path;
  readonly message: string;
}

export interface ReadSettings {
  /** For every declared setting. A missing one is read as one day, so that the rules can still be checked. */
  readonly periods: Readonly<Record<string, Duration>>;
  readonly mistakes: readonly SettingMistake[];
}

/** Binds the settings that a policy declares to what the operator set: there are no defaults. */
export function readSettings(file: unknown, settings: PolicySettings): ReadSettings {
  const name = mapOf(file)['policy'];
  const policy = typeof name === 'string' ? name : '';
  const given = own(settings, policy) ?? {};
  const declared = mapOf(mapOf(file)['settings']);
  const periods: Record<string, Duration> = {};
  const mistakes: SettingMistake[] = [];
  for (const [setting, declaration] of Object.entries(declared)) {
    const read = periodOf(own(given, setting));
    periods[setting] = read.period;
    if (read.problem === undefined) continue;
    const message = `the setting "${setting}" ${read.problem}; ${howTo(policy, setting)}${because(declaration)}`;
    mistakes.push({ path: ['settings', setting], message });
  }
  for (const setting of Object.keys(given)) {
    if (Object.hasOwn(declared, setting)) continue;
    const hint = didYouMean(setting, Object.keys(declared));
    const message = `the configuration sets "${setting}", which this policy does not declare${hint || '; remove it from the configuration'}`;
    mistakes.push({ path: ['settings'], message });
  }
  return { periods, mistakes };
}

function periodOf(value: unknown): { period: Duration; problem?: string } {
  const period = { days: 1 };
  if (value === undefined) return { period, problem: 'has no value' };
  if (typeof value !== 'string') return { period, problem: 'has a value that is not text' };
  const parsed = parsePeriod(value);
  if (parsed.ok) return { period: parsed.period };
  return {
    period,
    problem: `is set to "${value.slice(0, 60)}", which is not a period (${parsed.error.message})`,
  };
}

function howTo(policy: string, setting: string): string {
  return `set it in the configuration, for example settings: { '${policy}': { '${setting}': '90 days' } }`;
}

/** Quotes the policy's own words, which the operator's period has to fit. */
function because(declaration: unknown): string {
  const { sentence } = mapOf(declaration);
  return typeof sentence === 'string'
    ? `. The policy says: "${sentence.trim().replaceAll(/\s+/g, ' ')}"`
    : '';
}
