import { ClientError } from '../../shared/client/client-error.ts';

/** The bytes of an archive, from the link of an answer. A link is enough: nothing is signed here. */
export async function* fetchArchive(url: string): AsyncGenerator<Uint8Array> {
  const response = await answering(fetch(url, { redirect: 'error' }));
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw refusal(response.status);
  }
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await answering(reader.read());
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function answering<Answer>(waiting: Promise<Answer>): Promise<Answer> {
  try {
    return await waiting;
  } catch (cause) {
    throw new ClientError(
      'UNREACHABLE',
      'The archive could not be fetched as a whole: check the network, then run the command again.',
      { cause },
    );
  }
}

function refusal(status: number): ClientError {
  if (status === 404)
    return new ClientError('NOT_FOUND', 'The archive is not there any more: file another request.', {
      status,
    });
  return new ClientError(
    status === 403 ? 'FORBIDDEN' : 'ANSWER_INVALID',
    `The bucket of the archive answered ${status}: run the command again for a new link. If that stays, the API may not read the bucket.`,
    { status },
  );
}
