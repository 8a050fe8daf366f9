import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { tellTime } from '../../../local/tell-time.ts';
import type { Instant } from '../../../shared/domain/record/ids.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function stream(isTTY?: boolean) {
  const written: string[] = [];
  const to = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      written.push(text);
      done();
    },
  });
  return { written, to: isTTY === undefined ? to : Object.assign(to, { isTTY }) };
}

const now = (): Instant => Date.parse('2025-03-04T10:00:00Z');

describe('while stories are played', () => {
  test('a terminal is told how far the clock is, until it ends', () => {
    const { written, to } = stream(true);
    const telling = tellTime(to, now);
    vi.advanceTimersByTime(14_999);
    expect(written).toEqual([]);
    vi.advanceTimersByTime(15_001);
    telling.stop();
    vi.advanceTimersByTime(60_000);
    expect(written).toEqual([
      'The virtual clock is at 2025-03-04.\n',
      'The virtual clock is at 2025-03-04.\n',
    ]);
  });

  test.each([undefined, false])('a file or a pipe is not (%s)', (isTTY) => {
    const { written, to } = stream(isTTY);
    tellTime(to, now).stop();
    vi.advanceTimersByTime(60_000);
    expect(written).toEqual([]);
  });
});
