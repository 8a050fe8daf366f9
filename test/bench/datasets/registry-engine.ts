import { parentPort } from 'node:worker_threads';
import { startDynamoDB } from '../../../local/engines/dynamodb.ts';

/** The registry's engine, in a thread of its own: it tells where it listens. */
const { endpoint } = await startDynamoDB();
parentPort?.postMessage(endpoint);
