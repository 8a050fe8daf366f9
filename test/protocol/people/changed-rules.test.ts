import { expect, test } from 'vitest';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { at, entriesOf, handedOver, leaseEnds } from '../../support/driver/dying-worker.ts';
import { world } from '../../support/driver/world.ts';
import { anEvent, aPolicy, aRule } from '../../support/rules/rule-world.ts';

const AT = '2026-05-01T12:00:00Z';
const short = aRule('30 days after contract.ended');
const long = aRule('10 years after contract.ended', { level: 'statutory' });
const located = anEvent({ entity: 'person', attributes: { place: 'text' } });
const events = { 'contract.ended': anEvent(), 'person.located': located };

const moving = aPolicy(
  { notes: [short, { ...long, jurisdiction: 'DE' }] },
  { events, jurisdictionFrom: { event: 'person.located', attribute: 'place' } },
);
/** By the rules until noon it is kept for years, by those from then on its date has passed long ago. */
async function mover() {
  const w = world({ policies: [moving] });
  const contract = w.entity('contract', 'c-1');
  const person = w.entity('person', 'ada');
  w.store.put(['n-1'], { name: 'Ada' });
  await w.register(await w.registration('n-1', [contract, person]));
  await w.happened(contract, w.fact('contract.ended', '2026-03-01'));
  for (const [occurred, place] of [
    ['2026-01-01', 'DE'],
    [AT, 'FR'],
  ] as const)
    await w.happened(person, {
      ...w.fact('person.located', occurred),
      attributes: { place },
    });
  return w;
}

test('nothing is disposed of by the rules of a place before somebody has moved there on any clock', async () => {
  const w = await mover();
  const chunk = await handedOver(w, '2026-05-01T12:05:00Z');
  w.clock.set(at('2026-05-01T12:00:59Z'));
  await workOnChunk(w.core, chunk);
  expect(w.store.fields(['n-1'])).toEqual({ name: 'Ada' });
  expect(entriesOf(w)).toEqual([]);
  await leaseEnds(w);
  await w.run(at('2026-05-01T16:00:00Z'));
  expect(w.store.fields(['n-1'])).toBeUndefined();
});
