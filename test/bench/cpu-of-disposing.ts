import { measuredApart } from './own-process.ts';
import type { Row } from './row.ts';

/** In a process of its own, and the engine in another one: else their work is counted, too. */
export async function cpuOfDisposing(): Promise<Row> {
  const measured = await measuredApart<number>(new URL('disposing-process.ts', import.meta.url));
  return { what: 'a disposal, engine elsewhere: ms of own CPU', measured, limit: 0.35 };
}
