import { describe, expect, test } from 'vitest';
import {
  ERASE_REQUESTED,
  requestsOf,
  RESTRICT_REQUESTED,
  RESTRICTION_RELEASED,
  scopeText,
} from '../../../shared/domain/people/effects.ts';
import { bodyHash } from '../../../shared/domain/configuration/references.ts';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import type { AboutEntity } from '../../../shared/domain/record/about.ts';
import type { FactCore } from '../../../shared/protocol/record-fact.ts';
import { areLinked } from '../../../shared/protocol/people/links.ts';
import {
  reachNamed,
  recordLink,
  recordRequest,
  recordUnlinked,
} from '../../../shared/protocol/people/record-link.ts';
import { Killed, killedAt } from '../../support/driver/killed-at.ts';
import { anEvent } from '../../support/rules/rule-world.ts';
import { world } from '../../support/driver/world.ts';

const HOUR = 3_600_000;
const entityTypes = { account: { ids: 'owned', normalise: [], identifies: 'person' } } as const;
const policy = {
  events: { 'contract.ended': anEvent(), 'account.closed': anEvent({ entity: 'account' }) },
};

/** An account of Lena, by which applications may come to know Tom, too. */
function shared() {
  const w = world({ entityTypes, policy, rules: { notes: ['10 years after account.closed'] } });
  const [lena, tom] = [w.entity('person', 'lena'), w.entity('person', 'tom')];
  const account = w.entity('account', 'chat/family');
  const registered = async (id: string, about: readonly AboutEntity[]): Promise<void> => {
    w.store.put([id], {});
    await w.register(await w.registration(id, about));
    await reachNamed(w.core, about, { isRepeated: false });
    w.clock.advance(1000);
  };
  const request = (type: string, { id = 'request/r-1', ...more }: { id?: string; alsoLater?: true } = {}) => {
    const attributes = { request: id.slice(0, 11), scope: scopeText({ all: true }), ...more };
    const fact = w.fact(type, new Date(w.clock.now()).toISOString(), { id });
    return { ...fact, attributes, bodyHash: bodyHash([type, attributes]) };
  };
  const link = async (person: AboutEntity, id = `link ${person.ref}`): Promise<void> => {
    const now = w.clock.now();
    const event = w.fact('', '', { id }).ref;
    await recordLink(w.core, {
      person,
      linked: account,
      event,
      sent: now,
      received: now,
      spelling: undefined,
    });
  };
  const takeBack = async (person: AboutEntity, about: string, id = `not ${about}`): Promise<void> => {
    const fact = w.fact('', '', { id, about });
    await w.happened(person, fact);
    await recordUnlinked(w.core, person, fact);
  };
  const ask = (fact: Fact, by: FactCore = w.core) => recordRequest(by, lena, fact);
  const effects = async (entity: AboutEntity = account) => {
    const state = (await w.registry.states([entity.ref])).get(entity.ref);
    return state === undefined ? [] : requestsOf(state);
  };
  const left = (ids: readonly string[]) => ids.filter((id) => w.store.fields([id]) !== undefined);
  const late = () =>
    w.reports.lines
      .map(({ code }) => code)
      .filter((code) => code === 'dispose.before-the-fact' || code === 'ingest.late-fact');
  return { w, lena, tom, account, registered, request, link, takeBack, ask, effects, left, late };
}

describe('what a person asked for, where an account becomes another person’s later', () => {
  test.each(['registration', 'link'] as const)('no longer counts there: %s', async (how) => {
    const s = shared();
    await s.registered('profile', [s.lena, s.account]);
    await s.ask(s.request(ERASE_REQUESTED, { alsoLater: true }));
    expect(await s.effects()).toHaveLength(1);
    if (how === 'link') await s.link(s.tom);
    await s.registered('family', [s.tom, s.account]);
    await s.registered('device', [s.account]);
    await s.registered('own', [s.lena]);
    await s.w.run(s.w.clock.now() + 2 * HOUR);
    expect(s.left(['profile', 'family', 'device', 'own'])).toEqual(['family', 'device']);
  });

  test('also does not restrict there, and a release changes nothing', async () => {
    const s = shared();
    await s.registered('profile', [s.lena, s.account]);
    await s.ask(s.request(RESTRICT_REQUESTED));
    await s.registered('family', [s.tom, s.account]);
    expect(await s.effects()).toEqual([]);
    await s.ask(s.request(RESTRICTION_RELEASED, { id: 'request/r-1/released' }));
    expect(await s.effects()).toEqual([]);
    expect(await s.effects(s.lena)).toMatchObject([{ released: s.w.clock.now() }]);
  });

  test('does count there, if it was asked for about the account itself', async () => {
    const s = shared();
    await s.registered('profile', [s.lena, s.account]);
    await recordRequest(s.w.core, s.account, s.request(ERASE_REQUESTED, { id: 'request/r-2' }));
    await s.ask(s.request(ERASE_REQUESTED));
    await s.registered('family', [s.tom, s.account]);
    expect(await s.effects()).toMatchObject([{ request: 'request/r-2' }]);
  });

  test('does not come back with what comes again', async () => {
    const s = shared();
    await s.registered('profile', [s.lena, s.account]);
    const asked = s.request(ERASE_REQUESTED, { alsoLater: true });
    await s.ask(asked);
    await s.registered('family', [s.tom, s.account]);
    await s.ask(asked);
    await s.link(s.lena);
    await s.registered('profile', [s.lena, s.account]);
    expect(await s.effects()).toEqual([]);
  });

  test('does not stay where a run that met the other person’s died, and was repeated', async () => {
    for (let number = 1; ; number += 1) {
      const s = shared();
      await s.registered('profile', [s.lena, s.account]);
      const asked = s.request(ERASE_REQUESTED, { alsoLater: true });
      const { core } = killedAt(s.w.core, { ports: ['registry'], number, when: 'after' });
      let isMet = false;
      const registry = new Proxy(core.registry, {
        get(target, name) {
          const real: unknown = Reflect.get(target, name);
          if (typeof real !== 'function') return real;
          return async (...args: unknown[]): Promise<unknown> => {
            if (!isMet && name === 'putFact' && args[0] === s.account.ref) {
              isMet = true;
              await s.registered('family', [s.tom, s.account]);
            }
            return Reflect.apply(real, target, args) as unknown;
          };
        },
      });
      const died = await s.ask(asked, { ...core, registry }).then(
        () => false,
        (error: unknown) => error instanceof Killed,
      );
      await s.ask(asked);
      if (!isMet) await s.registered('family', [s.tom, s.account]);
      expect(await s.effects(), `call ${number}`).toEqual([]);
      if (!died) return;
    }
  });
});

