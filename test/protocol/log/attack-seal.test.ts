import { describe, expect, test } from 'vitest';
import { parseCheckpoint } from '../../../shared/domain/log/checkpoint.ts';
import { parseNote } from '../../../shared/domain/log/note.ts';
import { actionToken } from '../../../shared/domain/record/work.ts';
import { bundleKey } from '../../../shared/protocol/log/bundle.ts';
import { writeLog } from '../../../shared/protocol/log/write-log.ts';
import { logWorld, type LogWorld } from '../../support/log/log-world.ts';

/** `withResult`: its attempt came to a result. */
async function withLine(w: LogWorld, software: string, withResult = true): Promise<string> {
  const token = actionToken('2026-03-01T10', '000000');
  await w.registry.putToBeSealed({ token, putAt: w.clock.now(), until: w.clock.now() });
  const actions = [{ v: 2, token, did: 'pause', at: '2026-03-01T10:00:00.000Z', software }] as const;
  if (withResult) await w.registry.putActions({ token, store: '', entries: [], lines: [], actions });
  return token;
}
const sizes = ({ bucket }: LogWorld) =>
  bucket.allCheckpoints().map((text) => parseCheckpoint(parseNote(text)?.text ?? '')?.size);

describe('a result that no log can have', () => {
  test.each([
    ['half a character', '\ud800'],
    ['more bytes than an entry has', 'x'.repeat(65_536)],
  ])('(%s) stops no other one', async (_, software) => {
    const w = logWorld();
    const token = await withLine(w, software);
    await w.result(2);
    await expect(writeLog(w.core)).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    expect(sizes(w)).toEqual([2]);
    expect(w.registry.allToBeSealed().map((one) => one.token)).toEqual([token]);
    await w.result(3);
    await expect(writeLog(w.core)).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    expect(sizes(w)).toEqual([2, 5]);
  });

  test.each([
    ['its item', 'results', 'ITEM_INVALID'],
    ['its item', 'results', 'ITEM_SCHEMA_UNKNOWN'],
    ['the item of its place', 'sealed', 'ITEM_INVALID'],
  ] as const)('(%s cannot be read: %s, %s) stops no other one', async (_, method, code) => {
    const w = logWorld();
    const token = await withLine(w, 's');
    await w.result(2);
    const read = w.registry[method].bind(w.registry);
    const registry: LogWorld['registry'] = {
      ...w.registry,
      async [method](tokens: readonly string[]) {
        if (tokens.includes(token)) throw Object.assign(new Error('cannot be read'), { code });
        return read(tokens);
      },
      async voidResult(asked) {
        expect(asked).not.toBe(token);
        return w.registry.voidResult(asked);
      },
    };
    // Long after the attempt of each of them.
    w.clock.advance(86_400_000);
    const failing = writeLog({ ...w.core, registry });
    await expect(failing).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    await expect(failing).rejects.toThrow(token);
    expect(sizes(w)).toEqual([2]);
    expect(w.registry.allToBeSealed().map((one) => one.token)).toEqual([token]);
  });

  test.each([
    ['whose result is there is sealed, and its note is deleted', 1],
    ['without a result is left, told, and not made void', 0],
  ])('a note that cannot be read stops no other one: one %s', async (_, there) => {
    const w = logWorld();
    const token = await withLine(w, 's', there === 1);
    await w.result(2);
    const registry: LogWorld['registry'] = {
      ...w.registry,
      async toBeSealed(after) {
        const page = await w.registry.toBeSealed(after);
        const items = page.items.map((item) =>
          item.token === token
            ? { token, putAt: item.putAt, until: item.putAt, damaged: true as const }
            : item,
        );
        return { ...page, items };
      },
      async voidResult(asked) {
        expect(asked).not.toBe(token);
        return w.registry.voidResult(asked);
      },
    };
    w.clock.advance(86_400_000);
    const writing = writeLog({ ...w.core, registry });
    if (there === 1) await writing;
    else await expect(writing).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    expect(sizes(w)).toEqual([2 + there]);
    expect(w.registry.allToBeSealed().map((one) => one.token)).toEqual(there === 1 ? [] : [token]);
  });

  test('is still an error of the registry if the whole table cannot be read', async () => {
    const w = logWorld();
    await w.result(2);
    const results = async () => {
      throw Object.assign(new Error('down'), { code: 'REGISTRY_UNREACHABLE' });
    };
    await expect(writeLog({ ...w.core, registry: { ...w.registry, results } })).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
    });
    expect((await w.registry.head()).size).toBe(0);
  });
});

test('results with much text come into several objects, each result whole', async () => {
  const w = logWorld();
  for (let index = 0; index < 3; index += 1) {
    const token = actionToken('2026-03-01T10', `0000${index}`);
    await w.registry.putToBeSealed({ token, putAt: w.clock.now(), until: w.clock.now() });
    const line = { v: 2, token, did: 'pause', at: '2026-03-01T10:00:00.000Z' } as const;
    const actions = Array.from({ length: 150 }, (_none, at) => ({
      ...line,
      software: `${at} ${'x'.repeat(60_000)}`,
    }));
    await w.registry.putActions({ token, store: '', entries: [], lines: [], actions });
  }
  await writeLog(w.core);
  expect(w.bucket.allObjects().flatMap(({ key }) => (key.startsWith('entries/') ? [key] : []))).toEqual(
    [0, 150, 300].map(bundleKey),
  );
  expect(sizes(w).at(-1)).toBe(450);
});

test('a checkpoint that stays another one is not signed again and again', async () => {
  const w = logWorld();
  await w.result(2);
  let runs = 0;
  const bucket = { ...w.bucket, putCheckpoint: async () => 'moved' as const };
  const failing = writeLog({ ...w.core, bucket }, () => (runs += 1) < 1000);
  await expect(failing).rejects.toMatchObject({ code: 'CHECKPOINT_STALE' });
  expect(w.signer.signed).toHaveLength(1);
  await writeLog(w.core);
  expect(sizes(w)).toEqual([2]);
});

test('a backlog that takes many runs is signed by each of them, as far as it has its place', async () => {
  const w = logWorld();
  const results = 3000;
  for (let index = 0; index < results; index += 1) await w.result(1);
  const second = 1000;
  const timeout = w.core.configuration.timing.functionTimeout * second;
  // A registry that takes ten seconds for each answer.
  const registry: LogWorld['registry'] = {
    ...w.registry,
    async results(tokens) {
      w.clock.advance(10 * second);
      return w.registry.results(tokens);
    },
  };
  let runs = 0;
  while (w.registry.allToBeSealed().length > 0) {
    const end = w.clock.now() + timeout - 30 * second;
    await writeLog({ ...w.core, registry }, () => w.clock.now() < end);
    runs += 1;
    expect(sizes(w).at(-1)).toBe((await w.registry.head()).size);
  }
  expect(runs).toBeGreaterThan(2);
  expect(sizes(w).at(-1)).toBe(results);
});
