import { describe, expect, test } from 'vitest';
import { auditLog } from '../../../cli/log-commands/audit-log.ts';
import { receiptFromLog } from '../../../cli/log-commands/receipt-from-log.ts';
import { openCheckpoint } from '../../../shared/domain/log/checkpoint.ts';
import { introducedKey } from '../../../shared/domain/log/introduced-key.ts';
import { noteKey, vkeyOf } from '../../../shared/domain/log/note.ts';
import { integrate } from '../../../shared/protocol/log/integrate.ts';
import { writeLog, type WriteLogCore } from '../../../shared/protocol/log/write-log.ts';
import { logWorld, type LogWorld } from '../../support/log/log-world.ts';
import { memorySource } from '../../support/log/memory-source.ts';
import { testSigner } from '../../support/log/test-signer.ts';
import { unsigned } from '../../support/log/wrong-tree.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const OLD = noteKey('tenure/deletion-log', await testSigner().publicKey());
const NEW = noteKey('tenure/deletion-log', await testSigner(undefined, 8).publicKey());

/** A log with an old key, and a day later a new one. */
function rotating() {
  const w = logWorld();
  const from = w.clock.now() + DAY;
  const next = testSigner(undefined, 8);
  const core: WriteLogCore = { ...w.core, laterKeys: [{ signer: next, from }] };
  return { ...w, next, core, old: w.core };
}

function signersOf(w: Pick<LogWorld, 'bucket'>): string[] {
  return w.bucket.allCheckpoints().map((text) => {
    const opened = openCheckpoint(text, [OLD, NEW]);
    if (!opened.ok) return opened.fault;
    return opened.signers.map(({ id }) => (id === OLD.id ? 'old' : 'new')).join(' and ');
  });
}

function filesOf({ bucket }: Pick<LogWorld, 'bucket'>): Map<string, Uint8Array> {
  const files = new Map(bucket.allObjects().map(({ key, bytes }) => [key, bytes]));
  files.set('checkpoint', Buffer.from(bucket.allCheckpoints().at(-1) ?? ''));
  return files;
}

interface Rotation {
  readonly index: number;
  readonly key: string;
  readonly token: string;
  readonly at: string;
}

/** The entries that introduce a key. */
function rotations({ bucket }: Pick<LogWorld, 'bucket'>): readonly Rotation[] {
  const lines = bucket
    .allObjects()
    .filter(({ key }) => key.startsWith('entries/'))
    .flatMap(({ bytes }) => Buffer.from(bytes).toString().trim().split('\n'));
  return lines.flatMap((line, index) => {
    const { did, ...entry } = JSON.parse(line) as Rotation & { did: string };
    return did === 'rotate-key' ? [{ ...entry, index }] : [];
  });
}

async function run(w: LogWorld, core: WriteLogCore, lines = 1): Promise<void> {
  if (lines > 0) await w.result(lines);
  await writeLog(core);
}

