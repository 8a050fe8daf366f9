import { expect, test } from 'vitest';
import { sweepHourly, sweepMinute } from '../../shared/protocol/sweep.ts';
import { world } from '../support/driver/world.ts';

const at = (text: string): number => Date.parse(text);

test('the sweep after a deployment asks again for the wake-ups of its hour, which may have been deleted with their stack', async () => {
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

test('a wake-up that comes early on a slow clock does not ask for itself again', async () => {
  const it = world({ start: '2026-03-01T10:06:30Z' });
  const { core, registry, timers } = it;
  const minute = at('2026-03-01T10:07:00Z');
  await registry.putHint({ minute, holding: it.ref('a'), deadline: minute });
  await sweepMinute(core, minute);
  expect(timers.waiting()).toEqual([]);
});
