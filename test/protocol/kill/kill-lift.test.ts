import { expect, test } from 'vitest';
import {
  RESTRICT_REQUESTED,
  RESTRICTION_RELEASED,
  scopeText,
} from '../../../shared/domain/people/effects.ts';
import { workOnChunk } from '../../../shared/protocol/lane/work-on-chunk.ts';
import { sweepWake } from '../../../shared/protocol/sweep-lanes.ts';
import { beat, entriesOf } from '../../support/driver/dying-worker.ts';
import { killedAt, unlessKilled } from '../../support/driver/killed-at.ts';
import { world, type World } from '../../support/driver/world.ts';

const HOUR = 3_600_000;
const IDS = ['n-1', 'n-2'];

/** Two restricted records of a person whose restriction was released just now, and the sweep has handed them over. */
async function released(): Promise<World> {
  const w = world({
    start: '2026-03-01T10:00:30Z',
    rules: { notes: ['3 years after contract.ended'] },
    restricts: true,
  });
  const [contract, person] = [w.entity('contract', 'c-1'), w.entity('person', 'p-1')];
  for (const id of IDS) {
    w.store.put([id], { text: id });
    await w.register(await w.registration(id, [contract, person]));
  }
  const say = (type: string, more: Readonly<Record<string, string>>) =>
    w.happened(person, {
      ...w.fact(type, new Date(w.clock.now()).toISOString()),
      attributes: { request: 'r-1', ...more },
    });
  await say(RESTRICT_REQUESTED, { scope: scopeText({ all: true }) });
  await w.run(w.clock.now() + HOUR);
  await say(RESTRICTION_RELEASED, {});
  while (w.fanOuts.length > 0) await w.deliver();
  w.clock.advance(6 * 60_000);
  await beat(w);
  await sweepWake(w.core);
  w.bells.splice(0);
  return w;
}

test('a worker that is killed at any call while it lifts a restriction leaves it lifted and told once', async () => {
  const wrong: string[] = [];
  let points = 0;
  for (let number = 1, isOver = false; !isOver; number += 1) {
    for (const when of ['before', 'after'] as const) {
      const w = await released();
      const [chunk] = w.registry.allChunks();
      if (chunk === undefined) throw new Error('nothing was handed over');
      const killed = killedAt(w.core, { ports: ['registry', 'store', 'queues'], number, when });
      await workOnChunk(killed.core, chunk).catch(unlessKilled);
      isOver = killed.calls() < number;
      await w.run(w.clock.now() + 6 * HOUR);
      const told = entriesOf(w).filter(({ stage }) => stage === 'lift');
      const left = IDS.filter((id) => w.store.isRestricted([id]));
      points += 1;
      if (left.length > 0) wrong.push(`${when} call ${number}: ${left.join()} stayed restricted`);
      if (told.length !== IDS.length) wrong.push(`${when} call ${number}: told ${told.length} times`);
      if (told.some(({ outcome }) => outcome !== 'lifted' && outcome !== 'already-so'))
        wrong.push(`${when} call ${number}: ${told.map(({ outcome }) => outcome).join()}`);
      if (w.store.size() !== IDS.length) wrong.push(`${when} call ${number}: a record is gone`);
    }
  }
  expect(wrong).toEqual([]);
  expect(points).toBeGreaterThan(20);
});
