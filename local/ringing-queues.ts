import type { Queues } from '../shared/ports/queues.ts';

/** Says after every send which queue has something new, so that nobody has to ask all queues all the time. */
export function ringingQueues(queues: Queues, ring: (queue: string) => void): Queues {
  return {
    async toLane(message) {
      await queues.toLane(message);
      ring(laneQueue(message.store));
    },
    async toSweep(messages) {
      await queues.toSweep(messages);
      ring('sweep');
    },
    async toIngest(message) {
      await queues.toIngest(message);
      ring('ingest');
    },
    async toSeal(message) {
      await queues.toSeal(message);
      ring('seal');
    },
    async replay(body) {
      await queues.replay(body);
      ring('ingest');
    },
  };
}

export function laneQueue(store: string): string {
  return `lane-${store}`;
}