describe('what was disposed of because a person had asked for it', () => {
  test('was disposed of lawfully, if the account became another person’s later', async () => {
    const s = shared();
    await s.registered('profile', [s.lena, s.account]);
    await s.registered('device', [s.account]);
    await s.ask(s.request(ERASE_REQUESTED));
    await s.w.run(s.w.clock.now() + 2 * HOUR);
    expect(s.left(['device'])).toEqual([]);
    await s.registered('family', [s.tom, s.account]);
    await s.w.run(s.w.clock.now() + 2 * HOUR);
    expect(s.late()).toEqual([]);
  });

  test.each([
    ['lawfully, if the request is taken back later', 0, []],
    ['before the fact, if the request had been taken back', 3 * HOUR - 1, ['dispose.before-the-fact']],
  ] as const)('was disposed of %s', async (_, before, expected) => {
    const s = shared();
    await s.registered('profile', [s.lena, s.account]);
    await s.registered('device', [s.account]);
    await s.ask(s.request(ERASE_REQUESTED));
    await s.w.run(s.w.clock.now() + 3 * HOUR);
    expect(s.left(['profile', 'device'])).toEqual([]);
    const sent = s.w.clock.now() - before;
    await s.ask(s.w.fact('', '', { id: 'undo', about: 'request/r-1', sent }));
    expect([...new Set(s.late())]).toEqual(expected);
  });

  test('was disposed of before the fact, if the account had been linked by mistake', async () => {
    const s = shared();
    await s.registered('device', [s.account]);
    await s.link(s.lena, 'link');
    await s.ask(s.request(ERASE_REQUESTED));
    await s.w.run(s.w.clock.now() + 2 * HOUR);
    await s.takeBack(s.lena, 'link');
    expect(s.late()).toContain('dispose.before-the-fact');
  });
});

test.each(['request', 'registration'] as const)(
  'a person who is named twice, in two roles, is one person: %s first',
  async (first) => {
    const s = shared();
    const twice = [{ ...s.lena, role: 'customer' }, { ...s.lena, role: 'payer' }, s.account];
    if (first === 'registration') await s.registered('profile', twice);
    await s.ask(s.request(ERASE_REQUESTED));
    if (first === 'request') await s.registered('profile', twice);
    expect(await s.effects()).toHaveLength(1);
    expect(await areLinked(s.w.core, s.lena, [s.account.ref])).toBe(true);
  },
);

describe('a link whose retraction is retracted', () => {
  test('counts again for what one asks for, and for whose account it is', async () => {
    const s = shared();
    await s.registered('device', [s.account]);
    await s.link(s.lena, 'link');
    await s.ask(s.request(ERASE_REQUESTED));
    await s.takeBack(s.lena, 'link');
    expect(await s.effects()).toEqual([]);
    for (const _ of ['once', 'twice']) await s.takeBack(s.lena, 'not link');
    expect(await s.effects()).toHaveLength(1);
    await s.takeBack(s.lena, 'not not link');
    expect(await s.effects()).toEqual([]);
    await s.takeBack(s.lena, 'not not not link');
    expect(await s.effects()).toHaveLength(1);
  });

  test.each([
    [['link', 'not link', 'not not link']],
    [['link', 'not not link', 'not link']],
    [['not link', 'link', 'not not link']],
    [['not link', 'not not link', 'link']],
    [['not not link', 'link', 'not link']],
    [['not not link', 'not link', 'link']],
  ] as const)('keeps the account from another person: %o', async (order) => {
    const s = shared();
    await s.registered('device', [s.account]);
    await s.link(s.tom, 'of tom');
    await s.ask(s.request(ERASE_REQUESTED));
    const toms = s.request(ERASE_REQUESTED, { id: 'request/r-2' });
    await recordRequest(s.w.core, s.tom, toms);
    expect(await s.effects()).toMatchObject([{ request: 'request/r-2' }]);
    for (const one of order)
      await (one === 'link' ? s.link(s.lena, 'link') : s.takeBack(s.lena, one.slice('not '.length)));
    expect(await s.effects()).toEqual([]);
    await recordRequest(s.w.core, s.tom, s.request(ERASE_REQUESTED, { id: 'request/r-3' }));
    expect(await s.effects()).toEqual([]);
  });
});
