import * as z from 'zod';
import type { ColumnMessage } from '../domain/columns/column-entry.ts';
import { present } from '../domain/present.ts';
import type { BusEnvelope } from './bus.ts';
import { SWEEP_SOURCE } from './heartbeat.ts';
import { type Parsed, parseOr } from './parse.ts';

const FACT = 'tenure.column-fact';
const READ = 'tenure.column-read';

const Fact = z.looseObject({
  column: z.string().min(1).max(1024),
  key: z.string().regex(/^\d{15}[di][\w-]{22}$/),
  token: z.string().min(1).max(256),
  says: z.enum(['happened', 'taken-back']),
});
const Read = z.looseObject({
  column: z.string().min(1).max(1024),
  at: z.int(),
  table: z.exactOptional(z.string()),
});

/** How it came. */
export type Carried = Pick<BusEnvelope, 'time' | 'replay-name'>;

export type ToldOfColumn = ColumnMessage & { readonly carried: Carried };

/** What the sweep puts on the bus of what a lane has found in a column. */
export function columnDetail(message: ColumnMessage): { readonly type: string; readonly detail: string } {
  const { kind, ...said } = message;
  const type = kind === 'column-fact' ? FACT : READ;
  return { type, detail: JSON.stringify({ source: SWEEP_SOURCE, ...said }) };
}

/** Nothing for every other envelope. The bus policy reserves the sweep's source. */
export function columnMessageOf(envelope: BusEnvelope): Parsed<ToldOfColumn> | undefined {
  if (envelope.source !== SWEEP_SOURCE) return undefined;
  const { time, 'replay-name': replay } = envelope;
  const carried: Carried = { time, ...present({ 'replay-name': replay }) };
  switch (envelope['detail-type']) {
    case FACT: {
      const parsed = parseOr(Fact, envelope.detail, 'detail');
      if (!parsed.ok) return parsed;
      const { column, key, token, says } = parsed.value;
      return {
        ok: true,
        value: { kind: 'column-fact', column, key, token, says, carried },
      };
    }
    case READ: {
      const parsed = parseOr(Read, envelope.detail, 'detail');
      if (!parsed.ok) return parsed;
      const { column, at, table } = parsed.value;
      return { ok: true, value: { kind: 'column-read', column, at, carried, ...present({ table }) } };
    }
  }
  return undefined;
}
