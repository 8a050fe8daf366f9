import { expect, test } from 'vitest';
import { ACCOUNT, childWorld, isChildsAccount, type Sent } from '../../support/people/child-world.ts';
import { Killed, killedAt, type When } from '../../support/driver/killed-at.ts';

test('a record of another person stays, wherever its registration is killed, and for as long as it is not repeated', async () => {
  for (let [number, died] = [1, true]; died; number += 1) {
    const c = childWorld();
    c.w.store.put(['family'], {});
    for (const one of ['device', 'link', 'born'] as const) await c.take(one);
    const { core } = killedAt(c.core, { ports: ['registry'], number, when: 'after' });
    died = await c.take('family', { by: core }).then(
      () => false,
      (error: unknown) => error instanceof Killed,
    );
    await c.w.run(c.w.clock.now() + 3_600_000);
    expect(c.w.store.fields(['family']), `killed at call ${number}`).toBeDefined();
  }
});

/** `ingest` dies at each of its calls of the registry, and the queue delivers the message once more. Answers how often it died. */
async function killedEverywhere(before: readonly Sent[], sent: Sent, when: When): Promise<number> {
  for (let number = 1; ; number += 1) {
    const c = childWorld();
    for (const one of before) await c.take(one);
    const killed = killedAt(c.core, { ports: ['registry'], number, when });
    const died = await c.take(sent, { by: killed.core }).then(
      () => false,
      (error: unknown) => {
        if (!(error instanceof Killed)) throw error;
        return true;
      },
    );
    await c.take(sent);
    expect(await c.isChild(ACCOUNT)).toBe(isChildsAccount(new Set([...before, sent])));
    if (!died) return number - 1;
  }
}

test.each([
  ['a birth', ['device', 'link'], 'born'],
  ['a finding', ['device', 'profile'], 'found'],
  ['a link after the birth', ['device', 'born'], 'link'],
  ['a registration of both after the birth', ['device', 'born'], 'profile'],
  ['a correction', ['device', 'link', 'born'], 'grown-up'],
  ['a birth after its correction', ['device', 'link', 'grown-up'], 'born'],
  ['a retraction', ['device', 'link', 'born'], 'not-born'],
  ['a retraction of the link', ['device', 'link', 'born'], 'unlink'],
  ['a retraction of that', ['device', 'link', 'born', 'unlink'], 'not unlinked'],
  ['a link of another person', ['device', 'link', 'born'], 'toms'],
  ['a second link', ['device', 'link', 'born', 'unlink'], 'link again'],
  ['a registration with a parent', ['device', 'link', 'born'], 'family'],
] as const)('%s that is killed anywhere and repeated ends in the same state', async (_, before, sent) => {
  for (const when of ['before', 'after'] as const)
    expect(await killedEverywhere(before, sent, when)).toBeGreaterThan(5);
});
