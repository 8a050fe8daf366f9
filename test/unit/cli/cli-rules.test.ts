import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { tenure } from '../../support/run-tenure.ts';

const folder = mkdtempSync(join(tmpdir(), 'tenure-rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const events = file('events.json', {
  'contract.ended': '2021-02-28',
  'account.disconnected': ['2023-01-01', '2024-02-09T02:30:00-05:00'],
  'subscription.ended': '2024-05-31',
});
const due = async (rule: string, ...more: string[]) => {
  const asked = ['rule', 'due', '--rule', rule, '--zone', 'Asia/Almaty', '--events', events, '--json'];
  return await tenure([...asked, ...more]);
};

describe('tenure rule due', () => {
  test.each([
    [
      'contract term plus 3 years',
      { notBefore: '2024-02-29T00:00:00+06:00', due: '2024-02-29T00:00:00+06:00' },
    ],
    ['30 days after disconnect', { due: '2024-03-10T13:30:00+05:00', actAt: '2024-03-10T13:30:00+05:00' }],
    [
      'within 30 days after account.disconnected',
      { notAfter: '2024-03-10T13:30:00+05:00', actAt: '2024-03-09T13:30:00+05:00' },
    ],
    ['subscription plus 90 days', { due: '2024-08-30T00:00:00+05:00' }],
  ])('computes “%s”', async (rule, expected) => {
    const { code, out } = await due(rule);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ status: 'due', ...expected });
  });

  test('answers with every stage and each step', async () => {
    const { out } = await due(
      'live: delete 1 year after contract.ended; backups: delete 30 days after stage live',
    );
    expect(JSON.parse(out)).toMatchObject({
      status: 'due',
      due: '2022-03-31T00:00:00+06:00',
      actAt: '2022-03-01T00:00:00+06:00',
      stages: [
        { name: 'live', action: 'delete', status: 'due', notBefore: '2022-03-01T00:00:00+06:00' },
        { name: 'backups', action: 'delete', due: '2022-03-31T00:00:00+06:00' },
      ],
      explanation: [
        { kind: 'fact', text: 'contract.ended happened on 2021-02-28.', at: '2021-03-01T00:00:00+06:00' },
        { kind: 'added' },
        { kind: 'fact' },
        { kind: 'added' },
        { kind: 'added', at: '2022-03-31T00:00:00+06:00' },
      ],
      zone: 'Asia/Almaty',
    });
  });

  test('says what it does not know, and reads absent attributes as the options say', async () => {
    const rule = 'if vip, 9 years after contract.ended, otherwise 1 year after contract.ended';
    expect(JSON.parse((await due(rule)).out)).toMatchObject({ status: 'undetermined' });
    expect(JSON.parse((await due(rule, '--assume-absent', 'false')).out)).toMatchObject({
      due: '2022-03-01T00:00:00+06:00',
    });
    const facts = file('facts.json', { vip: true });
    expect(JSON.parse((await due(rule, '--facts', facts)).out)).toMatchObject({
      due: '2030-03-01T00:00:00+05:00',
    });
  });

  test('takes the fiscal year, holidays and leap birthdays from the caller', async () => {
    const fiscal = '6 years after the end of the fiscal year of contract.ended';
    expect((await due(fiscal)).code).toBe(1);
    expect(JSON.parse((await due(fiscal, '--fiscal-year-end', '02-29')).out)).toMatchObject({
      due: '2027-03-01T00:00:00+05:00',
    });
    const working = await due('1 working day after contract.ended', '--holidays', '2021-03-01, 2021-03-02');
    expect(JSON.parse(working.out)).toMatchObject({ due: '2021-03-04T00:00:00+06:00' });
    const leap = file('leap.json', { born: '2004-02-29' });
    const birthday = ['rule', 'due', '--rule', 'until the 18th birthday of born', '--zone', 'UTC', '--json'];
    const of = async (day: string) => await tenure([...birthday, '--events', leap, '--leap-birthday', day]);
    expect(JSON.parse((await of('02-28')).out)).toMatchObject({ due: '2022-03-01T00:00:00+00:00' });
    expect(JSON.parse((await of('03-01')).out)).toMatchObject({ due: '2022-03-02T00:00:00+00:00' });
  });

  test('leaves out what was received after the given instant', async () => {
    const known = file('known.json', {
      'x.y': [
        { occurred: '2020-01-01', received: '2020-01-02T00:00:00Z' },
        { occurred: '2021-01-01', received: '2021-01-02T00:00:00Z' },
      ],
    });
    const asked = ['rule', 'due', '--rule', '1 year after x.y', '--zone', 'UTC', '--events', known, '--json'];
    expect(JSON.parse((await tenure(asked)).out)).toMatchObject({ due: '2022-01-02T00:00:00+00:00' });
    const then = await tenure([...asked, '--now', '2020-12-31T00:00:00Z']);
    expect(JSON.parse(then.out)).toMatchObject({ due: '2021-01-02T00:00:00+00:00' });
  });

  test.each([
    ['--zone', 'Asia/Almoty', /write an IANA time zone/],
    ['--fiscal-year-end', '13-01', /MM-DD/],
    ['--leap-birthday', '03-02', /02-28 or 03-01/],
    ['--assume-absent', 'true', /only false is allowed/],
    ['--events', '/nowhere/events.json', /could not be read: check the path/],
    ['--holidays', 'christmas', /YYYY-MM-DD/],
  ])('refuses %s %s', async (option, value, message) => {
    const { code, err } = await due('contract plus 1 year', option, value);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  test('never quotes what is in a file that it cannot use', async () => {
    const { code, err } = await due(
      'contract plus 1 year',
      '--events',
      file('bad.json', { 'x.y': 'Jane Doe' }),
    );
    expect(code).toBe(2);
    expect(err).not.toContain('Jane');
  });
});

