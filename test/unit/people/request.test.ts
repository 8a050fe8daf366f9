import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  factsWanted,
  isOpen,
  needsNoName,
  type PersonRequest,
  REQUEST_KINDS,
  stepped,
} from '../../../shared/domain/people/request.ts';
import { aRequest } from '../../support/people-requests.ts';

const STEPS = ['started', 'identified', 'extended', 'refused', 'cancelled', 'released', 'closed'] as const;
type Step = (typeof STEPS)[number];

const unidentified: Partial<PersonRequest> = {
  state: 'awaiting-identity',
  timeline: [
    { did: 'filed', at: 0 },
    { did: 'identity-asked', at: 0 },
  ],
};

/** The request after these steps; a step that is not allowed fails the test. */
function after(request: PersonRequest, ...steps: readonly Step[]): PersonRequest {
  return steps.reduce((now, step, index) => {
    const result = stepped(now, step, index + 1);
    if (result.kind !== 'changed') throw new Error(`${step} is ${result.kind} in ${now.state}`);
    return result.request;
  }, request);
}

describe('a request of a person', () => {
  test.each<[string, Partial<PersonRequest>, readonly Step[], PersonRequest['state']]>([
    ['is running once its effect is on its way', {}, ['started'], 'running'],
    ['waits for the identity, and is then received', unidentified, ['identified'], 'received'],
    [
      'stays extended when the identity comes after the extension',
      unidentified,
      ['extended', 'identified'],
      'extended',
    ],
    ['is extended while it is running', {}, ['started', 'extended'], 'extended'],
    ['is refused while it is running', {}, ['started', 'refused'], 'refused'],
    ['is cancelled before it has an effect', {}, ['cancelled'], 'cancelled'],
    ['is closed after an extension', {}, ['started', 'extended', 'closed'], 'closed'],
    ['ends with the release of its restriction', { kind: 'restrict' }, ['started', 'released'], 'closed'],
    [
      'can be released after it was closed',
      { kind: 'restrict' },
      ['started', 'closed', 'released'],
      'closed',
    ],
  ])('%s', (_, change, steps, state) => {
    expect(after(aRequest(change), ...steps).state).toBe(state);
  });

  test.each<[string, Partial<PersonRequest>, readonly Step[], Step]>([
    ['an erasure has nothing to release', {}, ['started'], 'released'],
    ['nothing starts before the identity is known', unidentified, [], 'started'],
    ['nothing is closed before the identity is known', unidentified, [], 'closed'],
    ['what is closed is not extended', {}, ['started', 'closed'], 'extended'],
    ['what is closed is not cancelled', {}, ['started', 'closed'], 'cancelled'],
    ['what was refused is not closed', {}, ['refused'], 'closed'],
    ['a person who was identified from the start is not identified again', {}, ['started'], 'identified'],
  ])('%s', (_, change, steps, step) => {
    expect(stepped(after(aRequest(change), ...steps), step, 9)).toEqual({ kind: 'not-allowed' });
  });

  test('whatever happens, final states are final, every step can come again, and the history only grows', () => {
    const start = fc.record({
      kind: fc.constantFrom(...REQUEST_KINDS),
      isKnown: fc.boolean(),
      steps: fc.array(fc.constantFrom(...STEPS), { maxLength: 12 }),
    });
    fc.assert(
      fc.property(start, ({ kind, isKnown, steps }) => {
        let request = aRequest({ kind, ...(isKnown ? {} : unidentified) });
        for (const [index, step] of steps.entries()) {
          const result = stepped(request, step, index);
          if (result.kind !== 'changed') continue;
          if (!isOpen(request)) expect([step, result.request.state]).toEqual(['released', 'closed']);
          expect(result.request.version).toBe(request.version + 1);
          expect(result.request.timeline.slice(0, -1)).toEqual(request.timeline);
          expect(stepped(result.request, step, index)).toEqual({ kind: 'unchanged' });
          ({ request } = result);
        }
        if (needsNoName(request)) expect(isOpen(request)).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test('has its fact as long as it counts, and the retraction of it afterwards', () => {
    expect(factsWanted(aRequest())).toEqual(['effect']);
    expect(factsWanted(aRequest(unidentified))).toEqual([]);
    expect(factsWanted(after(aRequest(), 'started', 'closed'))).toEqual(['effect']);
    expect(factsWanted(after(aRequest(), 'cancelled'))).toEqual(['retraction']);
    expect(factsWanted(after(aRequest(unidentified), 'refused'))).toEqual([]);
    expect(factsWanted(after(aRequest({ kind: 'restrict' }), 'closed', 'released'))).toEqual([
      'effect',
      'release',
    ]);
    expect(factsWanted(aRequest({ kind: 'access' }))).toEqual([]);
  });

  test('keeps the name of the person as long as something may be published', () => {
    expect(needsNoName(after(aRequest(), 'started'))).toBe(false);
    expect(needsNoName(after(aRequest(), 'started', 'closed'))).toBe(true);
    expect(needsNoName(after(aRequest({ kind: 'restrict' }), 'closed'))).toBe(false);
    expect(needsNoName(after(aRequest({ kind: 'restrict' }), 'closed', 'released'))).toBe(true);
  });
});
