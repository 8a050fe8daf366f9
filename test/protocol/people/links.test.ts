import { describe, expect, test } from 'vitest';
import { ERASE_REQUESTED, requestsOf, scopeText } from '../../../shared/domain/people/effects.ts';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import { linksOf } from '../../../shared/protocol/people/links.ts';
import { recordLink, recordRequest } from '../../../shared/protocol/people/record-link.ts';
import { bodyHash } from '../../../shared/domain/configuration/references.ts';
import type { EventRef } from '../../../shared/domain/record/ids.ts';
import { anEvent } from '../../support/rules/rule-world.ts';
import { world } from '../../support/driver/world.ts';

/** Accounts of two applications identify a person. */
const entityTypes = { account: { ids: 'owned', normalise: [], identifies: 'person' } } as const;
const policy = {
  events: { 'contract.ended': anEvent(), 'account.closed': anEvent({ entity: 'account' }) },
};

function chat() {
  const w = world({ entityTypes, policy, rules: { notes: ['10 years after account.closed'] } });
  const lena = w.entity('person', 'lena');
  const account = w.entity('account', 'chat/lena');
  const other = w.entity('account', 'cam/lenchen');
  return { w, lena, account, other };
}

type World = ReturnType<typeof chat>['w'];

async function registered(w: World, id: string, about: readonly AboutEntity[]): Promise<void> {
  w.store.put([id], { email: 'a' });
  await w.register(await w.registration(id, about));
}

function erasing(w: World) {
  const attributes = { request: 'r-1', scope: scopeText({ all: true }) };
  const fact = w.fact(ERASE_REQUESTED, new Date(w.clock.now()).toISOString(), { id: 'request/r-1' });
  return { ...fact, attributes, bodyHash: bodyHash([attributes]) };
}

function link(w: World, person: AboutEntity, linked: AboutEntity) {
  const now = w.clock.now();
  const event = `link ${linked.ref}` as EventRef;
  return { person, linked, event, sent: now, received: now, spelling: undefined };
}

async function requestsAbout(w: World, entity: AboutEntity): Promise<number> {
  const state = (await w.registry.states([entity.ref])).get(entity.ref);
  return state === undefined ? 0 : requestsOf(state).length;
}

describe('what a person asks for', () => {
  test('reaches each account that a registration names together with the person', async () => {
    const { w, lena, account, other } = chat();
    await registered(w, 'profile', [lena, account]);
    await registered(w, 'device', [account]);
    await registered(w, 'elsewhere', [other]);
    w.clock.advance(60_000);
    await recordRequest(w.core, lena, erasing(w));
    expect(await requestsAbout(w, account)).toBe(1);
    expect(await requestsAbout(w, other)).toBe(0);
  });

  test('reaches an account that its application has linked, whichever came first', async () => {
    for (const linkFirst of [true, false]) {
      const { w, lena, other } = chat();
      await registered(w, 'elsewhere', [other]);
      w.clock.advance(60_000);
      if (linkFirst) await recordLink(w.core, link(w, lena, other));
      await recordRequest(w.core, lena, erasing(w));
      if (!linkFirst) await recordLink(w.core, link(w, lena, other));
      expect(await requestsAbout(w, other)).toBe(1);
    }
  });

  test('is cancelled everywhere', async () => {
    const { w, lena, account } = chat();
    await registered(w, 'profile', [lena, account]);
    w.clock.advance(60_000);
    await recordRequest(w.core, lena, erasing(w));
    await recordRequest(w.core, lena, w.fact('', '', { id: 'undo', about: 'request/r-1' }));
    expect(await requestsAbout(w, account)).toBe(0);
    expect(await requestsAbout(w, lena)).toBe(0);
  });

  test('does not reach an account that is also another person’s', async () => {
    const { w, lena, account } = chat();
    await registered(w, 'profile', [lena, account]);
    await registered(w, 'family', [w.entity('person', 'tom'), account]);
    w.clock.advance(60_000);
    await recordRequest(w.core, lena, erasing(w));
    expect(await requestsAbout(w, account)).toBe(0);
    expect(await linksOf(w.core, lena)).toEqual({ linked: [], shared: [account] });
  });

  test('does not reach an account that is named with two persons', async () => {
    const { w, lena, account } = chat();
    await registered(w, 'message', [lena, w.entity('person', 'tom'), account]);
    w.clock.advance(60_000);
    await recordRequest(w.core, lena, erasing(w));
    expect(await requestsAbout(w, account)).toBe(0);
  });

  test('does not go from an account to the person, nor to the person’s other accounts', async () => {
    const { w, lena, account, other } = chat();
    await registered(w, 'profile', [lena, account]);
    await registered(w, 'camera', [lena, other]);
    w.clock.advance(60_000);
    await recordRequest(w.core, account, erasing(w));
    expect(await requestsAbout(w, account)).toBe(1);
    expect(await requestsAbout(w, lena)).toBe(0);
    expect(await requestsAbout(w, other)).toBe(0);
  });

  test('ends in the same state when it comes twice', async () => {
    const { w, lena, account } = chat();
    await registered(w, 'profile', [lena, account]);
    w.clock.advance(60_000);
    const fact = erasing(w);
    expect(await recordRequest(w.core, lena, fact)).toBe('new');
    expect(await recordRequest(w.core, lena, fact)).toBe('duplicate');
    expect(await requestsAbout(w, account)).toBe(1);
  });
});

test('a request about a type that nothing identifies costs no further read', async () => {
  const { w, account } = chat();
  w.registry.pointers = async () => {
    throw new Error('asked for pointers');
  };
  expect(await linksOf(w.core, account)).toEqual({ linked: [], shared: [] });
});
