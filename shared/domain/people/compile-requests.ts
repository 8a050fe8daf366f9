import * as z from 'zod';
import { isDate, isDayOfYear, isZone } from '../calendar/calendar.ts';
import { workingDayMistakes } from '../calendar/working-days.ts';
import {
  checked,
  list,
  listOrNone,
  matching,
  named,
  strict,
  text,
  wrong,
} from '../configuration/authored-schema.ts';
import type { ConfigurationProblem } from '../configuration/configuration-problem.ts';
import { own } from '../own.ts';
import { present } from '../present.ts';
import { parseRule } from '../rule/parse.ts';
import { resolveRule } from '../rule/resolve.ts';
import { weekdayOf } from '../rule/words.ts';
import { didYouMean } from '../suggest.ts';
import { DEADLINE_EVENTS, type DeadlineRule, type Regime, type RequestSettings } from './regime.ts';

/** GDPR Art. 12(3): one month, two further months where necessary. https://eur-lex.europa.eu/eli/reg/2016/679/oj */
const GDPR: AuthoredRegime = { answer: '1 month', extension: '2 months', pause: 'identity' };
/** CCPA regulations § 7021(b): 45 days, and 45 more; they run from receipt, whatever verifying takes. https://cppa.ca.gov/regulations/ */
const CCPA: AuthoredRegime = { answer: '45 days', extension: '45 days', zone: 'America/Los_Angeles' };

/** The states of the European Economic Area, and the United Kingdom, whose GDPR says the same. */
const UNDER_GDPR =
  'EU AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK GB UK';

const REMIND_DAYS = 7;
/** Three years: as long as claims about the answer can be made in many countries. */
const KEEP_DAYS = 1096;
const EXPORT_DAYS = 7;

const PERIOD = 'write a period such as `1 month` or `10 working days`';
const DAYS = 'list days as `2026-12-25`, or as `12-25` for every year';

const RegimeSchema = strict('a regime', {
  answer: text(PERIOD),
  extension: text(PERIOD).optional(),
  pause: z
    .literal('identity', {
      error: wrong('write `identity` if the time while the identity is checked does not count, or omit it'),
    })
    .optional(),
  zone: checked(isZone, 'write an IANA time zone, such as `Europe/Berlin`').optional(),
  holidays: listOrNone(
    checked((day) => isDate(day) || isDayOfYear(day), DAYS),
    DAYS,
  ).optional(),
  weekend: listOrNone(
    checked((day) => weekdayOf(day) !== undefined, 'write weekdays such as `saturday`'),
    'list weekdays such as `saturday`',
  ).optional(),
});
type AuthoredRegime = z.infer<typeof RegimeSchema>;

const EXPORT = 'write for how many days the archive of an export can be fetched, from 1 to 30';
const KEEP = 'write for how many days the record of a request is kept after it is over, from 30 to 36500';

const NAME = /^[A-Za-z][A-Za-z0-9._-]{0,39}$/;

/** `requests` in `retention.config.ts`. */
export const RequestsConfig = strict('requests', {
  filers: named(
    NAME,
    'shared entity types, each with the producers that may file requests about them',
    list(text('name a producer'), 'list producers'),
  ).optional(),
  regimes: named(NAME, 'regimes by name, such as `{ lgpd: { answer: "15 days" } }`', RegimeSchema).optional(),
  jurisdictions: named(
    NAME,
    'jurisdictions and the name of their regime, such as `{ BR: "lgpd" }`',
    matching(NAME, 'name a regime'),
  ).optional(),
  remindDays: z
    .int({ error: wrong('write how many days before a deadline the alarm goes off, from 1 to 365') })
    .min(1, { error: wrong('write 1 to 365') })
    .max(365, { error: wrong('write 1 to 365') })
    .optional(),
  keepDays: z
    .int({ error: wrong(KEEP) })
    .min(30, { error: wrong(KEEP) })
    .max(36_500, { error: wrong(KEEP) })
    .optional(),
  exportDays: z
    .int({ error: wrong(EXPORT) })
    .min(1, { error: wrong(EXPORT) })
    .max(30, { error: wrong(EXPORT) })
    .optional(),
});
export type RequestsConfig = z.infer<typeof RequestsConfig>;

interface Known {
  readonly entityTypes: Readonly<Record<string, { readonly ids: 'owned' | 'shared' }>>;
  readonly producers: Readonly<Record<string, unknown>>;
}

