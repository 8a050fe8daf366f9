import { expect, test } from 'vitest';
import type { Signer } from '../../../shared/ports/log.ts';
import { unsignedFor } from '../../../shared/protocol/log/signed-until.ts';
import { writeLog, type WriteLogCore } from '../../../shared/protocol/log/write-log.ts';
import { logWorld } from '../../support/log/log-world.ts';
import { testSigner } from '../../support/log/test-signer.ts';
import { wrongIndex } from '../../support/log/wrong-index.ts';
import { unsigned, wrongTree } from '../../support/log/wrong-tree.ts';

const HOUR = 3_600_000;

type OnCall = (name: string, run: () => Promise<unknown>) => Promise<unknown>;

function around<Port extends object>(port: Port, on: OnCall): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) =>
        on(String(name), async () => Reflect.apply(member, target, args) as unknown);
    },
  });
}

/** Kills the run at this call, from 1: before it arrives, or after it did. */
function dying(core: WriteLogCore, at: number, isLate: boolean) {
  const calls: string[] = [];
  const on: OnCall = async (name, run) => {
    const dies = calls.push(name) === at;
    if (dies && !isLate) throw new Error('died');
    const answer = await run();
    if (dies) throw new Error('died');
    return answer;
  };
  const { laterKeys = [] } = core;
  const wrapped: WriteLogCore = {
    ...core,
    registry: around(core.registry, on),
    bucket: around(core.bucket, on),
    signer: around(core.signer, on),
    laterKeys: laterKeys.map(({ signer, from }) => ({ signer: around<Signer>(signer, on), from })),
  };
  return { calls, wrapped };
}

test.each([
  ['one key', false],
  ['a key that is followed by another one', true],
])(
  'a run with %s that dies at any call, also of a signer, leaves one tree without a gap',
  async (_, isRotating) => {
    const killed = new Set<string>();
    for (const isLate of [false, true])
      for (let at = 1; ; at += 1) {
        const w = logWorld();
        const laterKeys = isRotating
          ? [{ signer: testSigner(undefined, 8), from: w.clock.now() + HOUR }]
          : [];
        const core: WriteLogCore = { ...w.core, laterKeys };
        await w.result(3);
        await writeLog(core);
        w.clock.advance(2 * HOUR);
        for (const lines of [2, 300, 1]) await w.result(lines);
        const { calls, wrapped } = dying(core, at, isLate);
        await writeLog(wrapped).catch(() => {});
        if (calls.length < at) break;
        killed.add(calls[at - 1] ?? '');
        for (let run = 0; run < 2; run += 1) await writeLog(core);
        const wrong = isRotating ? [] : await wrongTree(w);
        expect([at, ...wrong, ...unsigned(w), ...(await wrongIndex(w.registry))]).toEqual([at]);
        expect(w.registry.allToBeSealed()).toEqual([]);
        expect((await w.registry.head()).size).toBe(306 + (isRotating ? 1 : 0));
        w.clock.advance(3 * HOUR);
        expect(await unsignedFor(core, 2 * HOUR)).toBeUndefined();
      }
    for (const call of ['publicKey', 'sign', 'putCheckpoint', 'putHead', 'putWalk'])
      expect(killed).toContain(call);
  },
);
