import { expect, test } from 'vitest';
import { ERASE_REQUESTED, requestsOf, scopeText } from '../../../shared/domain/people/effects.ts';
import type { Fact } from '../../../shared/domain/facts/facts.ts';
import { bodyHash } from '../../../shared/domain/configuration/references.ts';
import { type FactCore } from '../../../shared/protocol/record-fact.ts';
import { recordLink, recordRequest, recordUnlinked } from '../../../shared/protocol/people/record-link.ts';
import { anEvent } from '../../support/rules/rule-world.ts';
import { world } from '../../support/driver/world.ts';

const entityTypes = { account: { ids: 'owned', normalise: [], identifies: 'person' } } as const;
const policy = {
  events: { 'contract.ended': anEvent(), 'account.closed': anEvent({ entity: 'account' }) },
};

type World = ReturnType<typeof world>;
class Killed extends Error {}

/** The registry dies at its call of this number, and at each one after it. */
function dyingAt(core: FactCore, call: number): FactCore {
  let calls = 0;
  const registry = new Proxy(core.registry, {
    get(target, name: keyof FactCore['registry']) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (calls >= call) throw new Killed();
        calls += 1;
        return Reflect.apply(value, target, args);
      };
    },
  });
  return { ...core, registry };
}

function scene() {
  const w = world({ entityTypes, policy, rules: { notes: ['10 years after account.closed'] } });
  const lena = w.entity('person', 'lena');
  const account = w.entity('account', 'chat/lena');
  const attributes = { request: 'r-1', scope: scopeText({ all: true }) };
  const asked = w.fact(ERASE_REQUESTED, new Date(w.clock.now()).toISOString(), { id: 'request/r-1' });
  const erasing: Fact = { ...asked, attributes, bodyHash: bodyHash([attributes]) };
  const cancelling = w.fact('', '', { id: 'undo', about: 'request/r-1' });
  const now = w.clock.now();
  const event = w.fact('', '', { id: 'link' }).ref;
  const link = { person: lena, linked: account, event, sent: now, received: now, spelling: undefined };
  const unlinking = w.fact('', '', { id: 'unlink', about: 'link' });
  const effects = async (): Promise<number> => {
    const state = (await w.registry.states([account.ref])).get(account.ref);
    return state === undefined ? 0 : requestsOf(state).length;
  };
  return {
    w,
    effects,
    steps: {
      link: (core: FactCore) => recordLink(core, link),
      ask: (core: FactCore) => recordRequest(core, lena, erasing),
      cancel: (core: FactCore) => recordRequest(core, lena, cancelling),
      unlink: async (core: FactCore) => {
        await w.happened(lena, unlinking);
        await recordUnlinked(core, lena, unlinking);
      },
    },
  };
}

type Step = keyof ReturnType<typeof scene>['steps'];

/** Kills the step once at each of its calls, and repeats it as the queue does. Answers how often it was killed. */
async function killedEverywhere(before: readonly Step[], step: Step, expected: number): Promise<number> {
  for (let call = 0; ; call += 1) {
    const { w, effects, steps } = scene();
    await registered(w);
    for (const one of before) await steps[one](w.core);
    const died = await steps[step](dyingAt(w.core, call)).then(
      () => false,
      (error: unknown) => error instanceof Killed,
    );
    await steps[step](w.core);
    expect(await effects()).toBe(expected);
    if (!died) return call;
  }
}

async function registered(w: World): Promise<void> {
  await w.register(await w.registration('device', [w.entity('account', 'chat/lena')]));
  w.clock.advance(60_000);
}

test.each([
  ['a request', ['link'], 'ask', 1],
  ['a link after the request', ['ask'], 'link', 1],
  ['a cancellation', ['link', 'ask'], 'cancel', 0],
  ['a request after its cancellation', ['link', 'cancel'], 'ask', 0],
  ['a link after a request and its cancellation', ['ask', 'cancel'], 'link', 0],
  ['a retraction of the link', ['link', 'ask'], 'unlink', 0],
] as const)(
  '%s that is killed anywhere and repeated ends in the same state',
  async (_, before, step, expected) => {
    expect(await killedEverywhere(before, step, expected)).toBeGreaterThan(3);
  },
);
