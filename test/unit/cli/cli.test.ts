import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { datasetChunk } from '../../../shared/domain/datasets/dataset-chunk.ts';
import { SOFTWARE } from '../../../shared/domain/version.ts';
import { apiWorld, type principals } from '../../support/api-world.ts';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { tenure } from '../../support/run-tenure.ts';
import { aHoldingRef } from '../../support/samples.ts';

const MARKER = 'zoe.marker@example.org';
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function served(world = apiWorld()) {
  const server = await servedWorld(world);
  stops.push(() => server.stop());
  const as = (name: keyof typeof principals) => {
    const { accessKeyId, secretAccessKey } = credentialsOf(name);
    const env = {
      TENURE_URL: server.url,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    return (...args: string[]) => tenure(args, env, () => server.clock.now());
  };
  return { ...server, tenure: as };
}

const holding = {
  store: 'orders',
  locator: ['shop/1'],
  categories: ['profile'],
  purposes: ['login'],
  entities: [{ type: 'account', id: MARKER }],
};
const disconnected = {
  specversion: '1.0',
  id: 'e-1',
  source: 'shop.example',
  type: 'account.disconnected',
  data: { entity: { type: 'account', id: MARKER }, occurred: '2026-02-28' },
} as const;

async function disconnectedWorld() {
  const world = await served();
  world.stores['orders']?.put(['shop/1']);
  await world.sweepAt('2026-03-01T10:00:00Z');
  await world.as('shop').registerHoldings([holding]);
  await world.as('shop').sendEvents([disconnected]);
  await world.deliver();
  return world;
}

describe('tenure lanes, pause, resume', () => {
  test('says of a restored registry what it waits for', async () => {
    const restored = apiWorld('2026-03-01T10:00:00Z', undefined, undefined, 'registry-restored');
    const { out, err } = await (await served(restored)).tenure('operator')('lanes');
    expect(err).toContain('RESTORED: the registry comes from a backup');
    expect(err).toContain('Missing: log, disposed, replay.');
    expect(out.match(/paused since/g)).toHaveLength(3);
  });

  test('shows the lanes and pauses one or all of them', async () => {
    const { tenure: as } = await served();
    const operator = as('operator');
    expect((await operator('lanes')).out).toBe(
      [
        'lane      state    in flight',
        'invoices  running  -',
        'orders    running  -',
        'vault     running  -',
        '',
      ].join('\n'),
    );
    expect((await operator('pause', 'orders')).out).toMatch(
      /^orders {2}paused since 2026-03-01T10:00:00\.000Z {2}-$/m,
    );
    expect((await operator('pause')).out.match(/paused since/g)).toHaveLength(3);
    expect((await operator('resume')).out.match(/paused since/g)).toHaveLength(1);
    const last = await operator('resume', 'orders', '--json');
    expect(JSON.parse(last.out)).toEqual({
      lanes: [{ lane: 'orders', state: 'running', pauses: [], inFlight: [] }],
    });
    expect(last).toMatchObject({ code: 0, err: '' });
  });

  test('says what is in flight: how many holdings, or that it is rows of a dataset', async () => {
    const world = await served();
    const begunAt = world.clock.now();
    const work = { lane: 'orders', begunAt, until: begunAt + 600_000, actedOn: [] };
    const key = { lane: 'orders', producer: 'shop', minute: begunAt, id: 'c' };
    await world.registry.putWork({ ...work, chunk: key, token: 't', refs: [aHoldingRef(1), aHoldingRef(2)] });
    const clock = { 'record.created': { column: 'at' } };
    const dataset = {
      store: 'orders',
      producer: 'shop',
      category: 'registration',
      type: 'row',
      clock,
    } as const;
    const { refs, ...chunk } = datasetChunk(
      { ...dataset, by: 'record.created' },
      { since: begunAt, version: 1 },
    );
    await world.registry.putWork({ ...work, chunk, token: 'u', refs });
    const { out } = await world.tenure('operator')('lanes');
    const until = new Date(work.until).toISOString();
    expect(out).toContain(`orders    running  2 until ${until}, rows of a dataset until ${until}`);
  });

  test('pauses a policy or a rule, and shows it beside the state of the lane', async () => {
    const { tenure: as } = await served();
    const operator = as('operator');
    const rule = 'within 30 days after account.disconnected';
    const paused = await operator('pause', 'orders', '--policy', 'shop-policy', '--rule', rule);
    expect(paused.out).toContain(`running; paused: “${rule}” of shop-policy since 2026-03-01T10:00:00.000Z`);
    expect(
      (await operator('pause', '--policy', 'shop-policy')).out.match(/paused: shop-policy since/g),
    ).toHaveLength(3);
    expect(await operator('pause', '--rule', rule)).toMatchObject({ code: 2 });
    expect((await operator('resume', '--policy', 'shop-policy')).out.match(/paused/g)).toHaveLength(1);
    expect((await operator('resume', 'orders', '--policy', 'shop-policy', '--rule', rule)).out).not.toContain(
      'paused',
    );
    expect((await operator('pause', '--policy', 'others')).err).toContain('NOT_FOUND');
  });
});

describe('tenure overdue', () => {
  test('ends with 1 when something is overdue, with 0 when nothing is', async () => {
    const world = await disconnectedWorld();
    const operator = world.tenure('operator');
    expect(await operator('overdue')).toEqual({ code: 0, out: '', err: 'Nothing is overdue.\n' });
    await world.sweepOnlyAt('2026-04-02T00:00:00Z');
    const found = await operator('overdue');
    expect(found.code).toBe(1);
    expect(found.out).toMatch(/^orders {2}shop +waiting {2}1 +2026-03-31T00:00:00\.000Z$/m);
    const json = await operator('--json', 'overdue');
    expect(json.code).toBe(1);
    const group = {
      store: 'orders',
      producer: 'shop',
      because: 'waiting',
      count: 1,
      oldestDeadline: '2026-03-31T00:00:00.000Z',
    };
    expect(JSON.parse(json.out)).toEqual({ groups: [group] });
    expect((await operator('overdue', '--jsonl')).out).toBe(`${JSON.stringify(group)}\n`);
    const csv = await operator('overdue', '--csv');
    expect(csv.code).toBe(1);
    expect(csv.out).toBe(
      'store,producer,because,code,dataset,count,oldest deadline\norders,shop,waiting,,,1,2026-03-31T00:00:00.000Z\n',
    );
    expect((await operator('overdue', '--csv', '--jsonl')).code).toBe(2);
    const day = await operator('overdue', '--day', '2026-02-30');
    expect([day.code, day.err]).toEqual([2, expect.stringContaining('It is not a day such as 2026-03-01.')]);
  });
});

describe('tenure attention', () => {
  test('says that there is nothing, and when the census was; with 0', async () => {
    const { tenure: as } = await served();
    const err = 'No census has ended yet: it runs once a day.\nNothing needs a person.\n';
    expect(await as('operator')('attention')).toEqual({ code: 0, out: '', err });
  });

  test('lists what needs a person and what to do, then the single holdings; with 1', async () => {
    const world = await served();
    await world.as('shop').registerHoldings([holding]);
    await world.deliver();
    await world.sweepAt('2027-04-06T10:00:00Z');
    const operator = world.tenure('operator');
    const found = await operator('attention');
    expect(found.code).toBe(1);
    expect(found.out).toMatch(
      /^never-had-a-fact {2}undetermined {2}orders {2}shop-policy {2}- .* 1 +2026-03-01T/m,
    );
    expect(found.err).toMatch(
      /^Census of 2027-04-06\.\nnever-had-a-fact: No event about any of its entities/,
    );
    const json = await operator('attention', '--json');
    expect(JSON.parse(json.out)).toMatchObject({
      census: '2027-04-06',
      groups: [{ reason: 'never-had-a-fact', count: 1 }],
    });
    const single = await operator('attention', 'never-had-a-fact');
    expect(single.code).toBe(1);
    expect(single.out).toMatch(
      /^orders {2}profile +shop-team +shop +account +2026-03-01T\S+ {2}[\w-]{22} {2}.*account\.disconnected/m,
    );
    const none = await operator('attention', 'conflict');
    expect(none).toMatchObject({ code: 0, out: '' });
    expect(none.err).toContain('No holding needs a person for this reason.');
    const listed = await operator('attention', 'never-had-a-fact', '--json');
    expect(JSON.parse(listed.out)).toMatchObject({
      holdings: [{ store: 'orders', entityTypes: ['account'] }],
    });
    const all = [found, json, single, none, listed];
    expect(all.map(({ out, err }) => out + err).join('')).not.toContain(MARKER);
  });
});

describe('tenure subject and log', () => {
  test('tell until when something is kept and why, and what was disposed of', async () => {
    const world = await disconnectedWorld();
    const auditor = world.tenure('auditor');
    const before = await auditor('subject', 'account', MARKER, '--producer', 'shop');
    expect(before.out).toContain('orders: profile (active, generation 1)');
    expect(before.out).toContain('delete at 2026-03-30T00:00:00.000Z, by 2026-03-31T00:00:00.000Z: within');
    expect(before.out).toContain('within 30 days after account.disconnected');
    await world.wakeUntil('2026-04-02T00:00:00Z');
    const after = await auditor('subject', 'account', MARKER, '--producer', 'shop');
    expect(after.out).toMatch(/delete: deleted at 2026-03-\S+, entry \S+ line 0/);
    const log = await auditor('log', 'list');
    expect(log.out).toMatch(/^\d+ .* orders {2}deleted .*within 30 days after account\.disconnected$/m);
    const subject = await auditor(
      'log',
      'list',
      '--subject',
      `account:${MARKER}`,
      '--producer',
      'shop',
      '--json',
    );
    expect(JSON.parse(subject.out)).toMatchObject({ entries: [{ index: 1, entry: { outcome: 'deleted' } }] });
    expect(await auditor('log', 'list', '--outcome', 'failed')).toEqual({
      code: 0,
      out: '',
      err: 'No matching entries.\n',
    });
    const filtered = [
      '--from',
      '2026-03-01',
      '--to',
      '2026-04-02',
      '--store',
      'orders',
      '--rule',
      'another',
      '--json',
    ];
    expect(JSON.parse((await auditor('log', 'list', ...filtered)).out)).toEqual({ entries: [], actions: [] });
    const lines = await auditor('subject', 'account', MARKER, '--producer', 'shop', '--jsonl');
    expect(JSON.parse(lines.out)).toMatchObject({ state: 'disposed', disposed: [{ outcome: 'deleted' }] });
    const csv = await auditor('subject', 'account', MARKER, '--producer', 'shop', '--csv');
    expect(csv.out.split('\n')).toEqual([
      'store,categories,collection,generation,state,registered,step,part,outcome,at,deadline,kept by,rule,backups have it until,entry,line,came back,before a fact',
      expect.stringMatching(
        /^orders,profile,,1,disposed,2026-03-01T[^,]+,delete,,deleted,2026-03-[^,]+,,,,2026-05-[^,]+,[^,]+,0,,$/,
      ),
      '',
    ]);
    expect((await auditor('subject', 'account', MARKER, '--html', '--csv')).code).toBe(2);
    const all = [before, after, log, subject, lines, csv];
    expect(all.map(({ out, err }) => out + err).join('')).not.toContain(MARKER);
  });

  test('make a page of it, of all pages of the answer', async () => {
    const server = await served(apiWorld('2026-03-01T10:00:00Z', 2));
    const holdings = [1, 2, 3, 4, 5].map((number) => ({ ...holding, locator: [`shop/${number}`] }));
    await server.as('shop').registerHoldings(holdings);
    await server.as('shop').sendEvents([disconnected]);
    await server.deliver();
    const page = await server.tenure('auditor')('subject', 'account', MARKER, '--producer', 'shop', '--html');
    expect([page.code, page.err]).toEqual([0, '']);
    const lines = page.out.split('\n');
    expect(lines.slice(0, 2)).toEqual(['<!doctype html>', '<html lang="en">']);
    expect(lines.slice(-2)).toEqual(['</html>', '']);
    expect(page.out).toContain('As of 2026-03-01 10:00, 5 records are held in one store.');
    expect(page.out).toContain('To be deleted on 2026-03-30 00:00, at the latest by 2026-03-31 00:00.');
    expect(page.out).toContain('<blockquote>within 30 days after account.disconnected</blockquote>');
    expect(page.out).not.toContain(MARKER);
    const none = await server.tenure('auditor')('subject', 'person', MARKER, '--html');
    expect([none.code, none.err]).toEqual([0, '']);
    expect(none.out).toContain('no records are held');
  });

  test('say when the entity is unknown', async () => {
    const { tenure: as } = await served();
    expect(await as('auditor')('subject', 'person', MARKER)).toEqual({
      code: 0,
      out: '',
      err: 'No holdings were found for this entity.\n',
    });
  });
});

describe('tenure quarantine', () => {
  test('lists, replays and discards', async () => {
    const world = await served();
    const operator = world.tenure('operator');
    expect((await operator('quarantine', 'list')).err).toBe('The quarantine is empty.\n');
    for (const occurred of ['2026-02-27', '2026-02-28']) {
      await world.as('shop').sendEvents([
        {
          specversion: '1.0',
          id: 'e-1',
          source: 'shop.example',
          type: 'contract.ended',
          data: { entity: { type: 'contract', id: 'c-1' }, occurred },
        },
      ]);
      await world.deliver();
    }
    const { out } = await operator('quarantine', 'list', '--json');
    const [item] = (JSON.parse(out) as { items: { id: string }[] }).items;
    const id = item?.id ?? '';
    expect((await operator('quarantine', 'list')).out).toContain(
      `${id}  2026-03-01T10:00:00.000Z  EVENT_ID_REUSED`,
    );
    expect(await operator('quarantine', 'replay', id)).toEqual({
      code: 0,
      out: '',
      err: `${id} was replayed.\n`,
    });
    await world.deliver();
    const again = JSON.parse((await operator('quarantine', 'list', '--json')).out) as {
      items: { id: string }[];
    };
    const discarded = await operator('quarantine', 'discard', again.items[0]?.id ?? '', '--json');
    expect(JSON.parse(discarded.out)).toMatchObject({ settled: 'discarded' });
    expect(world.registry.allQuarantined()).toEqual([]);
    expect(await operator('quarantine', 'discard', id)).toMatchObject({ code: 3, out: '' });
  });
});

describe('what goes wrong', () => {
  test.each([
    [{}, 'Set TENURE_URL to the URL of the API: `ApiUrl` in the outputs of `cdk deploy`.'],
    [{ TENURE_URL: 'nowhere' }, 'TENURE_URL is not a URL: set it to the URL of the API.'],
    [
      { TENURE_URL: 'https://tenure.example.org' },
      'Set AWS_REGION to the region of the API: the URL in TENURE_URL does not contain it.',
    ],
  ])('what is missing is said in one line', async (env, line) => {
    expect(await tenure(['lanes'], env)).toEqual({ code: 2, out: '', err: `${line}\n` });
  });

  test.each([
    [['pauze'], "error: unknown command 'pauze'\n(Did you mean pause?)\n"],
    [['subject', 'person'], "error: missing required argument 'id'\n"],
    [['attention', 'quarantined'], /Allowed choices are set-aside, store-not-configured/],
    [['log', 'list', '--subject', 'person'], /write it as type:id/],
    [['log', 'list', '--outcome', 'gone'], /Allowed choices are deleted/],
    [['policy', 'check', 'x', '--set', 'y'], /write it as policy\/setting=period/],
  ])('%j is a usage error', async (args, err) => {
    const run = await tenure(args);
    expect(run).toMatchObject({ code: 2, out: '' });
    expect(run.err).toMatch(err);
  });

  test('help is not an error, and neither is the version', async () => {
    expect(await tenure(['--version'])).toEqual({ code: 0, out: `${SOFTWARE}\n`, err: '' });
    const help = await tenure(['--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toContain(
      'Exit codes: 0 success, 1 findings, 2 usage error, 3 refused by the API or API unreachable, 4 an error in tenure itself; of `policy plan` and `restore replay`: 0 nothing changes, 2 something changes, 1 any error.',
    );
  });

  test('a refusal and an API that is not there end with 3 and a code', async () => {
    const world = await served();
    expect(await world.tenure('auditor')('pause')).toMatchObject({
      code: 3,
      out: '',
      err: 'FORBIDDEN: This principal does not have the required role: ask the platform team for it.\n',
    });
    const unknown = await world.tenure('auditor')('subject', 'ship', MARKER, '--json');
    expect(unknown).toMatchObject({ code: 3, out: '' });
    expect(unknown.err).toMatch(/^ENTITY_TYPE_UNKNOWN at entity\.type: /);
    expect(unknown.err).not.toContain(MARKER);
    await world.stop();
    expect(await world.tenure('operator')('lanes')).toMatchObject({ code: 3, out: '' });
  });

  test('Ctrl-C ends with 130', async () => {
    const silent = createServer(() => undefined);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const env = {
      ...process.env,
      TENURE_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'y',
    };
    const file = new URL('../../../cli/tenure.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [file, 'lanes'], { env, stdio: 'ignore' });
    await once(silent, 'request');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    silent.closeAllConnections();
    silent.close();
  });
});
