import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listenOnLoopback } from '../../../local/engines/loopback.ts';
import { noteKey, vkeyOf } from '../../../shared/domain/log/note.ts';
import type { DuePage } from '../../../shared/ports/upkeep.ts';
import { driver, type Driver } from '../../support/driver/driver.ts';
import { writeLog } from '../../support/log/generated-log.ts';
import { nameOf } from '../../support/log/stated.ts';
import { testSigner } from '../../support/log/test-signer.ts';
import { tenure } from '../../support/run-tenure.ts';

const VKEY = vkeyOf(noteKey('tenure/deletion-log', await testSigner().publicKey()));

/** Two records that are disposed of on 2 March, and one that is due then and waits. */
async function threeDue(lie: (d: Driver, page: DuePage) => DuePage = (_d, page) => page): Promise<Driver> {
  const d = await driver({ start: '2026-03-01T08:00:00Z', rules: { notes: ['1 day after contract.ended'] } });
  const honest = d.registry.putDue.bind(d.registry);
  Object.assign(d.registry, { putDue: (page: DuePage) => honest(lie(d, page)) });
  for (const id of ['a', 'b', 'c']) {
    d.registers(id, [`c-${id}`]);
    d.store.put([id], {});
    d.happens('contract.ended', `c-${id}`, `2026-03-01T1${id === 'c' ? 6 : 0}:00:00Z`);
  }
  await d.runUntil('2026-03-02T15:00:00Z');
  d.down.add('dispose');
  await d.runUntil('2026-03-03T08:00:00Z');
  return d;
}

async function omissions(
  d: Driver,
  day: string,
  more: readonly string[] = [],
  env: Record<string, string> = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-omissions-'));
  const files = new Map(d.bucket.allObjects().map(({ key, bytes }) => [key, bytes]));
  await writeLog(folder, files.set('checkpoint', Buffer.from(d.bucket.allCheckpoints().at(-1) ?? '')));
  const answer = await tenure(
    ['log', 'omissions', '--day', day, '--log', folder, '--key', VKEY, ...more],
    env,
  );
  await rm(folder, { recursive: true });
  return answer;
}

const name = (d: Driver, id: string): Promise<string> => nameOf(d.core.keys, d.holding(id) as never);

test('a statement that leaves out nothing is right, and says what came of what was due', async () => {
  const d = await threeDue();
  const { code, out } = await omissions(d, '2026-03-02');
  expect(out).toContain('Due from 2026-03-02 to 2026-03-02: 2 settled, 0 later, 0 held, 0 waits, 1 open.');
  expect(out).toContain('Nothing is left out.');
  expect(code).toBe(0);
});

test('what the census hid is named, because its entry is in the log', async () => {
  const d = await threeDue((of, { due, ...page }) => ({
    ...page,
    due: due.filter(({ ref }) => ref !== of.ref('b')),
  }));
  const { code, out } = await omissions(d, '2026-03-02', ['--json']);
  const [ref, generation] = (await name(d, 'b')).split(' ');
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    omissions: [{ ref, generation: Number(generation), code: 'not-listed' }],
  });
  expect(code).toBe(1);
});

test('what a census says was disposed of, and was not, is named', async () => {
  const d = await threeDue((_of, { due, ...page }) => ({
    ...page,
    due: due.map((one) => (one.state === 'open' ? { ...one, state: 'settled' } : one)),
  }));
  const { code, out } = await omissions(d, '2026-03-02');
  expect(out).toContain((await name(d, 'c')).split(' ')[0]);
  expect(out).toContain('the log has no entry of it');
  expect(code).toBe(1);
});

test('what the registry has had due and a statement hides is named when the registry is asked, page by page', async () => {
  const hiding = await threeDue((of, { due, ...page }) => ({
    ...page,
    due: due.filter(({ ref }) => ref !== of.ref('c')),
  }));
  for (const [d, code] of [
    [hiding, 1],
    [await threeDue(), 0],
  ] as const) {
    const [ref = '', generation] = (await name(d, 'c')).split(' ');
    const due = { ref, generation: Number(generation), store: 'notes' };
    const asked: string[] = [];
    const server = await listenOnLoopback(
      createServer((request, response) => {
        const { pathname, searchParams } = new URL(request.url ?? '/', 'http://api');
        asked.push(`${pathname} ${searchParams.get('day')}`);
        const page = searchParams.has('cursor') ? { holdings: [due, due] } : { holdings: [], next: 'more' };
        response.end(JSON.stringify({ asOf: '2026-03-03T08:00:00Z', ...page }));
      }),
    );
    const env = {
      TENURE_URL: server.endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'key',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
    const [text, json] = [
      await omissions(d, '2026-03-02', ['--registry'], env),
      await omissions(d, '2026-03-02', ['--registry', '--json'], env),
    ];
    await server.stop();
    expect(text.code).toBe(code);
    expect(text.out.includes(`${ref} generation 1 in notes was due by 2026-03-02`)).toBe(code === 1);
    const unstated = { holdings: code === 1 ? [due] : [], unlinked: 0 };
    expect(JSON.parse(json.out)).toMatchObject({ ok: code === 0, omissions: [], unstated });
    expect(new Set(asked)).toEqual(new Set(['/v1/overdue/holdings 2026-03-02']));
    expect(asked).toHaveLength(4);
    expect(await omissions(d, '2026-03-02')).toMatchObject({ code: 0 });
  }
});

test('what was due on the day before and is in no state any more is counted, and is not wrong', async () => {
  const d = await threeDue();
  d.withdraws('c');
  await d.runUntil('2026-03-04T08:00:00Z');
  const { code, out } = await omissions(d, '2026-03-03', ['--json']);
  const [ref] = (await name(d, 'c')).split(' ');
  expect(JSON.parse(out)).toMatchObject({ ok: true, omissions: [], left: [{ ref, state: 'open' }] });
  expect(code).toBe(0);
});

test('a day without a statement, and a day that is none, are refused', async () => {
  const d = await threeDue();
  expect(await omissions(d, '2026-03-03')).toMatchObject({
    code: 1,
    out: expect.stringContaining('no statement'),
  });
  expect(await omissions(d, '2026-02-31')).toMatchObject({ code: 2 });
  expect(await omissions(d, '2026-99-01')).toMatchObject({ code: 2 });
});
