import { expect, test } from 'vitest';
import { ERASE_REQUESTED, requestsOf, scopeText } from '../../../shared/domain/people/effects.ts';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import { recordLink, recordRequest, recordUnlinked } from '../../../shared/protocol/people/record-link.ts';
import { bodyHash } from '../../../shared/domain/configuration/references.ts';
import { anEvent } from '../../support/rules/rule-world.ts';
import { world } from '../../support/driver/world.ts';

const entityTypes = { account: { ids: 'owned', normalise: [], identifies: 'person' } } as const;
const policy = {
  events: { 'contract.ended': anEvent(), 'account.closed': anEvent({ entity: 'account' }) },
};

/** An account that an application links to two persons, one after the other. */
async function family() {
  const w = world({ entityTypes, policy, rules: { notes: ['10 years after account.closed'] } });
  const [lena, tom] = [w.entity('person', 'lena'), w.entity('person', 'tom')];
  const account = w.entity('account', 'chat/family');
  await w.register(await w.registration('device', [account]));
  w.clock.advance(60_000);
  return { w, lena, tom, account };
}
type World = Awaited<ReturnType<typeof family>>['w'];

function erasing(w: World): Fact {
  const attributes = { request: 'r-1', scope: scopeText({ all: true }) };
  const fact = w.fact(ERASE_REQUESTED, new Date(w.clock.now()).toISOString(), { id: 'request/r-1' });
  return { ...fact, attributes, bodyHash: bodyHash([attributes]) };
}

function link(w: World, person: AboutEntity, linked: AboutEntity, id = `link ${person.ref}`) {
  const now = w.clock.now();
  const event = w.fact('', '', { id }).ref;
  return { person, linked, event, sent: now, received: now, spelling: undefined };
}

async function unlink(w: World, person: AboutEntity): Promise<void> {
  const fact = w.fact('', '', { id: `unlink ${person.ref}`, about: `link ${person.ref}` });
  await w.happened(person, fact);
  await recordUnlinked(w.core, person, fact);
}

async function effects(w: World, entity: AboutEntity): Promise<number> {
  const state = (await w.registry.states([entity.ref])).get(entity.ref);
  return state === undefined ? 0 : requestsOf(state).length;
}

test('a request does not reach an account that is linked to another person, too', async () => {
  const { w, lena, tom, account } = await family();
  await recordLink(w.core, link(w, lena, account));
  await recordLink(w.core, link(w, tom, account));
  await recordRequest(w.core, lena, erasing(w));
  expect(await effects(w, account)).toBe(0);
});

test('a link that was retracted leaves the account to the other person', async () => {
  const { w, lena, tom, account } = await family();
  await recordLink(w.core, link(w, lena, account));
  await recordLink(w.core, link(w, tom, account));
  await unlink(w, tom);
  await recordRequest(w.core, lena, erasing(w));
  expect(await effects(w, account)).toBe(1);
});

test('a link that arrives after its retraction counts for nothing', async () => {
  const { w, lena, tom, account } = await family();
  await unlink(w, tom);
  await recordLink(w.core, link(w, tom, account));
  await recordLink(w.core, link(w, lena, account));
  await recordRequest(w.core, lena, erasing(w));
  expect(await effects(w, account)).toBe(1);
});

test('a link that was retracted takes back what it brought, and a new one brings it again', async () => {
  const { w, lena, account } = await family();
  await recordLink(w.core, link(w, lena, account));
  await recordRequest(w.core, lena, erasing(w));
  expect(await effects(w, account)).toBe(1);
  for (const _ of ['once', 'twice']) await unlink(w, lena);
  expect(await effects(w, account)).toBe(0);
  expect(await effects(w, lena)).toBe(1);
  for (const _ of ['once', 'twice']) await recordLink(w.core, link(w, lena, account, 'linked again'));
  expect(await effects(w, account)).toBe(1);
  await recordRequest(w.core, lena, w.fact('', '', { id: 'undo', about: 'request/r-1' }));
  expect(await effects(w, account)).toBe(0);
});

test('a link that was retracted takes nothing back that a registration brings, too', async () => {
  const { w, lena, account } = await family();
  await w.register(await w.registration('profile', [lena, account]));
  w.clock.advance(60_000);
  await recordLink(w.core, link(w, lena, account));
  await recordRequest(w.core, lena, erasing(w));
  await unlink(w, lena);
  expect(await effects(w, account)).toBe(1);
});