describe('bounds that contradict each other for the given events', () => {
  const conflicting = file('conflict.json', {
    'audit.completed': '2023-05-01',
    'contract.ended': '2020-01-01',
    'payment.made': '2019-01-01',
  });
  const asked = async (command: 'due' | 'explain', rule: string, ...more: string[]) =>
    await tenure(['rule', command, '--rule', rule, '--zone', 'UTC', '--events', conflicting, ...more]);
  const rule = 'not before audit.completed and by 2 years after contract.ended';
  const conflict =
    '“audit.completed” allows “delete” only from 2023-05-02T00:00:00+00:00 on, but “2 years after contract.ended” requires it by 2022-01-02T00:00:00+00:00; the record is kept until the rule or the events are corrected';

  test('are a conflict with both dates in JSON, and exit code 1', async () => {
    for (const command of ['due', 'explain'] as const) {
      const { code, out } = await asked(command, rule, '--json');
      expect(code).toBe(1);
      expect(JSON.parse(out)).toMatchObject({
        status: 'conflict',
        conflicts: [conflict],
        stages: [
          {
            status: 'conflict',
            notBefore: '2023-05-02T00:00:00+00:00',
            notAfter: '2022-01-02T00:00:00+00:00',
            reasons: [conflict],
          },
        ],
      });
      expect(JSON.parse(out)).not.toHaveProperty('actAt');
    }
  });

  test('are a sentence for people, and exit code 1', async () => {
    for (const command of ['due', 'explain'] as const) {
      const { code, out } = await asked(command, rule);
      expect(code).toBe(1);
      expect(out).toContain(`Conflict: ${conflict}.`);
    }
  });

  test('are said where the maximum is before the event that the rule counts from', async () => {
    const { code, out } = await asked('due', 'by the last payment.made before contract.ended', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      status: 'due',
      actAt: '2020-01-02T00:00:00+00:00',
      conflicts: [
        expect.stringMatching(/requires it by 2019-01-02T.*not allowed before 2020-01-02T.*can only be late/),
      ],
    });
  });

  test('are none where they fit', async () => {
    const { code, out } = await asked(
      'due',
      'at least 1 year and at most 2 years after contract.ended',
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ status: 'due', conflicts: [] });
  });
});

test('tenure rule explain tells the calculation and what would change it', async () => {
  const { out } = await tenure([
    'rule',
    'explain',
    '--zone',
    'Asia/Almaty',
    '--events',
    events,
    '--rule',
    '2 years after contract.ended, held from subscription.ended until audit.completed',
  ]);
  expect(out.split('\n')).toEqual([
    'contract.ended happened on 2021-02-28.',
    '2 years after 2021-02-28 (until the end of that day) is 2023-02-28 (until the end of that day).',
    'subscription.ended of 2024-05-31 changes nothing: it began after the date.',
    'So: delete not before 2023-03-01T00:00:00+06:00.',
    'It would change with another subscription.ended.',
    'It would change with another audit.completed.',
    'It would change with another contract.ended.',
    '',
  ]);
});

test('tenure rule explain names stages, and attributes that would change the date', async () => {
  const rule =
    'live: delete 1 year after contract.ended; backups: delete 2 years after contract.ended if vip, otherwise 3 years after contract.ended';
  const asked = ['rule', 'explain', '--zone', 'UTC', '--events', events, '--rule', rule];
  const { out } = await tenure([...asked, '--assume-absent', 'false']);
  expect(out).toContain('So: delete in stage “live” not before 2022-03-01T00:00:00+00:00.');
  expect(out).toContain('So: delete in stage “backups” not before 2024-02-29T00:00:00+00:00.');
  expect(out).toContain('It would change with another vip of the record.');
});

test.for([
  [
    'contract trem plus 3 years',
    '"contract trem", as an event or as a noun for one; did you mean "contract term"?',
  ],
  ['2 years after deal', '"deal", as an event or as a noun for one'],
])('tenure rule check says what the policy has to define for “%s”', async ([rule = '', open]) => {
  const { code, err } = await tenure(['rule', 'check', rule]);
  expect({ code, err }).toEqual({ code: 0, err: `The policy has to define this: ${open}\n` });
});

test.each(['contract term plus 3 years', '30 days after account.closed', 'keep permanently'])(
  'tenure rule check has nothing to say of “%s”',
  async (rule) => {
    expect(await tenure(['rule', 'check', rule])).toMatchObject({ code: 0, err: '' });
  },
);

test('tenure rule check reports what contradicts itself', async () => {
  const rule = 'the later of 3 years after x.y and 1 year after x.y';
  const { code, out } = await tenure(['rule', 'check', rule, '--json']);
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ ok: false, contradictions: [expect.stringContaining('1 year')] });
});
