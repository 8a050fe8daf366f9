import * as z from 'zod';
import { isDate, isDayOfYear } from '../domain/calendar/calendar.ts';
import { POLICY_NOTICES } from '../domain/record/notice.ts';
import { parsePeriod, parseYearEnd } from '../domain/rule/parse.ts';
import { weekdayOf } from '../domain/rule/words.ts';
import { maskField } from './mask-field.ts';
import {
  checked,
  list,
  listOrNone,
  matching,
  named,
  strict,
  text,
  wrong,
} from '../domain/configuration/authored-schema.ts';
import { ON_REQUEST } from '../domain/configuration/policy.ts';
import { exactDuration, zone } from './policy-fields.ts';

/** `contract.ended`: what a rule can name. */
const EVENT_NAME = /^(?!tenure\.)[a-z][a-z0-9_-]*(\.[a-z0-9_][a-z0-9_-]*)*$/;
const CATEGORY_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const WORDS = /^[a-z][a-z0-9_-]*( [a-z0-9][a-z0-9_-]*){0,3}$/;
/** An attribute, as events can bring it. */
const WORD = /^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9_][A-Za-z0-9_-]*)*$/;

const Text = text('write a few words');
const event = (): z.ZodString => matching(EVENT_NAME, 'name an event, such as `contract.ended`');
const attributeType = () =>
  z.enum(['text', 'number', 'boolean'], { error: wrong('write `text`, `number` or `boolean`') });

const Source = strict('a source', { document: Text.optional(), sentence: Text.optional() });
const across = z.enum(['latest', 'earliest'], {
  error: wrong('write `latest` (the last entity decides) or `earliest` (the first does)'),
});

/** The daily census looks ahead, and may take hours. */
const SHORTEST_NOTICE_SECONDS = 36 * 3600;

const RULE_HINT = 'write the rule as a sentence, such as `within 30 days after account.closed`';
/** The fields of a rule. `rule` and `rules` are alternatives; loading requires exactly one of them. */
const ruleFields = {
  rule: text(RULE_HINT).optional(),
  rules: list(
    z.preprocess(
      (value) => (typeof value === 'string' ? { rule: value } : value),
      strict('a rule', { rule: text(RULE_HINT), across: across.optional(), source: Source.optional() }),
    ),
    'list the rules, each as a sentence',
  ).optional(),
  across: across.optional(),
  source: Source.optional(),
};

/** Text alone is a rule without other fields. */
const asRule = (value: unknown): unknown => (typeof value === 'string' ? { rule: value } : value);
const ruleSet = (what: string) => z.preprocess(asRule, strict(what, ruleFields));
const byJurisdiction = (what: string) =>
  named(
    /^\S.*$/,
    'a jurisdiction and its rule, such as `EU: within 30 days after account.closed`',
    ruleSet(what),
  );

const FIELD = /^.{1,255}$/s;
const FIELDS_HINT = 'fields and what becomes of each, such as `email: pseudonym`';

const Subjects = strict('what one person asks of a record about several', {
  onRequest: z
    .enum(ON_REQUEST, {
      error: wrong(
        'write `redact` (the fields of that person are masked), `delete` (the record is deleted for all) or `keep` (until all have asked)',
      ),
    })
    .optional(),
  fields: named(
    CATEGORY_NAME,
    'roles in lower case and the fields of the person in each, such as `sender: { name: clear }`',
    named(FIELD, FIELDS_HINT, maskField()),
  ).optional(),
});

const Category = z.preprocess(
  (value) => (typeof value === 'string' ? { rule: value } : (value ?? {})),
  strict('a category', {
    description: Text.optional(),
    owner: text('name the team that is asked about its records, such as `billing-team`').optional(),
    ...ruleFields,
    cap: text('write a period such as `10 years`').optional(),
    anonymise: named(FIELD, FIELDS_HINT, maskField()).optional(),
    subjects: Subjects.optional(),
    jurisdictions: byJurisdiction("a jurisdiction's rule").optional(),
    statutory: z
      .preprocess(
        asRule,
        strict('a statutory rule', {
          ...ruleFields,
          jurisdictions: byJurisdiction("a jurisdiction's statutory rule").optional(),
        }),
      )
      .optional(),
  }),
);

