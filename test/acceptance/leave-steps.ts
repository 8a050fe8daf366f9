import { setTimeout as sleep } from 'node:timers/promises';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { AwsV4Signer } from 'aws4fetch';
import { FIRST, SECOND } from './consumer.ts';
import type { Place } from './place.ts';
import { present } from '../../shared/domain/present.ts';
import type { Step } from './step.ts';
import { removeState, removeStores } from './teardown.ts';

interface TrailPage {
  readonly Events?: readonly { readonly CloudTrailEvent?: string }[];
  readonly NextToken?: string;
}
interface TrailEvent {
  readonly eventName: string;
  readonly errorCode?: string;
  readonly userIdentity?: {
    readonly sessionContext?: { readonly sessionIssuer?: { readonly userName?: string } };
  };
}

/** CloudTrail shows an event within 15 minutes. */
const TRAIL_DELAY = 15 * 60_000;

export const LEAVE_STEPS: readonly Step[] = [
  {
    name: 'denials in CloudTrail',
    proves: 'no role of a deployment was denied a management call',
    onlyInAws: 'the emulator keeps no trail',
    async work({ place, startedAt }) {
      await sleep(Math.max(0, startedAt + TRAIL_DELAY - Date.now()));
      const denied = new Map<string, number>();
      let NextToken: string | undefined;
      do {
        const page = await lookup(place, {
          StartTime: Math.floor(startedAt / 1000),
          ...present({ NextToken }),
        });
        for (const { CloudTrailEvent = '{}' } of page.Events ?? []) {
          const { eventName, errorCode = '', userIdentity } = JSON.parse(CloudTrailEvent) as TrailEvent;
          const role = userIdentity?.sessionContext?.sessionIssuer?.userName ?? '';
          if (!/Denied|Unauthorized/.test(errorCode) || !role.startsWith(`${FIRST}-`)) continue;
          const what = `${role} was denied ${eventName}`;
          denied.set(what, (denied.get(what) ?? 0) + 1);
        }
        ({ NextToken } = page);
      } while (NextToken !== undefined);
      if (denied.size > 0)
        throw new Error([...denied].map(([what, times]) => `${what} ${times} times`).join('; '));
      return 'none; calls to data (items, objects, messages) are not in this trail';
    },
  },
  {
    name: 'teardown',
    proves: 'docs/runbooks/teardown.md removes everything, and in which order',
    async work({ place, clients, consumer }) {
      const removed: string[] = [];
      for (const name of [SECOND, FIRST]) {
        await consumer.destroyService(name);
        removed.push(...(await removeState(place, clients, `${name}-state`)));
      }
      await removeStores(place, clients);
      return `${removed.length} retained resources removed; keys are deleted in seven days`;
    },
  },
];

async function lookup({ region, partition, settings }: Place, input: object): Promise<TrailPage> {
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  const signer = new AwsV4Signer({
    ...(settings.credentials ?? (await defaultProvider()())),
    url: settings.endpoint ?? `https://cloudtrail.${region}.${suffix}/`,
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents',
    },
    body: JSON.stringify(input),
    service: 'cloudtrail',
    region,
  });
  const { method, url, headers, body } = await signer.sign();
  // LookupEvents answers two requests in a second.
  await sleep(600);
  const answer = await fetch(url, { method, headers, body: body ?? null });
  if (!answer.ok) throw new Error(`CloudTrail answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as TrailPage;
}
