interface Grouped {
  readonly group?: string;
}

export interface FairQueue<Message extends Grouped> {
  received(message: Message): void;
  /** Deleted, or visible again. */
  landed(message: Message): void;
  /** Puts the messages of senders that use too much of the queue behind all others. Else the order stays as it is. */
  order(visible: Message[]): void;
}

/** From this share of the messages in flight, and this number, a group is noisy. */
const SHARE = 0.1;
const LEAST = 30;

/**
 * The order in which SQS delivers the messages of a standard queue that have groups: noisy groups after all others, and
 * of several noisy ones the one with the fewest messages in flight first. A group stays noisy until none of its messages
 * waits. A message without a group is a group of its own. Not modelled: the share of processing time, with which SQS
 * also finds noisy groups of few messages in flight, and that a group without new messages is quiet after five minutes.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html
 */
export function fairQueue<Message extends Grouped>(): FairQueue<Message> {
  const inFlight = new Set<Message>();
  const byGroup = new Map<string, number>();
  const noisy = new Set<string>();

  function count({ group }: Message, by: number): void {
    if (group !== undefined) byGroup.set(group, (byGroup.get(group) ?? 0) + by);
  }
  function isNoisy({ group }: Message): boolean {
    return group !== undefined && noisy.has(group);
  }

  return {
    received(message) {
      inFlight.add(message);
      count(message, 1);
    },
    landed(message) {
      if (inFlight.delete(message)) count(message, -1);
    },
    order(visible) {
      for (const group of noisy) if (!visible.some((message) => message.group === group)) noisy.delete(group);
      for (const [group, messages] of byGroup)
        if (messages >= LEAST && messages > SHARE * inFlight.size) noisy.add(group);
      if (noisy.size === 0) return;
      const rank = (message: Message): number =>
        isNoisy(message) ? 1 + (byGroup.get(message.group ?? '') ?? 0) : 0;
      // Within a rank, the oldest comes first.
      const ranked = [...Map.groupBy(visible, rank)].toSorted(([a], [b]) => a - b);
      let place = 0;
      for (const message of ranked.flatMap(([, messages]) => messages)) visible[place++] = message;
    },
  };
}
