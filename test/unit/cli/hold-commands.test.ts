import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { apiWorld, configuration, type principals } from '../../support/api-world.ts';
import { credentialsOf, servedWorld } from '../../support/api-server.ts';
import { aChunk, aWorkRecord } from '../../conformance/registry/registry-samples.ts';
import { tenure } from '../../support/run-tenure.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

async function served(own = configuration) {
  const server = await servedWorld(apiWorld('2026-03-01T10:00:00Z', undefined, own));
  stops.push(() => server.stop());
  const as =
    (name: keyof typeof principals) =>
    (...args: readonly string[]) => {
      const { accessKeyId, secretAccessKey } = credentialsOf(name);
      const env = {
        TENURE_URL: server.url,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      };
      return tenure(args, env, () => server.clock.now());
    };
  return { ...server, operator: as('operator'), auditor: as('auditor') };
}

const WORDS = ['--matter', 'Miller v. Shop', '--reason', 'claim filed on 2 March'];
const ON_PERSON = ['--entity', 'person:p:17', ...WORDS];

describe('tenure hold', () => {
  test('places nothing without --execute, and says what it would cover', async () => {
    const { operator, registry } = await served();
    const dry = await operator('hold', 'place', 'case-17', ...ON_PERSON);
    expect(dry).toEqual({
      code: 0,
      out: 'It would cover 0 records (counted now)\n',
      err: 'Nothing was placed: this was a dry run. Add --execute to place the hold.\n',
    });
    expect(registry.allHoldRecords()).toEqual([]);
    const wide = await operator('hold', 'place', 'case-17', '--store', 'orders', ...WORDS);
    expect(wide.out).toBe('No census has ended yet, so what the hold would cover was not counted.\n');
    const json = await operator('hold', 'place', 'case-17', ...ON_PERSON, '--json');
    expect(JSON.parse(json.out)).toEqual({
      dryRun: true,
      wouldCover: { holdings: 0, byStore: [], from: 'entity' },
    });
  });

  test('says which accounts of a person it would not cover', async () => {
    const { account } = configuration.entityTypes;
    const entityTypes = {
      ...configuration.entityTypes,
      account: { ids: 'owned', normalise: [], ...account, identifies: 'person' },
    } as const;
    const { operator, as, deliver } = await served({ ...configuration, entityTypes });
    const holding = (n: number) => ({
      store: 'orders',
      locator: [`shop/${n}`],
      categories: ['registration'],
      purposes: ['service'],
      entities: [
        { type: 'contract', id: 'c-1' },
        { type: 'person', id: 'p:17' },
        { type: 'account', id: `a-${n}` },
      ],
    });
    await as('shop').registerHoldings([holding(1)]);
    await deliver();
    const one = await operator('hold', 'place', 'case-17', ...ON_PERSON);
    expect(one.out).toContain(
      'only about an account of this person: 1 account is known. Place a hold on each',
    );
    await as('shop').registerHoldings([holding(2)]);
    await deliver();
    const two = await operator('hold', 'place', 'case-17', ...ON_PERSON);
    expect(two.out).toContain('2 accounts are known');
    expect(two.code).toBe(0);
  });

  test('places, lists, shows and releases', async () => {
    const { operator, auditor, clock } = await served();
    const more = ['--review-by', '2026-06-30', '--freeze', '--execute'];
    const placed = await operator('hold', 'place', 'case-17', ...ON_PERSON, ...more);
    const shown = [
      'case-17: person p:17 (in-force, freezes)',
      '  matter: Miller v. Shop',
      '  reason: claim filed on 2 March',
      '  placed 2026-03-01T10:00:00.000Z by arn:aws:sts::111122223333:assumed-role/operator/anna',
      '  review by 2026-06-30',
      '',
    ].join('\n');
    expect(placed).toEqual({ code: 0, out: shown, err: '' });
    expect((await auditor('hold', 'show', 'case-17')).out).toBe(shown);
    await operator('hold', 'place', 'case-18', '--category', 'profile', ...WORDS, '--execute');
    const list = await auditor('hold', 'list');
    expect(list.out.split('\n').map((line) => line.trimEnd())).toEqual([
      'id       scope             state     matter          placed                    review by',
      'case-17  person p:17       in-force  Miller v. Shop  2026-03-01T10:00:00.000Z  2026-06-30',
      'case-18  category profile  in-force  Miller v. Shop  2026-03-01T10:00:00.000Z  -',
      '',
    ]);
    expect((await auditor('hold', 'list', '--entity', 'person:p:17')).out).not.toContain('case-18');

    clock.set(Date.parse('2026-07-01T00:00:00Z'));
    const late = await auditor('hold', 'list', '--state', 'in-force');
    expect(late.code).toBe(1);
    expect(late.out).toContain('2026-06-30 (overdue)');

    const dry = await operator('hold', 'release', 'case-17', '--reason', 'settled');
    expect(dry.out).toContain('0 records that came due would be looked at again');
    expect(dry.err).toBe('Nothing was released: this was a dry run. Add --execute to release the hold.\n');
    expect((await auditor('hold', 'show', 'case-17')).out).toContain('in-force');
    const released = await operator('hold', 'release', 'case-17', '--reason', 'settled', '--execute');
    expect(released.out).toContain('  released 2026-07-01T00:00:00.000Z by arn:aws:sts::111122223333');
    expect((await auditor('hold', 'list', '--state', 'in-force')).code).toBe(0);
    const again = await operator('hold', 'place', 'case-17', ...ON_PERSON, '--execute');
    expect(again.code).toBe(3);
    expect(again.err).toContain('HOLD_ID_REUSED');
    expect((await auditor('hold', 'list', '--state', 'released', '--json')).out).toContain('"case-17"');
  });

  test('says when there are none', async () => {
    const { auditor } = await served();
    expect(await auditor('hold', 'list')).toEqual({ code: 0, out: '', err: 'There are no legal holds.\n' });
    expect((await auditor('hold', 'show', 'unknown')).code).toBe(3);
  });

  test.for([
    [[], 'Give exactly one of'],
    [['--store', 'orders', '--everything'], 'Give exactly one of'],
    [['--entity', 'zoe'], 'type and the id with a colon'],
    [['--entity', 'zoe:'], 'type and the id with a colon'],
    [['--store', 'orders', '--producer', 'zoe'], 'give --entity, or omit --producer'],
  ] as const)('place with %j is a usage error that repeats nothing', async ([scope, message]) => {
    const { operator } = await served();
    const answer = await operator('hold', 'place', 'case-17', ...scope, ...WORDS);
    expect(answer.code).toBe(2);
    expect(answer.err).toContain(message);
    expect(answer.err).not.toContain('zoe');
  });

  test('an id that cannot be one is a usage error that repeats nothing', async () => {
    const { operator } = await served();
    for (const id of ['zoe marker', '', '../zoe', '.zoe', 'zoe'.repeat(30), 'zo\u00eb']) {
      for (const args of [
        ['place', id, '--everything', ...WORDS],
        ['release', id, '--reason', 'over'],
        ['show', id],
      ]) {
        const answer = await operator('hold', ...args);
        expect([args[0], id, answer.code]).toEqual([args[0], id, 2]);
        expect(answer.err).toContain('at most 64 letters, digits');
        expect(answer.err).not.toMatch(/zo/);
      }
    }
  });

  test.for(['30.6.2026', '2026-6-30', 'tomorrow', ''])('--review-by %j is a usage error', async (day) => {
    const { operator } = await served();
    const answer = await operator('hold', 'place', 'h', '--everything', '--review-by', day, ...WORDS);
    expect(answer.code).toBe(2);
    expect(answer.err).toContain('--review-by is a day');
  });

  test.for([
    [['--state', 'open'], '--state is in-force or released'],
    [['--entity', 'person:zoe', '--state', 'released'], 'Give --entity or --state'],
    [['--entity', 'person:zoe', '--state', 'open'], '--state is in-force or released'],
    [['--producer', 'zoe'], 'give --entity, or omit --producer'],
  ] as const)('list with %j is a usage error that repeats nothing', async ([options, message]) => {
    const { auditor } = await served();
    const answer = await auditor('hold', 'list', ...options);
    expect(answer.code).toBe(2);
    expect(answer.err).toContain(message);
    expect(answer.err).not.toContain('zoe');
  });
});

