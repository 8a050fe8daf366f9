/** The answer to SQS of which messages have to come again; the others are deleted. */
export interface BatchFailures {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/**
 * Works on every record, one after the other, whatever became of the ones before: a bad message keeps back nothing
 * but itself. `again` and a thrown error make the message visible again after its timeout.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export async function eachRecord<Item extends { readonly messageId: string }>(
  records: readonly Item[],
  work: (record: Item) => Promise<'done' | 'again'>,
  failed: (error: unknown) => void,
): Promise<BatchFailures> {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const record of records) {
    try {
      if ((await work(record)) === 'done') continue;
    } catch (error) {
      failed(error);
    }
    batchItemFailures.push({ itemIdentifier: record.messageId });
  }
  return { batchItemFailures };
}

type Parse<Message> = (
  body: string,
) =>
  | { readonly ok: true; readonly value: Message }
  | { readonly ok: false; readonly message: string; readonly path: string };

/** As `eachRecord`, of messages that we have sent ourselves: one that has another shape fails, and says where. */
export function eachMessage<Message>(
  records: readonly { readonly messageId: string; readonly body: string }[],
  parse: Parse<Message>,
  work: (message: Message) => Promise<'done' | 'again'>,
  failed: (error: unknown) => void,
): Promise<BatchFailures> {
  const parsed = async ({ body }: { readonly body: string }): Promise<'done' | 'again'> => {
    const message = parse(body);
    if (message.ok) return work(message.value);
    throw new Error(`a message has another shape than this queue's: ${message.message} at ${message.path}`);
  };
  return eachRecord(records, parsed, failed);
}
