import { isRead } from '../../domain/export/export-part.ts';
import { isOpen } from '../../domain/people/request.ts';
import type { ExportBell } from '../../ports/queues.ts';
import type { LaneCore } from '../core.ts';

/**
 * Reads one part of an export: its records become pieces in the exports bucket. May run twice, late, or for a request that
 * is over: every run writes pieces of its own, and the part names those that count.
 */
export async function readPart(core: LaneCore, { request: ref, part: number }: ExportBell): Promise<void> {
  const request = (await core.registry.requests([ref])).get(ref);
  if (request?.export === undefined || !isOpen(request)) return;
  const part = await core.registry.exportPart({ store: core.lane, request: ref, number });
  if (part === undefined || part.exportId !== request.export.id || isRead(part)) return;
  throw new Error('EXPORT_NOT_READ: this release cannot read records for an export');
}
