import type { EventBridgeClient, PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { codeOf } from '../domain/error-code.ts';
import type { Bus } from '../ports/bus.ts';
import type { Report } from '../ports/report.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const ENTRIES_PER_REQUEST = 10;
/** EventBridge accepts more today, but targets and archives of older buses do not. */
const BYTES_PER_REQUEST = 256 * 1024;
const TOO_LARGE = 'ENTRY_TOO_LARGE';

export interface EventBridgeBusOptions {
  readonly busName: string;
  /** The envelope's source: Tenure's own, which the bus policy reserves for this function. */
  readonly source: string;
  readonly report: Report;
}

type Answer = 'durable' | 'failed';
interface Numbered {
  readonly index: number;
  readonly entry: PutEventsRequestEntry;
}
interface Refused extends Numbered {
  readonly code: string;
}

export function eventBridgeBus(client: EventBridgeClient, options: EventBridgeBusOptions): Bus {
  const { busName, source, report } = options;

  /** Marks the durable entries and returns the others, each with the code of its refusal. */
  async function put(batch: readonly Numbered[], answers: Answer[]): Promise<Refused[]> {
    const command = new PutEventsCommand({ Entries: batch.map(({ entry }) => entry) });
    const { Entries = [] } = await client.send(command);
    return batch.flatMap((numbered, position) => {
      const { EventId, ErrorCode = 'UNKNOWN' } = Entries[position] ?? {};
      if (EventId === undefined) return [{ ...numbered, code: ErrorCode }];
      answers[numbered.index] = 'durable';
      return [];
    });
  }

  /** EventBridge's own code, as it is: it alone says what to do. */
  function reportRefused(codes: readonly string[]): void {
    for (const [code, alike] of Map.groupBy(codes, (each) => each))
      report('bus.refused', { code, count: alike.length });
  }

  return {
    async publish(details) {
      const answers = details.map((): Answer => 'failed');
      const entries = details.map(({ type, detail }, index): Numbered => ({
        index,
        entry: { EventBusName: busName, Source: source, DetailType: type, Detail: detail },
      }));
      let failure: { readonly error: unknown } | undefined;
      const sent = batches(entries);
      const refused = Array<string>(entries.length - sent.flat().length).fill(TOO_LARGE);
      for (const batch of sent) {
        try {
          const left = await put(batch, answers);
          if (left.length > 0) refused.push(...(await put(left, answers)).map(({ code }) => code));
        } catch (error) {
          failure = { error };
          refused.push(
            ...batch.flatMap(({ index }) => (answers[index] === 'durable' ? [] : [codeOf(error)])),
          );
        }
      }
      reportRefused(refused);
      // Reports every entry that the bus has stored, even if a later request failed. If it has stored none, the error
      // says more.
      if (failure !== undefined && !answers.includes('durable')) throw failure.error;
      return answers;
    },
  };
}

/** In order. An entry that is too large for a request is left out, and stays `failed`. */
function batches(entries: readonly Numbered[]): Numbered[][] {
  const all: Numbered[][] = [];
  let bytes = 0;
  for (const numbered of entries) {
    const size = entrySize(numbered.entry);
    if (size > BYTES_PER_REQUEST) continue;
    const current = all.at(-1);
    if (current === undefined || current.length === ENTRIES_PER_REQUEST || bytes + size > BYTES_PER_REQUEST) {
      all.push([numbered]);
      bytes = size;
    } else {
      current.push(numbered);
      bytes += size;
    }
  }
  return all;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
function entrySize({ Source = '', DetailType = '', Detail = '' }: PutEventsRequestEntry): number {
  return Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);
}
