import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { fourEyesWorld } from '../../support/four-eyes/four-eyes-world.ts';
import { CASES, correction, MARKER, RULE } from '../../support/four-eyes/gated-cases.ts';
import { tenure } from '../../support/run-tenure.ts';

describe('tenure proposals and tenure confirm', () => {
  let folder: string;
  let world: Awaited<ReturnType<typeof served>>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenure-proposals-'));
    await writeFile(join(folder, 'events.json'), JSON.stringify([correction]));
  });
  afterAll(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    world = await served();
    return () => world.stop();
  });

  async function served() {
    const own = fourEyesWorld();
    for (const one of CASES) if (one.kind !== 'resume') await one.prepare(own);
    const server = await servedWorld(own);
    async function run(who: 'operator' | 'second', ...args: string[]) {
      const { accessKeyId, secretAccessKey } = credentialsOf(who);
      const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
      return tenure(args, { TENURE_URL: server.url, AWS_REGION: 'eu-central-1', ...keys });
    }
    return { ...own, run, stop: () => server.stop() };
  }
  const idIn = (text: string): string => /tenure confirm ([\w-]{22})/.exec(text)?.[1] ?? 'none';

  test('take an approval from one person to another', async () => {
    const approve = ['approve', 'orders', '--policy', RULE.policy, '--rule', RULE.rule, '--records', '7'];
    const first = await world.run('operator', ...approve);
    expect(first).toMatchObject({ code: 1, out: '' });
    expect(first.err).toContain(`approve 7 more records of “${RULE.rule}” of ${RULE.policy} in orders.`);
    expect(first.err).toContain('Nothing was done yet. Another operator confirms it until 2026-03-02T10:00');
    const id = idIn(first.err);
    const mine = await world.run('operator', 'proposals');
    expect(mine.code).toBe(1);
    expect(mine.out).toMatch(new RegExp(`^${id} +approve 7 .*assumed-role/operator/anna \\(you\\) `, 'm'));
    const own = await world.run('operator', 'confirm', id);
    expect(own).toMatchObject({ code: 3, err: expect.stringMatching(/^PROPOSAL_OWN at id: /) });
    const shown = await world.run('second', 'proposals', id);
    expect(shown).toMatchObject({ code: 0, out: expect.stringContaining('state: open') });
    const confirmed = await world.run('second', 'confirm', id);
    expect(confirmed.code).toBe(0);
    expect(confirmed.out).toContain('state: done');
    expect(confirmed.out).toMatch(/confirmed \S+ by arn:aws:sts::111122223333:assumed-role\/second\/ben/);
    expect(await world.run('second', 'proposals')).toMatchObject({
      code: 0,
      out: '',
      err: 'Nothing waits for another operator.\n',
    });
    const log = await world.run('second', 'log', 'list', '--from', '2026-03-01', '--to', '2026-03-02');
    expect(log.code).toBe(0);
  });

  test('say of every other command that nothing was done yet, with exit code 1', async () => {
    const digest = (await world.run('operator', 'policy', 'status')).out.split(/\s+/)[1] ?? '';
    const commands = [
      ['policy', 'approve', digest],
      ['quarantine', 'discard', MARKER],
      ['send', join(folder, 'events.json')],
    ];
    for (const args of commands) {
      const said = await world.run('operator', ...args);
      expect([args[0], said.code]).toEqual([args[0], 1]);
      expect(said.err).toContain('Nothing was done yet.');
      const json = await world.run('operator', ...args, '--json');
      expect(JSON.parse(json.out)).toHaveProperty('proposed');
      const id = idIn(said.err);
      expect((await world.run('second', 'confirm', id)).out).toContain('state: done');
    }
  });

  test('show the corrections that wait, and take them back', async () => {
    const said = await world.run('operator', 'send', join(folder, 'events.json'));
    expect(said.err).toContain('0 accepted, 0 rejected, 1 proposed.');
    const id = idIn(said.err);
    expect((await world.run('second', 'proposals', id)).out).toContain('"corrects":"e-1"');
    const withdrawn = await world.run('second', 'proposals', 'withdraw', id);
    expect(withdrawn).toMatchObject({ code: 0, out: expect.stringContaining('state: withdrawn') });
    expect((await world.run('second', 'confirm', id)).err).toMatch(/^PROPOSAL_OVER at id: .*\(withdrawn\)/);
  });

  test('say what an id looks like', async () => {
    for (const args of [
      ['confirm', 'x'],
      ['proposals', 'x'],
      ['proposals', 'withdraw', 'x'],
    ])
      expect(await world.run('operator', ...args)).toMatchObject({
        code: 2,
        err: expect.stringContaining('22 letters'),
      });
  });

  test('say with exit code 1 that what was confirmed was not done, because there was nothing of it to do', async () => {
    const said = await world.run('operator', 'quarantine', 'discard', MARKER);
    const [proposal] = world.registry.allProposals();
    await world.registry.putProposal({ ...proposal!, version: proposal!.version + 1, state: 'void' });
    const confirmed = await world.run('second', 'confirm', idIn(said.err));
    expect(confirmed).toMatchObject({ code: 1, out: expect.stringContaining('state: void') });
    expect((await world.run('second', 'proposals', idIn(said.err))).code).toBe(0);
  });
});
