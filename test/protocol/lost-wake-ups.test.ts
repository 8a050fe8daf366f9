import { expect, test } from 'vitest';
import { sweepHourly } from '../../shared/protocol/sweep.ts';
import { world } from '../support/world.ts';

const at = (text: string): number => Date.parse(text);

test('the sweep after a deployment asks anew for the wake-ups of its hour, which may have gone with their stack', async () => {
  const it = world({ start: '2026-03-01T10:02:00Z' });
  const { core, registry, timers } = it;
  const wanted = [at('2026-03-01T10:07:00Z'), at('2026-03-01T10:31:00Z')];
  for (const minute of wanted) {
    for (const id of ['a', 'b']) await registry.putHint({ minute, holding: it.ref(id), deadline: minute });
  }
  expect(timers.waiting()).toEqual([]);
  await sweepHourly(core);
  expect(timers.waiting()).toEqual(wanted);
});
