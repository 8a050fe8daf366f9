import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { sqsQueues } from '../../shared/adapters/sqs-queues.ts';
import type { Queues } from '../../shared/ports/queues.ts';
import { parseEnvironment } from '../../shared/runtime/environment.ts';
import { codeOf } from '../../shared/runtime/error-code.ts';
import { warmStart } from '../../shared/runtime/warm-start.ts';
import { announce } from './announce.ts';
import { Environment } from './config.ts';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html */
const Request = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
});

/**
 * Fired by CloudFormation once per deployment, after all other resources. CloudFormation waits for an answer at the URL
 * in the request.
 */
export function announceHandler(queues: Pick<Queues, 'toSweep'>): (event: unknown) => Promise<void> {
  return async (event) => {
    const request = Request.parse(event);
    const { StackId, RequestId, LogicalResourceId } = request;
    const result = await resultOf(() => announce(queues, request.RequestType));
    const body = JSON.stringify({
      StackId,
      RequestId,
      LogicalResourceId,
      ...result,
      PhysicalResourceId: request.PhysicalResourceId ?? LogicalResourceId,
    });
    const response = await fetch(request.ResponseURL, {
      method: 'PUT',
      headers: { 'content-type': '' },
      body,
    });
    if (!response.ok)
      throw new Error(
        `CloudFormation did not accept the answer (HTTP ${response.status}): the deployment waits until it times out, then deploy again.`,
      );
  };
}

async function resultOf(work: () => Promise<void>): Promise<{ Status: string; Reason?: string }> {
  try {
    await work();
    return { Status: 'SUCCESS' };
  } catch (error) {
    return {
      Status: 'FAILED',
      Reason: `The first sweep message could not be sent (${codeOf(error)}): check the sweep queue and the permissions of this function, then deploy again.`,
    };
  }
}

const start = warmStart(async () => {
  const env = parseEnvironment(Environment, process.env);
  return announceHandler(sqsQueues(new SQSClient({}), { sweep: env.SWEEP_QUEUE_URL }));
});

export const handler = async (event: unknown): Promise<void> => (await start())(event);
