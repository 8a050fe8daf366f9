import { describe, expect, test } from 'vitest';
import type { Signer } from '../../../shared/ports/log.ts';
import { unsignedFor } from '../../../shared/protocol/log/signed-until.ts';
import { writeLog, type WriteLogCore } from '../../../shared/protocol/log/write-log.ts';
import { logWorld, type LogWorld } from '../../support/log/log-world.ts';
import { unsigned, wrongTree } from '../../support/log/wrong-tree.ts';

const HOUR = 3_600_000;
const LAG = 3 * HOUR;

/** The world with a signer that does this in place of signing. */
const signing = (w: LogWorld, sign: Signer['sign']): WriteLogCore => ({
  ...w.core,
  signer: { ...w.signer, sign },
});

const DISABLED = Object.assign(new Error('the key is disabled'), { name: 'DisabledException' });
const fails = async (): Promise<never> => {
  throw DISABLED;
};
const hangs = (): Promise<never> => new Promise(() => undefined);

describe('a signer that fails', () => {
  test('keeps no result from its place in the journal, and the next one that signs covers all of them', async () => {
    const w = logWorld();
    for (let run = 1; run <= 5; run += 1) {
      await w.result(100);
      await expect(writeLog(signing(w, fails))).rejects.toBe(DISABLED);
      expect((await w.registry.head()).size).toBe(run * 100);
    }
    expect(w.bucket.allCheckpoints()).toEqual([]);
    await writeLog(w.core);
    expect(w.signer.signed).toHaveLength(1);
    expect([...(await wrongTree(w)), ...unsigned(w)]).toEqual([]);
  });

  test('leaves nothing that grows with the number of its failures', async () => {
    const w = logWorld();
    await w.result(300);
    await expect(writeLog(signing(w, fails))).rejects.toBe(DISABLED);
    const after = w.bucket.allObjects().length;
    for (let run = 0; run < 10; run += 1) await expect(writeLog(signing(w, fails))).rejects.toBe(DISABLED);
    expect(w.bucket.allObjects()).toHaveLength(after);
  });

  test('whose public key cannot be read either, has the same end', async () => {
    const w = logWorld();
    await w.result(3);
    const signer = { ...w.signer, publicKey: fails };
    await expect(writeLog({ ...w.core, signer })).rejects.toBe(DISABLED);
    expect((await w.registry.head()).size).toBe(3);
  });
});

test('a signer that never answers leaves the journal as it is, and the next run signs', async () => {
  const w = logWorld();
  await w.result(3);
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const hanging = writeLog(
    signing(w, () => {
      resolve();
      return hangs();
    }),
  );
  await asked;
  expect((await w.registry.head()).published).toBe(true);
  await writeLog(w.core);
  expect(unsigned(w)).toEqual([]);
  expect(await Promise.race([hanging, Promise.resolve('hangs')])).toBe('hangs');
});

test('a result that cannot be sealed keeps no other one from being signed', async () => {
  const w = logWorld();
  await w.result(2);
  const damaged = Object.assign(new Error('lists'), { code: 'LOG_DAMAGED' });
  const registry = {
    ...w.registry,
    // After the pages: when the run reads what is left.
    toBeSealed: async (after?: string) => {
      const page = await w.registry.toBeSealed(after);
      if (page.items.length === 0) throw damaged;
      return page;
    },
  };
  await expect(writeLog({ ...w.core, registry })).rejects.toBe(damaged);
  expect(unsigned(w)).toEqual([]);
});

test('where sealing and signing fail, both codes are told', async () => {
  const w = logWorld();
  await w.result(2);
  const damaged = Object.assign(new Error('lists'), { code: 'LOG_DAMAGED' });
  const registry = {
    ...w.registry,
    toBeSealed: async (after?: string) => {
      const page = await w.registry.toBeSealed(after);
      if (page.items.length === 0) throw damaged;
      return page;
    },
  };
  await expect(writeLog({ ...signing(w, fails), registry })).rejects.toBe(damaged);
  const told = w.reports.lines.filter(({ code }) => code === 'seal.failed');
  expect(told).toEqual([{ code: 'seal.failed', fields: { code: expect.any(String) } }]);
});

describe('how long entries wait for a signature', () => {
  test('is not known before the first run, and nothing while all of them are signed', async () => {
    const w = logWorld();
    expect(await unsignedFor(w.core, LAG)).toBeUndefined();
    await w.result(3);
    await writeLog(w.core);
    w.clock.advance(10 * HOUR);
    expect(await unsignedFor(w.core, LAG)).toBeUndefined();
  });

  test('is told once it is longer than asked for, since everything was signed', async () => {
    const w = logWorld();
    await w.result(3);
    await writeLog(w.core);
    const since = w.clock.now();
    w.clock.advance(HOUR);
    await w.result(5);
    await expect(writeLog(signing(w, fails))).rejects.toBe(DISABLED);
    w.clock.advance(2 * HOUR);
    expect(await unsignedFor(w.core, LAG)).toBeUndefined();
    w.clock.advance(1);
    expect(await unsignedFor(w.core, LAG)).toEqual({ code: 'seal-lag', count: 5, since });
    await writeLog(w.core);
    expect(await unsignedFor(w.core, LAG)).toBeUndefined();
  });

  test('counts from the first run on in a log that was never signed', async () => {
    const w = logWorld();
    await w.result(3);
    const since = w.clock.now();
    await expect(writeLog(signing(w, fails))).rejects.toBe(DISABLED);
    w.clock.advance(LAG + 1);
    expect(await unsignedFor(w.core, LAG)).toEqual({ code: 'seal-lag', count: 3, since });
  });

  test('is not told by a log in which nothing happens: runs without work renew it', async () => {
    const w = logWorld();
    await w.result(3);
    await writeLog(w.core);
    for (let hour = 0; hour < 5; hour += 1) {
      w.clock.advance(HOUR);
      await writeLog(w.core);
    }
    await w.result(2);
    await expect(writeLog(signing(w, fails))).rejects.toBe(DISABLED);
    w.clock.advance(HOUR);
    expect(await unsignedFor(w.core, LAG)).toBeUndefined();
  });

  test('costs one write in half an hour at most while nothing is added', async () => {
    const w = logWorld();
    await w.result(3);
    let writes = 0;
    const registry = {
      ...w.registry,
      putWalk: (...walk: Parameters<typeof w.registry.putWalk>) => {
        writes += 1;
        return w.registry.putWalk(...walk);
      },
    };
    const core = { ...w.core, registry };
    await writeLog(core);
    expect(writes).toBe(2);
    for (let run = 0; run < 60; run += 1) {
      w.clock.advance(60_000);
      await writeLog(core);
    }
    expect(writes).toBe(4);
  });
});
