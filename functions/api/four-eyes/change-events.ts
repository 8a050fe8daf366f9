import { stampedDetail } from '../../../shared/contract/bus.ts';
import { problem } from '../../../shared/contract/problem.ts';
import { toCloudEvent } from '../../../shared/contract/cloud-event.ts';
import type { Speaker } from '../../../shared/domain/configuration/principal.ts';
import type { SentFact } from '../../../shared/domain/record/incoming.ts';
import { checkFact } from './check-fact.ts';
import type { Asked } from '../note-actions.ts';
import type { GatedAction } from './gated-action.ts';

export interface ChangedEvents {
  /** Corrections and retractions, as they were sent. */
  readonly events: readonly SentFact[];
}

const OPERATOR: Speaker = { role: 'operator' };

/** Corrections and retractions of producers' events by an operator. The bus gets all of them, or the request comes again. */
export const CHANGE_EVENTS: GatedAction<ChangedEvents> = {
  kind: 'events',
  notes: ({ events }) => events.flatMap(noteOf),
  shown: ({ events }, isWhole) => ({
    items: events.length,
    ...(isWhole && { events: events.map(toCloudEvent) }),
  }),
  async refusal(ports, { events }) {
    for (const event of events) {
      const judged = await checkFact(ports, OPERATOR, event);
      if (!judged.ok) return problem(judged.code, judged.path);
    }
    return undefined;
  },
  async carryOut({ bus }, { events }) {
    const published = await bus.publish(events.map((event) => stampedDetail(OPERATOR, event)));
    return published.every((one) => one === 'durable') ? 'done' : problem('NOT_DURABLE');
  },
};

/** What an operator changes of another's events. */
export function noteOf(sent: SentFact): readonly Asked[] {
  switch (sent.kind) {
    case 'correction':
      return [{ did: 'correct', event: { producer: sent.producer ?? '', id: sent.corrects } }];
    case 'retraction':
      return [{ did: 'retract', event: { producer: sent.producer ?? '', id: sent.retracts } }];
    case 'event':
      return [];
  }
}
