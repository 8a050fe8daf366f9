import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { tenure } from '../../support/run-tenure.ts';

const folder = mkdtempSync(join(tmpdir(), 'tenure-calendars-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function asked(command: 'due' | 'explain', rule: string, event: string, ...more: string[]) {
  const events = join(folder, 'events.json');
  writeFileSync(events, JSON.stringify(Object.fromEntries([event.split(' ')])));
  return await tenure(['rule', command, '--rule', rule, '--events', events, '--json', ...more]);
}

async function due(rule: string, event: string, ...more: string[]): Promise<unknown> {
  const { out } = await asked('due', rule, event, ...more);
  const answer = JSON.parse(out);
  return answer.due ?? answer.status ?? answer.code;
}

describe('a tax year outside the United Kingdom', () => {
  const rule = '1 year after the end of the tax year of invoice.issued';

  test.each(['America/New_York', 'Europe/Berlin', 'Asia/Almaty'])('is asked for in %s', async (zone) => {
    expect(await due(rule, 'invoice.issued 2025-03-01', '--zone', zone)).toBe('RULE_YEAR_END_MISSING');
  });

  test('has the date of its own year once it is given', async () => {
    const given = ['--zone', 'America/New_York', '--tax-year-end', '12-31'];
    expect(await due(rule, 'invoice.issued 2025-03-01', ...given)).toBe('2027-01-01T00:00:00-05:00');
  });
});

describe('working days', () => {
  const ten = '10 working days after request.received';
  const berlin = ['--zone', 'Europe/Berlin', '--holidays'];

  test('beyond the list of holidays have no date', async () => {
    const old = '2024-12-25,2024-12-26,2025-01-01';
    expect(await due(ten, 'request.received 2026-12-18', ...berlin, old)).toBe('undetermined');
    const right = '2026-12-25,2026-12-26,2027-01-01';
    expect(await due(ten, 'request.received 2026-12-18', ...berlin, right)).toBe('2027-01-06T00:00:00+01:00');
    expect(await due(ten, 'request.received 2026-12-18', ...berlin, '12-25,12-26,01-01')).toBe(
      '2027-01-06T00:00:00+01:00',
    );
  });

  test('are explained with the holidays that were skipped', async () => {
    const { out } = await asked(
      'explain',
      ten,
      'request.received 2026-12-18',
      ...berlin,
      '12-25,12-26,01-01',
    );
    expect(JSON.parse(out).sentences).toContainEqual(
      expect.stringContaining('Holidays that do not count: 2026-12-25, 2027-01-01.'),
    );
  });

  test('follow the weekend of the country', async () => {
    const riyadh = ['--zone', 'Asia/Riyadh', '--weekend', 'fri,sat'];
    const rule = '2 working days after request.received';
    expect(await due(rule, 'request.received 2026-03-04', ...riyadh)).toBe('2026-03-09T00:00:00+03:00');
  });
});

test('a fiscal year may end on the last Saturday of September', async () => {
  const named = '3 years after the end of the fiscal year ending last Saturday in September of income.earned';
  const zone = ['--zone', 'America/New_York'];
  expect(await due(named, 'income.earned 2026-09-27', ...zone)).toBe('2030-09-26T00:00:00-04:00');
  const stated = '3 years after the end of the fiscal year of income.earned';
  const end = ['--fiscal-year-end', 'last saturday of september'];
  expect(await due(stated, 'income.earned 2026-09-27', ...zone, ...end)).toBe('2030-09-26T00:00:00-04:00');
});
