import { describe, expect, test } from 'vitest';
import type { Witnesses } from '../../../shared/protocol/log/publish.ts';
import { writeLog, type WriteLogCore } from '../../../shared/protocol/log/write-log.ts';
import { witnessedWorld, wronglyWitnessed } from '../../support/log/witnessed-world.ts';
import { unsigned } from '../../support/log/wrong-tree.ts';

/** Everything that is called, with this before and after each call. */
function around<Port extends object>(
  port: Port,
  call: (run: () => Promise<unknown>) => Promise<unknown>,
): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => call(async () => Reflect.apply(member, target, args) as unknown);
    },
  });
}

function wrapped(core: WriteLogCore, call: (run: () => Promise<unknown>) => Promise<unknown>): WriteLogCore {
  const witnesses = core.witnesses as Witnesses;
  return {
    ...core,
    registry: around(core.registry, call),
    bucket: around(core.bucket, call),
    signer: around(core.signer, call),
    witnesses: { ...witnesses, all: witnesses.all.map((one) => around(one, call)) },
  };
}

describe('a run that dies', () => {
  test.each([
    ['before its calls arrive', false, 'wait'],
    ['after its calls arrived', true, 'wait'],
    ['before its calls arrive', false, 'goOn'],
    ['after its calls arrived', true, 'goOn'],
  ] as const)('at any call, %s: the next one publishes (%s, %s)', async (_is, late, ifMissing) => {
    let deaths = 0;
    for (let at = 1; ; at += 1) {
      const w = witnessedWorld({ ifMissing });
      await w.result(2);
      await writeLog(w.core);
      await w.result(300);
      let calls = 0;
      const core = wrapped(w.core, async (run) => {
        const dies = (calls += 1) === at;
        if (dies && !late) throw new Error('died');
        const answer = await run();
        if (dies) throw new Error('died');
        return answer;
      });
      const died = await writeLog(core).then(
        () => false,
        () => true,
      );
      // What a witness throws would be a mistake of its adapter: the run ends, and nothing is published by it.
      if (calls < at) break;
      deaths += died ? 1 : 0;
      await writeLog(w.core);
      expect([at, w.published().at(-1)]).toEqual([at, '302: w1 w2 w3']);
      expect([at, ...(await wronglyWitnessed(w)), ...unsigned(w)]).toEqual([at]);
    }
    expect(deaths).toBeGreaterThan(20);
  });

  test('at any call, and the next ones too: the one that lives publishes all of them', async () => {
    for (let at = 1; at < 60; at += 1) {
      const w = witnessedWorld();
      for (let run = 0; run < 3; run += 1) {
        await w.result(5);
        let calls = 0;
        const dying = wrapped(w.core, async (go) => {
          const answer = await go();
          if ((calls += 1) >= at) throw new Error('died');
          return answer;
        });
        await writeLog(dying).catch(() => undefined);
      }
      await writeLog(w.core);
      expect([at, w.published().at(-1)]).toEqual([at, '15: w1 w2 w3']);
      expect([at, ...(await wronglyWitnessed(w)), ...unsigned(w)]).toEqual([at]);
    }
  });
});