describe('docs/legal-holds.md', () => {
  const page = readFileSync(new URL('../../../docs/legal-holds.md', import.meta.url), 'utf8');
  const transcript = page.split('```').find((block) => block.includes('$ tenure hold place')) ?? '';
  const steps = transcript
    .split('$ tenure ')
    .slice(1)
    .map((step) => {
      const [line = '', ...output] = step.trim().split('\n');
      const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
      return { line, args, output };
    });

  test('shows what the command says', async () => {
    const world = await served();
    const person = { type: 'person', id: 'p-17' };
    const holdings = ['shop/1', 'shop/2', 'shop/3'].map((id) => ({
      store: 'orders',
      locator: [id],
      categories: ['registration'],
      purposes: ['service'],
      entities: [{ type: 'contract', id: 'c-1' }, person],
    }));
    await world.as('shop').registerHoldings(holdings);
    await world.deliver();
    world.clock.set(Date.parse('2026-03-01T10:00:00Z'));
    const [first] = world.registry.allHoldings();
    if (first === undefined) throw new Error('nothing was registered');
    const chunk = { ...aChunk('c-1'), lane: 'orders', refs: [first.ref] };
    const until = Date.parse('2026-03-01T10:03:00Z');
    const work = { ...aWorkRecord(chunk, '2026-03-01T10.t'), lane: 'orders', refs: [first.ref], until };
    await world.registry.putWork(work);
    for (const [index, { line, args, output }] of steps.entries()) {
      if (args[1] === 'show') await world.registry.deleteWork(work);
      if (args[1] === 'release') {
        await world.registry.park('case-17', [first.ref]);
        world.clock.set(Date.parse('2026-05-20T09:00:00Z'));
      }
      const { out, err } = await world.operator(...args);
      const shown = `${out}${err}`.trimEnd().split('\n');
      expect(
        shown.map((each) => each.trimEnd()),
        `step ${index}: ${line}`,
      ).toEqual(output);
    }
    expect(steps).toHaveLength(5);
  });
});
