import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import { signedDynamo } from '../../../shared/adapters/dynamodb/signed-dynamo.ts';
import { countingCall } from '../../support/counted/counting-call.ts';
import { tableWorld } from '../../support/driver/table-world.ts';
import { worldOptions } from './dataset-lane.ts';

/** Seals when it is told to, in a thread of its own, and answers how many write units all of it has taken. */
const { endpoint, table, count } = workerData as {
  readonly endpoint: string;
  readonly table: string;
  readonly count: number;
};
const credentials = async () => ({ accessKeyId: 'test', secretAccessKey: 'test' });
const counter = countingCall(signedDynamo({ endpoint, region: 'eu-central-1', credentials }));
const w = tableWorld({ call: counter.call, table }, worldOptions(count));
if (parentPort === null) throw new Error('this is a thread of a bench');
parentPort.postMessage('ready');
for (;;) {
  await once(parentPort, 'message');
  await w.seal();
  parentPort.postMessage(counter.writeUnits());
}