describe('a key that takes over', () => {
  test('signs beside the old one for 30 days, and alone afterwards, and the log names it once', async () => {
    const w = rotating();
    await run(w, w.core);
    expect(rotations(w)).toEqual([]);
    w.clock.advance(DAY);
    for (let day = 0; day <= 31; day += 1) {
      await run(w, w.core);
      w.clock.advance(DAY);
    }
    const both = Array.from({ length: 30 }, () => 'old and new');
    expect(signersOf(w)).toEqual(['old', ...both, 'new', 'new']);
    expect(rotations(w)).toMatchObject([{ key: vkeyOf(NEW) }]);
    expect(unsigned(w)).toEqual([]);
  });

  test('has an entry of the time from which it signs, also if the first run is late: filters find it by its token', async () => {
    const w = rotating();
    const from = new Date(w.clock.now() + DAY).toISOString();
    w.clock.advance(3 * DAY + HOUR);
    await run(w, w.core);
    expect(rotations(w)).toMatchObject([{ at: from, token: expect.stringContaining(from.slice(0, 13)) }]);
  });

  test('is trusted by the receipt of its entry, and the log is right for who has only the old key', async () => {
    const w = rotating();
    w.clock.advance(DAY);
    await run(w, w.core, 3);
    const [{ index } = { index: -1 }] = rotations(w);
    const { receipt } = await receiptFromLog(memorySource(filesOf(w)), { index });
    w.clock.advance(31 * DAY);
    await run(w, w.core, 300);
    const source = memorySource(filesOf(w));
    expect(await auditLog(source, { keys: [OLD] })).toMatchObject({
      ok: false,
      fault: { file: 'checkpoint' },
    });
    expect(introducedKey(receipt, [OLD])).toEqual({ ok: true, key: NEW });
    expect(await auditLog(source, { keys: [OLD, NEW] })).toMatchObject({ ok: true, signers: [NEW] });
    const late = await receiptFromLog(source, { index });
    expect(introducedKey(late.receipt, [OLD])).toEqual({ ok: false, fault: 'not-signed' });
  });

  test('does not sign alone while no published tree has its entry, however late it is', async () => {
    const w = rotating();
    w.clock.advance(90 * DAY);
    await w.journal(3);
    await integrate(w.core, () => true);
    await run(w, w.core);
    await run(w, w.core);
    expect(signersOf(w)).toEqual(['old and new', 'old and new', 'new']);
    expect(rotations(w)).toHaveLength(1);
  });

  test('that fails keeps no result from its place in the journal', async () => {
    const w = rotating();
    w.clock.advance(DAY);
    const fails = async (): Promise<never> => {
      throw Object.assign(new Error('disabled'), { name: 'DisabledException' });
    };
    const laterKeys = [{ signer: { ...w.next, publicKey: fails }, from: w.clock.now() }];
    await expect(run(w, { ...w.core, laterKeys }, 3)).rejects.toThrow('disabled');
    expect((await w.registry.head()).size).toBe(3);
    await run(w, w.core);
    expect(unsigned(w)).toEqual([]);
  });
});

describe('two deployments', () => {
  test('of which one does not know the new key yet sign one log in turn', async () => {
    const w = rotating();
    w.clock.advance(DAY);
    for (let turn = 0; turn < 4; turn += 1) await run(w, turn % 2 === 0 ? w.core : w.old);
    expect(signersOf(w)).toEqual(['old and new', 'old', 'old and new', 'old']);
    expect(unsigned(w)).toEqual([]);
  });

  test('of which one does not know the key that signs alone: it signs nothing, and the log does not fork', async () => {
    const w = rotating();
    w.clock.advance(DAY);
    await run(w, w.core);
    w.clock.advance(31 * DAY);
    await run(w, w.core);
    await expect(run(w, w.old)).rejects.toMatchObject({ code: 'LOG_FORKED' });
    expect(signersOf(w)).toEqual(['old and new', 'new']);
    await run(w, w.core);
    expect(unsigned(w)).toEqual([]);
  });
});

describe('a run that dies', () => {
  /** Everything that it calls, until the call of this number, which does not come back. `late`: it arrives all the same. */
  function dying<Port extends object>(port: Port, next: () => boolean, late: boolean): Port {
    return new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]): Promise<unknown> => {
          const dies = next();
          if (dies && !late) throw new Error('died');
          const answer: unknown = await Reflect.apply(member, target, args);
          if (dies) throw new Error('died');
          return answer;
        };
      },
    });
  }

  test.each([
    ['before its calls arrive, and the next one comes at once', false, 0],
    ['after its calls arrived, and the next one comes at once', true, 0],
    ['before its calls arrive, and the next one comes when its entry is void', false, DAY],
    ['after its calls arrived, and the next one comes when its entry is void', true, DAY],
  ])('at any call, %s: one entry, and one log', async (_, late, wait) => {
    for (let at = 1; ; at += 1) {
      const w = rotating();
      w.clock.advance(DAY);
      await w.result(2);
      let calls = 0;
      const next = (): boolean => (calls += 1) === at;
      const registry = dying(w.registry, next, late);
      const bucket = dying(w.bucket, next, late);
      const died = await writeLog({ ...w.core, registry, bucket }).then(
        () => false,
        () => true,
      );
      w.clock.advance(wait);
      for (let more = 0; more < 3; more += 1) await run(w, w.core);
      expect({ at, rotations: rotations(w).length, unsigned: unsigned(w) }).toEqual({
        at,
        rotations: 1,
        unsigned: [],
      });
      expect(await auditLog(memorySource(filesOf(w)), { keys: [OLD] })).toMatchObject({ ok: true });
      if (!died && calls < at) {
        expect(at).toBeGreaterThan(10);
        return;
      }
    }
  });
});
