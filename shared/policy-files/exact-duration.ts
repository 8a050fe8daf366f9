const SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 } as const;
const WORDS = /^(\d{1,6}) (second|minute|hour|day|week)s?$/;
const ISO = /^P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/;

/**
 * Seconds of a duration that is the same on every day of the year: `24 hours`, `3 days` (of 24 hours) or ISO 8601
 * `PT24H`, `P3D`. Months and years vary in length, so they give `undefined`, as any other text does.
 */
export function exactSeconds(text: string): number | undefined {
  const words = WORDS.exec(text);
  if (words) return Number(words[1]) * SECONDS[words[2] as keyof typeof SECONDS];
  const iso = ISO.exec(text);
  if (!iso || text.endsWith('T') || text === 'P') return undefined;
  const [weeks, days, hours, minutes, seconds] = iso.slice(1).map((part) => Number(part ?? 0));
  return (
    (weeks ?? 0) * SECONDS.week +
    (days ?? 0) * SECONDS.day +
    (hours ?? 0) * SECONDS.hour +
    (minutes ?? 0) * SECONDS.minute +
    (seconds ?? 0)
  );
}
