/** Tells SQS which messages to deliver again; it deletes the others. */
export interface BatchFailures {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

/**
 * Works on the records one after the other, so that a bad message delays only itself. After `again` or a thrown error,
 * the message becomes visible again when its visibility timeout ends.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export async function eachRecord<Item extends { readonly messageId: string }>(
  records: readonly Item[],
  work: (record: Item) => Promise<'done' | 'again'>,
  failed: (error: unknown, record: Item) => void,
): Promise<BatchFailures> {
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const record of records) {
    try {
      if ((await work(record)) === 'done') continue;
    } catch (error) {
      failed(error, record);
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

/**
 * Like `eachRecord`, for messages that Tenure sends itself: one with a different shape fails with an error that says
 * where.
 */
export function eachMessage<Message>(
  records: readonly { readonly messageId: string; readonly body: string }[],
  parse: Parse<Message>,
  work: (message: Message) => Promise<'done' | 'again'>,
  failed: (error: unknown) => void,
): Promise<BatchFailures> {
  const parsed = async ({ body }: { readonly body: string }): Promise<'done' | 'again'> => {
    const message = parse(body);
    if (message.ok) return work(message.value);
    throw new Error(
      `A message does not have the shape of this queue's messages (${message.path}: ${message.message}): deploy all functions from one release.`,
    );
  };
  return eachRecord(records, parsed, failed);
}
