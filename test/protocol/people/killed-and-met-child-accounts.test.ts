import { expect, test } from 'vitest';
import { ACCOUNT, childWorld, isChildsAccount, type Sent } from '../../support/people/child-world.ts';
import { Killed, unlessKilled } from '../../support/driver/killed-at.ts';

interface Meeting {
  readonly before: readonly Sent[];
  readonly first: Sent;
  readonly second: Sent;
}

/** Another run processes `second` before call `met` of `first`, which dies at call `killed`, and is delivered once more. */
async function once({ before, first, second }: Meeting, met: number, killed: number) {
  const c = childWorld();
  for (const one of before) await c.take(one);
  let calls = 0;
  const registry = new Proxy(c.core.registry, {
    get(target, name) {
      const real: unknown = Reflect.get(target, name);
      if (typeof real !== 'function') return real;
      return async (...args: unknown[]): Promise<unknown> => {
        calls += 1;
        if (calls === met) await c.take(second);
        if (calls >= killed) throw new Killed();
        return Reflect.apply(real, target, args) as unknown;
      };
    },
  });
  const died = await c.take(first, { by: { ...c.core, registry } }).then(
    () => false,
    (error: unknown) => {
      if (!(error instanceof Killed)) throw error;
      return true;
    },
  );
  if (calls < met) return { isMet: false, died };
  await c.take(first, { delivery: 2 });
  expect(await c.isChild(ACCOUNT), `${second} before call ${met} of ${first}, killed at ${killed}`).toBe(
    isChildsAccount(new Set([...before, first, second])),
  );
  return { isMet: true, died };
}

test('a record of another person stays, where its registration meets a birth and is killed, until it is repeated', async () => {
  for (let [met, isMet] = [1, true]; isMet; met += 1) {
    const c = childWorld();
    c.w.store.put(['family'], {});
    for (const one of ['device', 'link'] as const) await c.take(one);
    let calls = 0;
    const registry = new Proxy(c.core.registry, {
      get(target, name) {
        const real: unknown = Reflect.get(target, name);
        if (typeof real !== 'function') return real;
        return async (...args: unknown[]): Promise<unknown> => {
          calls += 1;
          if (calls === met) await c.take('born');
          if (name === 'readHoldings') throw new Killed();
          return Reflect.apply(real, target, args) as unknown;
        };
      },
    });
    await c.take('family', { by: { ...c.core, registry } }).catch(unlessKilled);
    isMet = calls >= met;
    await c.w.run(c.w.clock.now() + 3_600_000);
    expect(c.w.store.fields(['family']), `met at call ${met}`).toBeDefined();
  }
});

test.each<[readonly Sent[], Sent, Sent]>([
  [['device', 'born'], 'profile', 'family'],
  [['device', 'born'], 'link', 'toms'],
])('after %o, %s that meets %s and is killed ends in the same when it is repeated', async (...names) => {
  const [before, first, second] = names;
  let [meetings, met] = [0, 0];
  for (let isMet = true; isMet;) {
    met += 1;
    isMet = false;
    for (let [killed, died] = [met, true]; died; killed += 1) {
      const ended = await once({ before, first, second }, met, killed);
      isMet ||= ended.isMet;
      died = ended.died;
      meetings += Number(ended.isMet);
    }
  }
  expect(meetings).toBeGreaterThan(20);
});
