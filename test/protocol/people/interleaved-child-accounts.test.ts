import { expect, test } from 'vitest';
import { ACCOUNT, childWorld, isChildsAccount, type Sent } from '../../support/people/child-world.ts';

/** While `first` is processed, another run processes `second` whole: before each of its calls of the registry in turn. */
async function interleaved(before: readonly Sent[], first: Sent, second: Sent): Promise<number> {
  for (let number = 1; ; number += 1) {
    const c = childWorld();
    for (const one of before) await c.take(one);
    let calls = 0;
    const registry = new Proxy(c.core.registry, {
      get(target, name) {
        const real: unknown = Reflect.get(target, name);
        if (typeof real !== 'function') return real;
        return async (...args: unknown[]): Promise<unknown> => {
          calls += 1;
          if (calls === number) await c.take(second);
          return Reflect.apply(real, target, args) as unknown;
        };
      },
    });
    await c.take(first, { by: { ...c.core, registry } });
    if (calls < number) return number - 1;
    const all = new Set([...before, first, second]);
    expect(await c.isChild(ACCOUNT), `${second} before call ${number} of ${first}`).toBe(
      isChildsAccount(all),
    );
  }
}

test.each([
  [['device'], 'born', 'link'],
  [['device', 'link'], 'born', 'grown-up'],
  [['device', 'link'], 'born', 'family'],
  [['device', 'profile'], 'found', 'family'],
  [['device', 'profile'], 'born', 'not-born'],
  [['device', 'born'], 'profile', 'grown-up'],
  [['device', 'born'], 'link', 'family'],
  [['device', 'born', 'link'], 'unlink', 'link again'],
  [['device', 'link'], 'born', 'unlink'],
  [['device', 'link', 'born'], 'unlink', 'not unlinked'],
  [['device', 'link', 'born', 'unlink'], 'not unlinked', 'toms'],
  [['device', 'born'], 'link', 'toms'],
] as const)('after %o, %s and %s may be processed at once', async (before, one, other) => {
  expect(await interleaved(before, one, other)).toBeGreaterThan(5);
  expect(await interleaved(before, other, one)).toBeGreaterThan(5);
});
