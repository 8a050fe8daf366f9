/** What Tenure does where people lost data, kept it too long, or were told something false: `docs/field-cases.md`. */
interface FieldCase {
  readonly id: string;
  /** `refused`: with a message that says what to do. `not-supported`: the page says so, and nothing acts as if it were. */
  readonly answer: 'right' | 'refused' | 'not-supported';
  /** Files below `test`, each with a part of the names of its tests. */
  readonly tests: readonly (readonly [file: string, title: string])[];
}

export const FIELD_CASES: readonly FieldCase[] = [
  {
    id: 'B01',
    answer: 'right',
    tests: [
      ['conformance/store/store-dynamodb-nested.test.ts', 'a nested value never stays with a success'],
      ['conformance/content/documents.test.ts', 'are refused if a masked field is not there'],
    ],
  },
  { id: 'B04', answer: 'refused', tests: [['conformance/engine/postgres-field-tables.test.ts', 'B04:']] },
  { id: 'B06', answer: 'refused', tests: [['conformance/engine/postgres-field-tables.test.ts', 'B06:']] },
  {
    id: 'B08',
    answer: 'refused',
    tests: [['unit/rule/field-cases-rules.test.ts', 'a tax year outside the United Kingdom']],
  },
  {
    id: 'B10',
    answer: 'refused',
    tests: [
      ['unit/rule/rule-working-days.test.ts', 'is kept, with the reason'],
      ['unit/rule/rule-working-days.test.ts', 'reports where the list of holidays ends'],
    ],
  },
  { id: 'B11', answer: 'right', tests: [['conformance/engine/postgres-field-cases.test.ts', 'B11:']] },
  { id: 'B13', answer: 'right', tests: [['unit/rule/field-cases-rules.test.ts', 'eighteen is a number']] },
  {
    id: 'B14',
    answer: 'right',
    tests: [
      ['unit/rule/field-cases-rules.test.ts', 'six (6) is a number'],
      ['unit/rule/field-cases-rules.test.ts', 'a number that is written twice'],
    ],
  },
  { id: 'B16', answer: 'right', tests: [['conformance/content/s3-kept.test.ts', 'Expires']] },
  {
    id: 'B18',
    answer: 'right',
    tests: [['conformance/content/s3-formats.test.ts', 'nothing but white space has nothing to mask']],
  },
  {
    id: 'B19',
    answer: 'right',
    tests: [['conformance/store/store-postgresql-types.test.ts', 'domain_over_domain']],
  },
  {
    id: 'B20',
    answer: 'right',
    tests: [
      ['unit/rule/rule-working-days.test.ts', 'the command line takes the weekend and single working days'],
    ],
  },
  {
    id: 'B21',
    answer: 'right',
    tests: [
      ['conformance/engine/postgres-field-cases.test.ts', 'B21:'],
      ['conformance/engine/postgres-field-tables.test.ts', 'B21:'],
    ],
  },
  { id: 'B23', answer: 'right', tests: [['conformance/engine/postgres-field-tables.test.ts', 'B23:']] },
  {
    id: 'B24',
    answer: 'right',
    tests: [['conformance/content/dynamodb-tables.test.ts', 'decimals as sort keys']],
  },
  {
    id: 'B26',
    answer: 'right',
    tests: [
      ['unit/rule/field-cases-rules.test.ts', 'a fiscal year may end on the last Saturday of September'],
    ],
  },
  {
    id: 'B27',
    answer: 'refused',
    tests: [['protocol/implausible-dates.test.ts', 'an event on a date that stands for a missing one']],
  },
  {
    id: 'B29',
    answer: 'refused',
    tests: [['unit/rule/field-cases-rules.test.ts', 'a period of 0 days is refused']],
  },
  {
    id: 'B30',
    answer: 'right',
    tests: [
      ['protocol/after-care/replay.test.ts', 'disposes of what is there again if it is told to'],
      ['protocol/after-care/came-back.test.ts', 'finds what a restore has brought back'],
    ],
  },
  {
    id: 'B31',
    answer: 'right',
    tests: [
      ['unit/policy-plan/policy-plan-command.test.ts', 'ends with 2 where something changes'],
      ['unit/policy-plan/policy-plan-command.test.ts', 'changes nothing: what is due by the files stays'],
    ],
  },
  {
    id: 'B33',
    answer: 'right',
    tests: [
      ['conformance/content/s3-formats.test.ts', 'with the format json-lines in the configuration'],
      ['conformance/content/s3-formats.test.ts', 'a store of Parquet cannot be configured'],
    ],
  },
  { id: 'B40', answer: 'right', tests: [['unit/rule/field-cases-rules.test.ts', 'in Apia']] },
  {
    id: 'B41',
    answer: 'right',
    tests: [['unit/rule/field-cases-rules.test.ts', 'five working days from a Saturday']],
  },
  {
    id: 'B43',
    answer: 'right',
    tests: [['unit/rule/field-cases-rules.test.ts', 'two steps of one and two months']],
  },
  {
    id: 'B45',
    answer: 'right',
    tests: [
      ['unit/rule/field-cases-rules.test.ts', 'far past 2038'],
      ['unit/rule/field-cases-rules.test.ts', 'a period of 400,000 days'],
    ],
  },
  { id: 'B46', answer: 'right', tests: [['unit/rule/field-cases-rules.test.ts', 'a file with two clocks']] },
  {
    id: 'B47',
    answer: 'right',
    tests: [['unit/rule/field-cases-rules.test.ts', 'where there was no activity']],
  },
  {
    id: 'B49',
    answer: 'right',
    tests: [['unit/rule/field-cases-rules.test.ts', 'the last message is kept at any age']],
  },
  { id: 'B50', answer: 'refused', tests: [['conformance/engine/postgres-field-tables.test.ts', 'B50:']] },
  { id: 'B51', answer: 'right', tests: [['conformance/content/s3-kept.test.ts', 'objects with odd keys']] },
  {
    id: 'B53',
    answer: 'right',
    tests: [['conformance/content/s3-formats.test.ts', 'numbers, escapes, names that occur twice']],
  },
  {
    id: 'B54',
    answer: 'refused',
    tests: [['conformance/content/s3-kept.test.ts', 'an old version under a legal hold']],
  },
  {
    id: 'B55',
    answer: 'refused',
    tests: [['unit/edge/contract-cloud-event.test.ts', 'is refused as EVENT_DATE_']],
  },
  {
    id: 'B56',
    answer: 'right',
    tests: [
      ['infra/every-app.test.ts', 'every log group has a retention and the key'],
      ['infra/state-template.test.ts', 'lets EventBridge encrypt for the archive'],
    ],
  },
  { id: 'B58', answer: 'right', tests: [['conformance/engine/postgres-field-cases.test.ts', 'B58:']] },
  { id: 'B60', answer: 'refused', tests: [['conformance/engine/postgres-field-tables.test.ts', 'B60:']] },
  { id: 'B62', answer: 'right', tests: [['conformance/engine/postgres-field-cases.test.ts', 'B62:']] },
];