const PLAUSIBLE = 'write the first and the last day, such as `{ from: 1990-01-01, to: 2100-12-31 }`';
const Plausible = strict('a range of plausible dates', {
  from: checked(
    isDate,
    'write the first day on which the event can have happened, such as `1990-01-01`',
  ).optional(),
  to: checked(isDate, 'write the last day on which the event can happen, such as `2100-12-31`').optional(),
}).refine(({ from, to }) => (from ?? to) !== undefined && (from ?? '') <= (to ?? '9999'), {
  error: `no date is in this range; ${PLAUSIBLE}`,
});

const Event = strict('an event', {
  entity: matching(/^[a-z][a-z0-9_-]*$/, 'name the type of entity that it happens to, such as `account`'),
  undoneBy: list(event(), 'list the events that undo it, such as `[account.reconnected]`').optional(),
  byPurpose: z
    .literal(true, {
      error: wrong(
        'write `true` if each event is about one purpose, such as a consent; otherwise leave it out',
      ),
    })
    .optional(),
  personal: z
    .union([z.boolean(), z.literal('month')], {
      error: wrong(
        'write `true` if its dates are personal, such as births, or `month` if the time of a disposal must not tell the day either; otherwise leave it out',
      ),
    })
    .optional(),
  plausible: Plausible.optional(),
  attributes: named(WORD, 'attributes and their types, such as `amount: number`', attributeType()).optional(),
});

const Attribute = z.preprocess(
  (value) => (typeof value === 'string' ? { type: value } : value),
  strict('an attribute', {
    type: attributeType(),
    default: z
      .union([z.string(), z.number(), z.boolean()], {
        error: wrong('write text, a number, `true` or `false`'),
      })
      .optional(),
  }),
);

const PURPOSE_HINT = 'name a purpose in lower case, such as `billing`';
const PurposeList = list(
  matching(CATEGORY_NAME, PURPOSE_HINT),
  'list the purposes for which its data may be held, such as `[service, billing]`',
);
const PurposeMap = named(
  CATEGORY_NAME,
  'purposes in lower case, each with what ends it, such as `marketing: { rule: within 1 day after consent.withdrawn, fields: { email: clear } }`, or with `{}`',
  z.preprocess(
    (value) => (typeof value === 'string' ? { rule: value } : (value ?? {})),
    strict('a purpose', {
      rule: text(RULE_HINT).optional(),
      across: across.optional(),
      source: Source.optional(),
      fields: named(FIELD, FIELDS_HINT, maskField()).optional(),
    }),
  ),
);
type PurposeMap = z.infer<typeof PurposeMap>;

/** A list of names, or a mapping that says more of each. A list is a mapping that says nothing more. */
function purposes(): z.ZodType<PurposeMap, unknown> {
  return z.unknown().transform((value, context) => {
    const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
    const read = isMap
      ? PurposeMap.safeParse(value)
      : PurposeList.transform((names): PurposeMap =>
          Object.fromEntries(names.map((name) => [name, {}])),
        ).safeParse(value);
    if (read.success) return read.data;
    for (const issue of read.error.issues) context.addIssue({ ...issue });
    return z.NEVER;
  });
}

const CHILDREN_HINT =
  'name at least one of `born` (the event of a birth) and `found` (an event that says that somebody is a child)';
const Children = strict('the rule about children', {
  under: checked(
    isAge,
    'write the age from which a person is no longer a child, in years or months, such as `13 years`',
  ),
  born: event().optional(),
  found: event().optional(),
}).refine(({ born, found }) => (born ?? found) !== undefined, { error: CHILDREN_HINT });

function isAge(text: string): boolean {
  const parsed = parsePeriod(text);
  return parsed.ok && Object.keys(parsed.period).every((unit) => unit === 'years' || unit === 'months');
}

const Setting = strict('a setting', {
  sentence: text('quote the sentence of the policy that leaves the period open'),
  description: Text.optional(),
});

