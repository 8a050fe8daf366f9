import { columnDetail } from '../shared/contract/column-message.ts';
import type { ColumnMessage } from '../shared/domain/columns/column-entry.ts';
import { randomUUID } from 'node:crypto';
import { API_SOURCE, stampedDetail } from '../shared/contract/bus.ts';
import { heartbeatDetail, SWEEP_SOURCE } from '../shared/contract/heartbeat.ts';
import { noticeDetail } from '../shared/contract/notice.ts';
import { retryDetail, retryRefusedDetail } from '../shared/contract/retry.ts';
import { isoUtc } from '../shared/domain/calendar/utc-time.ts';
import type { Notice } from '../shared/domain/record/notice.ts';
import type { Bus } from '../shared/ports/bus.ts';
import type { SpokenFact } from '../shared/ports/queues.ts';
import type { Clock } from '../shared/ports/clock.ts';

export interface LocalBus extends Bus {
  /** What an application does that is allowed to put events under this source, and under no other. */
  putEvent(source: string, type: string, detail: unknown): Promise<void>;
  /** What the sweep does, the only one that may put events under its source. */
  sendHeartbeat(): Promise<void>;
  retry(ids: readonly string[]): Promise<void>;
  retryRefused(ids: readonly string[], policies: string): Promise<void>;
  sendFacts(facts: readonly SpokenFact[]): Promise<void>;
  tellIngest(messages: readonly ColumnMessage[]): Promise<void>;
  notify(notices: readonly Notice[]): Promise<readonly 'durable'[]>;
  /** What applications were told, which no rule brings to Tenure: events as JSON. */
  readonly told: string[];
}

/**
 * The event bus with its one rule: every event, in the envelope that EventBridge puts around it, goes to the ingest
 * queue. An event is durable when the queue has it.
 */
export function localBus(clock: Clock, toIngestQueue: (body: string) => Promise<void>): LocalBus {
  async function put(source: string, type: string, detail: unknown): Promise<void> {
    const envelope = {
      version: '0',
      id: randomUUID(),
      'detail-type': type,
      source,
      account: '000000000000',
      // EventBridge tells the time in whole seconds.
      time: `${isoUtc(clock.now()).slice(0, 19)}Z`,
      region: 'local',
      resources: [],
      detail,
    };
    await toIngestQueue(JSON.stringify(envelope));
  }

  const told: string[] = [];
  return {
    told,
    async notify(notices) {
      told.push(...notices.map((notice) => noticeDetail(notice).detail));
      return notices.map(() => 'durable');
    },
    putEvent: put,
    async sendHeartbeat() {
      const { type, detail } = heartbeatDetail(clock.now());
      await put(SWEEP_SOURCE, type, JSON.parse(detail));
    },
    async retry(ids) {
      for (const { type, detail } of ids.map(retryDetail)) await put(SWEEP_SOURCE, type, JSON.parse(detail));
    },
    async retryRefused(ids, policies) {
      for (const { type, detail } of ids.map((id) => retryRefusedDetail(id, policies)))
        await put(SWEEP_SOURCE, type, JSON.parse(detail));
    },
    async tellIngest(messages) {
      for (const { type, detail } of messages.map(columnDetail))
        await put(SWEEP_SOURCE, type, JSON.parse(detail));
    },
    async sendFacts(facts) {
      for (const { speaker, sent } of facts) {
        const { type, detail } = stampedDetail(speaker, sent, { isRequest: true });
        await put(SWEEP_SOURCE, type, JSON.parse(detail));
      }
    },
    publish: (details) =>
      Promise.all(
        details.map(async ({ type, detail }) => {
          try {
            await put(API_SOURCE, type, JSON.parse(detail));
            return 'durable';
          } catch {
            return 'failed';
          }
        }),
      ),
  };
}
