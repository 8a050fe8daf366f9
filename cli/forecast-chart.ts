/** One line of the chart: what goes, and what a legal hold keeps although it would go. */
export interface ChartRow {
  readonly label: string;
  readonly goes: number;
  readonly kept: number;
}

const SHORTEST_BAR = 10;

/** A bar a row, of ordinary characters, in lines of at most `width`. The longest bar fills the line. */
export function chartOf(rows: readonly ChartRow[], width: number): readonly string[] {
  const counts = rows.map(({ goes, kept }) => goes + kept);
  const most = Math.max(1, ...counts);
  const labels = Math.max(0, ...rows.map(({ label }) => label.length));
  const digits = Math.max(...counts.map((count) => String(count).length), 1);
  const room = Math.max(SHORTEST_BAR, width - labels - digits - 4);
  return rows.map(({ label, goes, kept }) => {
    const whole = lengthOf(goes + kept, most, room);
    const ofKept = Math.min(lengthOf(kept, most, room), goes > 0 ? whole - 1 : whole);
    const bar = '#'.repeat(whole - Math.max(0, ofKept)) + '.'.repeat(Math.max(0, ofKept));
    return `${label.padEnd(labels)}  ${String(goes + kept).padStart(digits)}  ${bar}`.trimEnd();
  });
}

/** At least one character for what is not nothing. */
function lengthOf(count: number, most: number, room: number): number {
  return count === 0 ? 0 : Math.max(1, Math.round((count / most) * room));
}
