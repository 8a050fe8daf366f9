import { codeOf } from '../../domain/error-code.ts';
import { own } from '../../domain/own.ts';
import type { ExportCore, Exporting } from './export-core.ts';

/**
 * Asks the lanes to read these parts. A lane that cannot be rung stops no other: it is asked again when the export has not
 * gone on for a while.
 */
export async function ringParts(
  core: ExportCore,
  { request }: Exporting,
  numbers: ReadonlyMap<string, readonly number[]>,
): Promise<void> {
  for (const [lane, parts] of numbers) {
    if (parts.length === 0 || own(core.configuration.stores, lane) === undefined) continue;
    try {
      await core.queues.ring(
        parts.map((part) => ({
          bell: { kind: 'export', lane, request: request.ref, part },
          delaySeconds: 0,
        })),
      );
    } catch (error) {
      core.report('sweep.failed', { store: lane, code: codeOf(error), count: parts.length });
    }
  }
}
