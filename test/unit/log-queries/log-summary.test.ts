import { afterEach, describe, expect, test } from 'vitest';
import type { LogSummaryGroup } from '../../../shared/contract/log-summary.ts';
import { present } from '../../../shared/domain/present.ts';
import type { Entry, EntryPage } from '../../../shared/domain/record/entry.ts';
import type { LogRef } from '../../../shared/domain/record/ids.ts';
import { sealedIndexOf } from '../../../shared/protocol/log/bundle.ts';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { apiWorld } from '../../support/api-world.ts';
import { tenure } from '../../support/run-tenure.ts';

const ONE_YEAR = '1 year after contract.ended';
const FORMULA = '=HYPERLINK("https://example.org", "3 years")';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

type World = ReturnType<typeof apiWorld>;
type Line = Pick<Entry, 'rule' | 'outcome'> & { readonly records?: number };

function anEntry(token: string, store: string, { rule, outcome, records }: Line): Entry {
  return {
    v: 2,
    token,
    holding: 'aaaaaaaaaaaaaaaaaaaaaa' as LogRef,
    generation: 1,
    stage: 'delete',
    categories: ['registration'],
    store,
    outcome,
    ...present({ page: records === undefined ? undefined : ({ records } as EntryPage) }),
    subjects: [],
    policy: 'shop-policy',
    policyVersion: '1',
    rule,
    facts: [],
    leased: `${token.slice(0, 13)}:00:00.000Z`,
    software: 'tenure/0.0.0',
    tzdata: '2026c',
  };
}

let results = 0;

/** As `seal` does it. `isOld`: by a version that did not count by rule and outcome. */
async function put(
  world: World,
  { day, store }: { readonly day: string; readonly store: string },
  lines: readonly Line[],
  isOld = false,
): Promise<void> {
  results += 1;
  const token = `${day}T10.${String(results).padStart(6, '0')}`;
  const result = { token, store, entries: lines.map((line) => anEntry(token, store, line)), lines: [] };
  await world.registry.putResult(result);
  const { sums, ...old } = sealedIndexOf(result, results * 1000);
  await world.registry.putSealed([isOld ? old : { ...old, ...present({ sums }) }]);
}

async function ask(world: World, query: object): Promise<{ groups: LogSummaryGroup[]; next?: string }> {
  const answer = await world.call('auditor', '/v1/log/summary/query', query);
  expect(answer.status).toBe(200);
  return answer.body as unknown as { groups: LogSummaryGroup[]; next?: string };
}

const deleted = { rule: ONE_YEAR, outcome: 'deleted' } as const;

async function filled(isOld: boolean): Promise<World> {
  const world = apiWorld('2026-05-01T00:00:00Z');
  await put(world, { day: '2026-02-28', store: 'orders' }, [deleted], isOld);
  await put(
    world,
    { day: '2026-03-01', store: 'orders' },
    [deleted, { ...deleted, outcome: 'failed' }, deleted],
    isOld,
  );
  await put(world, { day: '2026-03-31', store: 'orders' }, [deleted, { ...deleted, rule: FORMULA }], isOld);
  await put(world, { day: '2026-03-31', store: 'invoices' }, [{ ...deleted, records: 900 }], isOld);
  await put(world, { day: '2026-04-01', store: 'orders' }, [deleted], isOld);
  return world;
}

