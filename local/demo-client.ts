import { type Client, tenureClient } from '../shared/client/client.ts';
import { demoKey } from './demo-keys.ts';
import { REGION } from './engines/queue-engine.ts';

/** The API as a producer, `operator` or `auditor` calls it: over HTTP, signed with the demonstration key. */
export function demoClient(url: string, who: string): Client {
  return tenureClient({ url, region: REGION, credentials: () => demoKey(who) });
}
