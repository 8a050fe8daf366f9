import { expect, test } from 'vitest';
import { killedThroughout, type Scenario } from '../../support/driver/kill-scenario.ts';
import { notesIn } from '../../support/driver/violations.ts';

/** A check that is due in the next minutes, of a record that is there again, and of one that is not. */
const SCENARIO: Scenario = {
  options: {
    rules: { notes: ['1 day after contract.ended'] },
    start: '2026-03-02T08:30:00Z',
    store: { afterCare: [1, 7] },
  },
  verb: 'dispose',
  async prepare(d) {
    d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
    for (const id of ['n-1', 'n-2']) {
      d.registers(id, ['c-1']);
      d.store.put([id], { text: 'secret' });
    }
    await d.runUntil('2026-03-04T08:55:00Z');
    d.store.put(['n-1'], { text: 'secret' });
  },
  async finish(d) {
    await d.runUntil('2026-03-20T12:00:00Z');
  },
  wrong(d) {
    const back = notesIn(d).filter(({ did }) => did === 'came-back').length;
    const [one, other] = [d.holding('n-1'), d.holding('n-2')];
    return [
      ...(back === 1 ? [] : [`${back} entries say that the record came back`]),
      ...(d.store.size() === 0 ? [] : ['the record is there']),
      ...(one?.state === 'disposed' && one.generation === 2 ? [] : ['it was not disposed of again']),
      ...(other?.generation === 1 ? [] : ['what is gone has another generation']),
      ...([one, other].some((holding) => holding?.probe !== undefined) ? ['a probe is left'] : []),
      ...(d.reports.lines.some(({ code }) => code === 'census.re-hinted') ? ['nothing pointed at it'] : []),
    ];
  },
};

test('a worker that is killed at any call while it looks again loses no check, and tells once what came back', async () => {
  const { points, wrong } = await killedThroughout(SCENARIO);
  expect(wrong).toEqual([]);
  expect(points).toBeGreaterThan(20);
});

/** The same of a collection: all rows of a contract. */
const OF_A_COLLECTION: Scenario = {
  options: {
    rules: { notes: ['1 day after contract.ended'] },
    start: '2026-03-02T08:30:00Z',
    store: { afterCare: [1, 7] },
    collections: [{ category: 'notes', entity: 'contract', by: 'contract', producer: 'portal' }],
  },
  verb: 'dispose',
  async prepare(d) {
    for (const contract of ['c-1', 'c-2']) {
      d.store.put([`n-${contract}`], { contract });
      d.happens('contract.ended', contract, '2026-03-02T08:00:00Z');
    }
    await d.runUntil('2026-03-04T08:55:00Z');
    expect(d.store.size()).toBe(0);
    d.store.put(['n-c-1'], { contract: 'c-1' });
  },
  async finish(d) {
    await d.runUntil('2026-03-20T12:00:00Z');
  },
  wrong(d) {
    const back = notesIn(d).filter(({ did }) => did === 'came-back').length;
    return [
      ...(back === 1 ? [] : [`${back} entries say that the records came back`]),
      ...(d.store.size() === 0 ? [] : ['a record is there']),
      ...(d.reports.lines.some(({ code }) => code === 'census.re-hinted') ? ['nothing pointed at it'] : []),
    ];
  },
};

test('a worker that is killed while it looks for the records of a collection again tells once what came back', async () => {
  const { points, wrong } = await killedThroughout(OF_A_COLLECTION);
  expect(wrong).toEqual([]);
  expect(points).toBeGreaterThan(20);
});