describe('POST /v1/log/summary/query', () => {
  const march = { from: '2026-03-01', to: '2026-04-01' };
  const orders = { store: 'orders', rule: ONE_YEAR, outcome: 'deleted' };

  test.each([[false], [true]])(
    'counts entries and records by store, rule and outcome (sealed before there were counts: %s)',
    async (isOld) => {
      const world = await filled(isOld);
      expect((await ask(world, march)).groups).toEqual([
        { ...orders, entries: 3, records: 3 },
        { ...orders, outcome: 'failed', entries: 1, records: 1 },
        { ...orders, rule: FORMULA, entries: 1, records: 1 },
        { ...orders, store: 'invoices', entries: 1, records: 900 },
      ]);
      expect((await ask(world, { ...march, store: 'invoices' })).groups).toEqual([
        { ...orders, store: 'invoices', entries: 1, records: 900 },
      ]);
      expect((await ask(world, { ...march, rule: FORMULA })).groups).toEqual([
        { ...orders, rule: FORMULA, entries: 1, records: 1 },
      ]);
    },
  );

  test.each([
    ['day', ['2026-02-28', '2026-03-01', '2026-03-31', '2026-04-01'], [1, 2, 1, 1]],
    ['month', ['2026-02', '2026-03', '2026-04'], [1, 3, 1]],
    ['quarter', ['2026-Q1', '2026-Q2'], [4, 1]],
  ])('counts by %s', async (by, periods, entries) => {
    const world = await filled(false);
    const { groups } = await ask(world, { from: '2026-02-28', to: '2026-04-02', by, rule: ONE_YEAR });
    const found = groups.filter(({ store, outcome }) => store === 'orders' && outcome === 'deleted');
    expect(found.map(({ period }) => period)).toEqual(periods);
    expect(found.map((group) => group.entries)).toEqual(entries);
  });

  test('reads each day of the index once, and no results', async () => {
    const world = await filled(false);
    const asked: string[] = [];
    const stored = world.registry.sealedOfDay.bind(world.registry);
    world.registry.sealedOfDay = async (day) => {
      asked.push(day);
      return stored(day);
    };
    world.registry.results = async () => expect.fail('a result was read');
    await ask(world, march);
    expect(new Set(asked).size).toBe(31);
    expect(asked).toHaveLength(31);
  });

  test('counts each entry of before once, over all pages', async () => {
    const world = apiWorld('2026-05-01T00:00:00Z');
    for (let n = 0; n < 230; n += 1)
      await put(world, { day: '2026-03-02', store: 'orders' }, [deleted, deleted], true);
    let cursor: string | undefined;
    const pages: number[] = [];
    do {
      const page = await ask(world, { ...march, ...present({ cursor }) });
      pages.push(page.groups.reduce((all, { entries }) => all + entries, 0));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(pages).toEqual([200, 200, 60]);
  });

  test('refuses a period that does not begin before it ends', async () => {
    const answer = await apiWorld().call('auditor', '/v1/log/summary/query', { ...march, to: march.from });
    expect([answer.status, answer.body]).toMatchObject([400, { code: 'PERIOD_INVALID', path: 'from' }]);
  });
});

describe('tenure log', () => {
  async function commands() {
    const world = await servedWorld(await filled(false));
    stops.push(() => world.stop());
    const { accessKeyId, secretAccessKey } = credentialsOf('auditor');
    const env = {
      TENURE_URL: world.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    return (...args: string[]) => tenure(['log', ...args], env, () => Date.parse('2026-04-15T00:00:00Z'));
  }

  test('summary tells of the last month, in every form', async () => {
    const log = await commands();
    const { code, out } = await log('summary', '--csv');
    expect(code).toBe(0);
    expect(out.split('\n')).toEqual([
      'period,store,rule,outcome,entries,records',
      `2026-03,invoices,${ONE_YEAR},deleted,1,900`,
      `2026-03,orders,${ONE_YEAR},deleted,3,3`,
      `2026-03,orders,${ONE_YEAR},failed,1,1`,
      `2026-03,orders,"'=HYPERLINK(""https://example.org"", ""3 years"")",deleted,1,1`,
      '',
    ]);
    const lines = (await log('summary', '--jsonl')).out.trim().split('\n');
    const { groups } = JSON.parse((await log('summary', '--json')).out) as { groups: unknown[] };
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(groups);
    expect((await log('summary')).out).toContain(ONE_YEAR);
    const quarters = await log('summary', '--from', '2026-01-01', '--to', '2026-07-01', '--by', 'quarter');
    expect(quarters.out).toMatch(/2026-Q1[^]*2026-Q2/);
  });

  test('summary says that there is nothing', async () => {
    const log = await commands();
    const { code, out, err } = await log('summary', '--from', '2025-01-01', '--to', '2025-02-01');
    expect([code, out]).toEqual([0, '']);
    expect(err).toBe('No entries from 2025-01-01 until the day before 2025-02-01.\n');
  });

  test('list writes entries as comma-separated values and as lines of JSON', async () => {
    const log = await commands();
    const period = ['--from', '2026-03-31', '--to', '2026-04-01'];
    const { out } = await log('list', ...period, '--csv');
    const [head, ...rows] = out.trim().split('\n');
    expect(head).toBe(
      'index,due,begun,read back,store,outcome,stage,records,holding,generation,policy,version,rule',
    );
    expect(rows).toHaveLength(3);
    expect(rows[1]).toContain(`"'=HYPERLINK(`);
    const lines = (await log('list', ...period, '--jsonl')).out.trim().split('\n');
    const { entries } = JSON.parse((await log('list', ...period, '--json')).out) as { entries: unknown[] };
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual(entries);
  });

  test('list says how stores and rules are written if nothing matches them, and refuses a period that is none', async () => {
    const log = await commands();
    const period = ['--from', '2026-03-01', '--to', '2026-04-01'];
    for (const filter of [
      ['--store', 'ordrs'],
      ['--rule', '3 years'],
    ]) {
      const { code, out, err } = await log('list', ...period, ...filter);
      expect([code, out]).toEqual([0, '']);
      expect(err).toMatch(
        /^No matching entries\. Store and rule have to be .*: `tenure log summary` lists them\.$/m,
      );
    }
    const reversed = await log('list', '--from', '2026-04-01', '--to', '2026-03-01');
    expect([reversed.code, reversed.out]).toEqual([3, '']);
    expect(reversed.err).toContain('PERIOD_INVALID');
  });

  test('refuses two forms at once', async () => {
    const log = await commands();
    const { code, err } = await log('summary', '--csv', '--jsonl');
    expect([code, err]).toEqual([2, expect.stringContaining('Give only one of --jsonl and --csv.')]);
  });
});
