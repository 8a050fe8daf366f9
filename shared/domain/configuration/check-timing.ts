import type { Timing } from './configuration.ts';

export interface TimingMistake {
  readonly setting: keyof Timing;
  readonly message: string;
}

/**
 * The inequalities that the protocols depend on. Each message shows the calculation, so that the reader sees which
 * number to change.
 */
export function checkTiming(timing: Timing): TimingMistake[] {
  const { clockTolerance, functionTimeout, storeTimeout, lease, earlyHint, firstBackoff } = timing;
  const mistakes: TimingMistake[] = [];
  const expect = (holds: boolean, setting: keyof Timing, message: string): void => {
    if (!holds) mistakes.push({ setting, message });
  };
  const busy = functionTimeout + storeTimeout + 2 * clockTolerance;
  expect(
    lease > busy,
    'lease',
    `lease (${lease}) must be longer than functionTimeout + storeTimeout + 2 × clockTolerance (${functionTimeout} + ${storeTimeout} + 2 × ${clockTolerance} = ${busy}), otherwise a worker could still act after another has taken over; write at least ${busy + 1}`,
  );
  const call = storeTimeout + clockTolerance;
  expect(
    3 * call <= lease,
    'storeTimeout',
    `storeTimeout + clockTolerance (${storeTimeout} + ${clockTolerance} = ${call}) must fit into the last third of the lease (${lease} / 3 = ${Math.floor(lease / 3)}), in which no store call may begin; write at most ${Math.max(0, Math.floor(lease / 3) - clockTolerance)}, or a longer lease`,
  );
  expect(storeTimeout > 0, 'storeTimeout', 'storeTimeout (0) leaves a store no time to answer; write 60');
  const nearest = clockTolerance + 60;
  expect(
    timing.minimumHintDistance > nearest,
    'minimumHintDistance',
    `minimumHintDistance (${timing.minimumHintDistance}) must be longer than clockTolerance + 60 (${clockTolerance} + 60 = ${nearest}), otherwise a hint could be in the past when it is written; write at least ${nearest + 1}`,
  );
  const running = functionTimeout + clockTolerance;
  expect(
    earlyHint > running,
    'earlyHint',
    `earlyHint (${earlyHint}) must be longer than functionTimeout + clockTolerance (${functionTimeout} + ${clockTolerance} = ${running}), otherwise it could fire while a registration is still being written; write at least ${running + 1}`,
  );
  expect(
    firstBackoff >= timing.minimumHintDistance,
    'firstBackoff',
    `firstBackoff (${firstBackoff}) cannot be shorter than minimumHintDistance (${timing.minimumHintDistance}); write at least ${timing.minimumHintDistance}`,
  );
  expect(
    timing.longestBackoff >= firstBackoff,
    'longestBackoff',
    `longestBackoff (${timing.longestBackoff}) cannot be shorter than firstBackoff (${firstBackoff}); write at least ${firstBackoff}`,
  );
  expect(functionTimeout > 0, 'functionTimeout', 'functionTimeout (0) leaves a function no time; write 300');
  return mistakes;
}
