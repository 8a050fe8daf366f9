import { expect, test } from 'vitest';
import { replayId } from '../../../shared/domain/replay/replay.ts';
import { beginReplay } from '../../../shared/protocol/replay/begin-replay.ts';
import { readReplay } from '../../../shared/protocol/replay/read-replay.ts';
import type { Driver } from '../../support/driver/driver.ts';
import { everyRunKilled, type Scenario } from '../../support/driver/kill-scenario.ts';
import { notesIn } from '../../support/driver/violations.ts';

const ID = replayId('t-1', { does: true, since: Date.parse('2026-03-02T09:00:00Z'), store: 'notes' });

async function askedUntilDone(d: Driver): Promise<void> {
  for (let minutes = 0; minutes < 240; minutes += 5) {
    await d.pass(300_000);
    if ((await readReplay(d.core, ID))?.state === 'done') return;
  }
}

/** A restore has brought one of three deleted records back. Each segment of the registry is a run of the sweep. */
const SCENARIO: Scenario = {
  options: {
    rules: { notes: ['4 hours after contract.ended'] },
    start: '2026-03-02T08:30:00Z',
    store: { afterCare: [36] },
  },
  verb: 'sweep',
  async prepare(d) {
    d.happens('contract.ended', 'c-1', '2026-03-02T08:00:00Z');
    for (const id of ['n-1', 'n-2', 'n-3']) {
      d.registers(id, ['c-1']);
      d.store.put([id], { text: 'secret' });
    }
    await d.runUntil('2026-03-02T13:30:00Z');
    expect(d.store.size()).toBe(0);
    d.store.put(['n-1'], { text: 'secret' });
    await beginReplay(d.core, ID);
  },
  async finish(d) {
    await askedUntilDone(d);
    await d.pass(2 * 3_600_000);
  },
  wrong(d) {
    const back = notesIn(d).filter(({ did }) => did === 'came-back').length;
    const others = ['n-2', 'n-3'].map((id) => d.holding(id));
    return [
      ...(back === 1 ? [] : [`${back} entries say that the record came back`]),
      ...(d.store.size() === 0 ? [] : ['the record is there']),
      ...(d.holding('n-1')?.generation === 2 ? [] : ['it was not disposed of again']),
      ...(others.some((one) => one?.generation !== 1) ? ['what is gone has another generation'] : []),
      ...(others.some((one) => (one?.probe?.at ?? 0) < d.clock.now()) ? ['a check is lost'] : []),
      ...(d.reports.lines.some(({ code }) => code === 'census.re-hinted') ? ['nothing pointed at it'] : []),
    ];
  },
};

test('a sweep that is killed at any call of a replay leaves no record out, and none is disposed of twice', async () => {
  const { points, wrong } = await everyRunKilled(SCENARIO, 4);
  expect(wrong).toEqual([]);
  expect(points).toBeGreaterThan(30);
}, 300_000);
