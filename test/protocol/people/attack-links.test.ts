import { describe, expect, test } from 'vitest';
import {
  ERASE_REQUESTED,
  requestsOf,
  RESTRICT_REQUESTED,
  RESTRICTION_RELEASED,
  scopeText,
} from '../../../shared/domain/people/effects.ts';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import { reachNamed, recordLink, recordRequest } from '../../../shared/protocol/people/record-link.ts';
import { bodyHash } from '../../../shared/domain/configuration/references.ts';
import type { EventRef } from '../../../shared/domain/record/ids.ts';
import { anEvent } from '../../support/rules/rule-world.ts';
import { world } from '../../support/driver/world.ts';

const entityTypes = { account: { ids: 'owned', normalise: [], identifies: 'person' } } as const;
const policy = {
  events: { 'contract.ended': anEvent(), 'account.closed': anEvent({ entity: 'account' }) },
};

/** Lena has an account, which is registered with her and without her. */
async function chat(isNamed = true) {
  const w = world({ entityTypes, policy, rules: { notes: ['10 years after account.closed'] } });
  const lena = w.entity('person', 'lena');
  const account = w.entity('account', 'chat/lena');
  await registered(w, 'device', [account]);
  if (isNamed) await registered(w, 'profile', [lena, account]);
  w.clock.advance(60_000);
  return { w, lena, account };
}

type World = Awaited<ReturnType<typeof chat>>['w'];

async function registered(w: World, id: string, about: readonly AboutEntity[]): Promise<void> {
  w.store.put([id], { email: 'a' });
  await w.register(await w.registration(id, about));
  await reachNamed(w.core, about, { isRepeated: false });
}

function requestFact(w: World, type: string, id: string): Fact {
  const attributes = { request: 'r-1', scope: scopeText({ all: true }) };
  const fact = w.fact(type, new Date(w.clock.now()).toISOString(), { id });
  return { ...fact, attributes, bodyHash: bodyHash([type, attributes]) };
}
const erasing = (w: World): Fact => requestFact(w, ERASE_REQUESTED, 'request/r-1');
const cancelling = (w: World): Fact => w.fact('', '', { id: 'undo', about: 'request/r-1' });

function link(w: World, person: AboutEntity, linked: AboutEntity) {
  const now = w.clock.now();
  const event = `link ${person.ref} ${linked.ref}` as EventRef;
  return { person, linked, event, sent: now, received: now, spelling: undefined };
}

async function effects(w: World, entity: AboutEntity) {
  const state = (await w.registry.states([entity.ref])).get(entity.ref);
  return state === undefined ? [] : requestsOf(state);
}

describe('a request that has reached a linked account', () => {
  test('is cancelled there, too, where the record that linked them is withdrawn since', async () => {
    const { w, lena, account } = await chat();
    await recordRequest(w.core, lena, erasing(w));
    w.clock.advance(60_000);
    await w.withdraw(await w.withdrawal('profile'));
    await recordRequest(w.core, lena, cancelling(w));
    expect(await effects(w, account)).toEqual([]);
  });

  test('is cancelled there, too, where the account is another person’s by now', async () => {
    const { w, lena, account } = await chat();
    await recordRequest(w.core, lena, erasing(w));
    await registered(w, 'family', [w.entity('person', 'tom'), account]);
    await recordRequest(w.core, lena, cancelling(w));
    expect(await effects(w, account)).toEqual([]);
  });

  test('is cancelled there, too, where the link is retracted since', async () => {
    const { w, lena, account } = await chat(false);
    await recordLink(w.core, { ...link(w, lena, account), event: w.fact('', '', { id: 'link' }).ref });
    await recordRequest(w.core, lena, erasing(w));
    await w.happened(lena, w.fact('', '', { id: 'unlink', about: 'link' }));
    await recordRequest(w.core, lena, cancelling(w));
    expect(await effects(w, account)).toEqual([]);
  });

  test('is released there, too, where the record that linked them is withdrawn since', async () => {
    const { w, lena, account } = await chat();
    await recordRequest(w.core, lena, requestFact(w, RESTRICT_REQUESTED, 'request/r-1'));
    w.clock.advance(60_000);
    await w.withdraw(await w.withdrawal('profile'));
    await recordRequest(w.core, lena, requestFact(w, RESTRICTION_RELEASED, 'request/r-1/released'));
    expect(await effects(w, account)).toMatchObject([{ kind: 'restrict', released: w.clock.now() }]);
  });

  test('is cancelled there, too, where a link comes between the cancellation and the request', async () => {
    const { w, lena, account } = await chat(false);
    await recordRequest(w.core, lena, cancelling(w));
    await recordLink(w.core, link(w, lena, account));
    await recordRequest(w.core, lena, erasing(w));
    expect(await effects(w, lena)).toEqual([]);
    expect(await effects(w, account)).toEqual([]);
  });

  test('is released there, too, where a link comes between the release and the request', async () => {
    const { w, lena, account } = await chat(false);
    await recordRequest(w.core, lena, requestFact(w, RESTRICTION_RELEASED, 'request/r-1/released'));
    await recordLink(w.core, link(w, lena, account));
    await recordRequest(w.core, lena, requestFact(w, RESTRICT_REQUESTED, 'request/r-1'));
    expect(await effects(w, account)).toMatchObject([{ kind: 'restrict', released: w.clock.now() }]);
  });

  test('was not there before: a registration that links them arrives after the request', async () => {
    const { w, lena, account } = await chat(false);
    await recordRequest(w.core, lena, erasing(w));
    expect(await effects(w, account)).toEqual([]);
    await registered(w, 'profile', [lena, account]);
    expect(await effects(w, account)).toMatchObject([{ kind: 'erase' }]);
    await recordRequest(w.core, lena, cancelling(w));
    expect(await effects(w, account)).toEqual([]);
  });
});
