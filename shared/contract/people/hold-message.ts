import * as z from 'zod';
import { API_SOURCE, type BusEnvelope } from '../bus.ts';
import { Name, text } from '../fields.ts';
import { type Parsed, parseOr } from '../parse.ts';
import { present } from '../../domain/present.ts';
import { HoldId, SentHoldScope } from './legal-holds.ts';

const PLACED = 'tenure.hold.placed';
const RELEASED = 'tenure.hold.released';

const Release = z.object({ at: z.int(), by: text(2048), reason: text(2000) });

/** A legal hold as the api has placed it. Nothing but `id` is there in the release of a hold whose texts are lost. */
const Placing = z.object({
  scope: SentHoldScope,
  at: z.int(),
  by: text(2048),
  matter: text(200),
  reason: text(2000),
  reviewBy: z.exactOptional(z.int()),
  freeze: z.exactOptional(z.literal(true)),
  /** Of a hold on a policy. */
  categories: z.exactOptional(z.array(Name).readonly()),
});

const Placed = z.looseObject({ tenureoperator: z.literal(true), id: HoldId, hold: Placing });
const Released = z.looseObject({
  tenureoperator: z.literal(true),
  id: HoldId,
  hold: z.exactOptional(Placing),
  released: Release,
});

export type SentHold = z.output<typeof Placing>;
export type SentRelease = z.output<typeof Release>;

/** What the api puts on the bus, so that a registry that was restored gets it again from the archive. */
export interface HoldMessage {
  readonly kind: 'hold';
  readonly id: string;
  readonly hold?: SentHold;
  readonly released?: SentRelease;
  /** It came again, from the archive. */
  readonly isReplayed?: true;
}

export function holdDetail({ id, hold, released }: Omit<HoldMessage, 'kind' | 'isReplayed'>): {
  readonly type: string;
  readonly detail: string;
} {
  const detail = { source: API_SOURCE, tenureoperator: true, id, ...present({ hold, released }) };
  return { type: released === undefined ? PLACED : RELEASED, detail: JSON.stringify(detail) };
}

/** Nothing for every other envelope. The bus lets no producer send under the api's source. */
export function holdOf(envelope: BusEnvelope): Parsed<HoldMessage> | undefined {
  const type = envelope['detail-type'];
  if (envelope.source !== API_SOURCE || (type !== PLACED && type !== RELEASED)) return undefined;
  const parsed = parseOr(type === PLACED ? Placed : Released, envelope.detail, 'detail');
  if (!parsed.ok) return parsed;
  const { id, hold } = parsed.value;
  const released = 'released' in parsed.value ? (parsed.value.released as SentRelease) : undefined;
  const isReplayed = envelope['replay-name'] === undefined ? undefined : (true as const);
  return { ok: true, value: { kind: 'hold', id, ...present({ hold, released, isReplayed }) } };
}