/** Fills in the built-in regimes, and reads every period as the rule language does. Reports every mistake. */
export function compileRequests(
  config: RequestsConfig,
  known: Known,
): { readonly settings: RequestSettings; readonly problems: readonly ConfigurationProblem[] } {
  const problems: ConfigurationProblem[] = [...filerProblems(config, known)];
  const regimes: Record<string, Regime> = {};
  for (const [name, regime] of Object.entries({ gdpr: GDPR, ccpa: CCPA, ...config.regimes })) {
    const compiled = compileRegime(regime, `requests.regimes.${name}`);
    if (Array.isArray(compiled)) problems.push(...compiled);
    else regimes[name] = compiled as Regime;
  }
  const names = ['gdpr', 'ccpa', ...Object.keys(config.regimes ?? {})];
  const jurisdictions: Record<string, string> = {
    ...Object.fromEntries(UNDER_GDPR.split(' ').map((name) => [name, 'gdpr'])),
    'US-CA': 'ccpa',
    ...config.jurisdictions,
  };
  for (const [jurisdiction, regime] of Object.entries(config.jurisdictions ?? {})) {
    if (names.includes(regime)) continue;
    const message = `"${regime}" is not a regime${didYouMean(regime, names) || `; the regimes are ${names.join(', ')}`}`;
    problems.push({ path: `requests.jurisdictions.${jurisdiction}`, message });
  }
  const remindSeconds = (config.remindDays ?? REMIND_DAYS) * 86_400;
  const keepSeconds = (config.keepDays ?? KEEP_DAYS) * 86_400;
  const exportDays = config.exportDays ?? EXPORT_DAYS;
  const settings = {
    filers: config.filers ?? {},
    regimes,
    jurisdictions,
    remindSeconds,
    keepSeconds,
    exportDays,
    // A configuration has no region. Where it is deployed, the deployment adds them.
    notExported: [],
  };
  return { settings, problems };
}

function filerProblems({ filers = {} }: RequestsConfig, known: Known): ConfigurationProblem[] {
  return Object.entries(filers).flatMap(([type, producers]) => {
    const path = `requests.filers.${type}`;
    const declared = own(known.entityTypes, type);
    if (declared === undefined)
      return [
        {
          path,
          message: `"${type}" is not an entity type${didYouMean(type, Object.keys(known.entityTypes))}`,
        },
      ];
    if (declared.ids === 'owned') {
      const message = `ids of "${type}" belong to one producer each, which may file requests about its own without this: remove it`;
      return [{ path, message }];
    }
    return producers
      .filter((name) => own(known.producers, name) === undefined)
      .map((name) => ({
        path,
        message: `"${name}" is not a producer${didYouMean(name, Object.keys(known.producers))}`,
      }));
  });
}

function compileRegime(regime: AuthoredRegime, path: string): Regime | readonly ConfigurationProblem[] {
  const { answer, extension, pause, zone = 'UTC', holidays } = regime;
  const weekend = regime.weekend?.map((day) => weekdayOf(day) ?? 0);
  const calendar = present({ holidays, weekend });
  const { received, asked, identified } = DEADLINE_EVENTS;
  const paused = pause === undefined ? '' : `, paused from ${asked} until ${identified}, then resumed`;
  const rules = [
    deadlineRule(`within ${answer} after ${received}${paused}`, `${path}.answer`, zone),
    ...(extension === undefined
      ? []
      : [
          deadlineRule(
            `within ${extension} after (${answer} after ${received}${paused})`,
            `${path}.extension`,
            zone,
          ),
        ]),
  ];
  const problems = [
    ...rules.flatMap((rule) => ('message' in rule ? [rule] : [])),
    ...workingDayMistakes(calendar).map(({ key, message }) => ({ path: `${path}.${key}`, message })),
  ];
  const [first, second] = rules;
  if (problems.length > 0 || first === undefined || 'message' in first) return problems;
  const extended = second === undefined || 'message' in second ? undefined : second;
  return { zone, ...calendar, answer: first, ...present({ extended }) };
}

function deadlineRule(sentence: string, path: string, zone: string): DeadlineRule | ConfigurationProblem {
  const parsed = parseRule(sentence);
  if (!parsed.ok) return { path, message: `${parsed.error.message}; ${PERIOD}` };
  const resolved = resolveRule(parsed, { nouns: {}, settings: {}, zone });
  if (resolved.ok) return { text: sentence, rule: resolved.rule };
  return { path, message: `${resolved.errors[0]?.message ?? 'not a period'}; ${PERIOD}` };
}