const Statement = strict('a statement', {
  sentence: text('quote the sentence that no date can be computed from'),
  reason: text('say why no date can be computed'),
  cappedBy: matching(WORDS, 'name the setting that limits what the sentence leaves open').optional(),
});

function isHoliday(day: string): boolean {
  return isDate(day) || isDayOfYear(day);
}

function isWeekday(name: string): boolean {
  return weekdayOf(name) !== undefined;
}

function yearEnd(year: string): z.ZodString {
  const right = `write the last day of the ${year} as month and day, such as \`'03-31'\`, or as \`last saturday of september\``;
  return checked((text) => parseYearEnd(text).ok, right);
}

/** One version of one policy, as it is written in its file. */
export const PolicyFile = strict('a policy file', {
  format: z.literal(1, { error: wrong('write `format: 1`, the only supported format') }),
  policy: matching(CATEGORY_NAME, 'name the policy in lower case, such as `calendera`'),
  version: text("name this version; put numbers in quotes, such as `'1.10'`"),
  effectiveFrom: checked(isDate, 'write the date from which this version takes effect, such as `2025-01-01`'),
  zone: zone(),
  document: Text.optional(),
  jurisdiction: Text.optional(),
  jurisdictionFrom: strict('the source of jurisdictions', {
    event: event(),
    attribute: matching(WORD, 'name the attribute of the event that holds the jurisdiction'),
  }).optional(),
  children: Children.optional(),
  regions: list(Text, 'list the regions where its data may be stored, such as `[eu-central-1]`'),
  purposes: purposes().optional(),
  lead: exactDuration().optional(),
  grace: exactDuration().optional(),
  writeLag: exactDuration().optional(),
  reportAfter: exactDuration().optional(),
  notify: list(
    z.enum(POLICY_NOTICES, { error: wrong(`write one of ${POLICY_NOTICES.join(', ')}`) }),
    'list what applications are told, such as `[completed, failed]`',
  ).optional(),
  notifyBefore: exactDuration()
    .refine((seconds) => seconds >= SHORTEST_NOTICE_SECONDS, {
      error:
        'too short: records are looked through once a day, so most would be disposed of before this is told; write at least `36 hours`',
    })
    .optional(),
  fiscalYearEnd: yearEnd('fiscal year').optional(),
  taxYearEnd: yearEnd('tax year').optional(),
  academicYearEnd: yearEnd('academic year').optional(),
  holidays: listOrNone(
    checked(isHoliday, 'write each holiday as a day, such as `2025-12-25`, or `12-25` for every year'),
    'list the days other than weekends that are not working days, such as `[2025-12-25]`; `[]` if there are none',
  ).optional(),
  weekend: listOrNone(
    checked(isWeekday, 'write a weekday, such as `fri`'),
    'list the weekdays that are not worked, such as `[fri, sat]`; `[]` if every day is worked',
  ).optional(),
  workdays: listOrNone(
    checked(isDate, 'write each working day as a day, such as `2026-03-07`'),
    'list single days that are worked although they are in a weekend, such as `[2026-03-07]`',
  ).optional(),
  leapBirthday: z
    .enum(['02-28', '03-01'], {
      error: wrong(
        "write when people born on 29 February turn a year older in other years: `'02-28'` or `'03-01'`",
      ),
    })
    .optional(),
  nouns: named(
    WORDS,
    'nouns of one to four words and the event of each, such as `membership: member.left`',
    event(),
  ).optional(),
  attributes: named(
    WORD,
    'attributes of holdings and their types, such as `plan: text`',
    Attribute,
  ).optional(),
  events: named(
    EVENT_NAME,
    'events in lower case, such as `account.closed: { entity: account }`, not beginning with `tenure.`',
    Event,
  ).optional(),
  settings: named(WORDS, 'settings and the sentence that needs each', Setting).optional(),
  default: ruleSet('the default rule').optional(),
  categories: named(
    CATEGORY_NAME,
    'categories in lower case and their rules, such as `account-data: …`',
    Category,
  ),
  notComputable: list(Statement, 'list sentences, each with a reason').optional(),
});
export type PolicyFile = z.infer<typeof PolicyFile>;
