import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Cut } from '../../shared/ports/upkeep.ts';

/**
 * Bytes of a message that is processed, and that quarantine can keep whole. Sealed and in base64, it fits into an item
 * of the table (400 KB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html). The bus and
 * the queue carry up to 1 MB:
 * https://aws.amazon.com/blogs/compute/more-room-to-build-serverless-services-now-support-payloads-up-to-1-mb
 */
export const LARGEST_MESSAGE = 294_912;

/** How much of the beginning of a larger message is kept. */
const KEPT = 65_536;

/** A replay adds line ends, so they do not count. */
export function isTooLarge(body: string): boolean {
  return Buffer.byteLength(body.trimEnd()) > LARGEST_MESSAGE;
}

const Envelope = z.object({
  // The bus chooses it and `PutEvents` returns it, so its sender knows it. It is shown, so it must be nothing else.
  id: z.guid().optional().catch(undefined),
  source: z.string().max(256).optional().catch(undefined),
  detail: z
    .object({
      id: z.string().max(256).optional().catch(undefined),
      source: z.string().max(256).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});

/** What is kept of a message that is too large: what an operator sees of it, and the text to be encrypted. */
export function cutMessage(body: string): { readonly cut: Cut; readonly text: string } {
  const bytes = Buffer.byteLength(body);
  const { id, source, detail } = envelopeOf(body);
  const sha256 = createHash('sha256').update(body).digest('hex');
  const beginning = Buffer.from(body).subarray(0, KEPT).toString('utf8');
  const text = JSON.stringify({ cut: true, bytes, sha256, id, source, event: detail, beginning });
  return { cut: { bytes, ...(id !== undefined && { busId: id }) }, text };
}

function envelopeOf(body: string): z.output<typeof Envelope> {
  try {
    return Envelope.catch({}).parse(JSON.parse(body));
  } catch {
    return {};
  }
}
