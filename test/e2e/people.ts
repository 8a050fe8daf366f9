import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { CloudEvent } from '../../shared/contract/cloud-event.ts';
import { type Client, tenureClient } from '../../shared/client/client.ts';
import { DEPLOYMENT, type Player, PLAYERS, SOURCES } from './app-settings.ts';
import type { AccessKey, Owner } from './aws-calls.ts';
import type { Outputs } from './deployment.ts';
import { type Emulator, REGION } from './emulator.ts';

export interface People {
  /** Where the API is, as the deployment says it. */
  readonly url: string;
  keyOf(player: Player): AccessKey;
  client(player: Player): Client;
  /** Puts an event on the bus: what an application does without HTTP. */
  putEvent(app: keyof typeof SOURCES, event: CloudEvent): Promise<void>;
  /** After each deployment of the service: its address and policies are new. */
  follow(outputs: Outputs): Promise<void>;
  /** Takes the policies of the service away, which is about to go. */
  leave(): Promise<void>;
}

/** IAM users with the managed policies of their roles. What they do, they do with their own keys. */
export async function invitePeople(owner: Owner, emulator: Emulator): Promise<People> {
  const players = Object.keys(PLAYERS) as Player[];
  const keys = new Map<Player, AccessKey>();
  for (const player of players) keys.set(player, await owner.createUser(player));
  let url = '';
  const attached: { readonly player: Player; readonly arn: string; readonly stack: string }[] = [];

  const keyOf = (player: Player): AccessKey => {
    const key = keys.get(player);
    if (key === undefined) throw new TypeError(`${player} has no key`);
    return key;
  };

  return {
    get url() {
      return url;
    },
    keyOf,
    client: (player) => tenureClient({ url, region: REGION, credentials: () => keyOf(player) }),
    async putEvent(app, event) {
      const credentials = keyOf(app);
      const bus = new EventBridgeClient({ endpoint: emulator.endpoint, region: REGION, credentials });
      const entry = { EventBusName: DEPLOYMENT, Source: SOURCES[app], DetailType: event.type };
      const answer = await bus.send(
        new PutEventsCommand({ Entries: [{ ...entry, Detail: JSON.stringify(event) }] }),
      );
      bus.destroy();
      if (answer.FailedEntryCount !== 0)
        throw new Error(`the bus refused it: ${answer.Entries?.[0]?.ErrorCode}`);
    },
    async follow(outputs) {
      url = emulatedUrl(outputOf(outputs[`${DEPLOYMENT}-service`] ?? {}, /^ApiUrl/), emulator.port);
      for (const [stack, values] of Object.entries(outputs)) {
        for (const player of players) {
          // An application registers over HTTP and may send to the bus; people only have a role.
          const policies = PLAYERS[player] === 'producer' ? ['producer', 'sender'] : [PLAYERS[player]];
          const names = policies.map((policy) => `${policy}PolicyArn`.toLowerCase());
          const arns = Object.entries(values).filter(([name]) => names.includes(name.toLowerCase()));
          for (const [, arn] of arns) {
            if (attached.some((one) => one.player === player && one.arn === arn)) continue;
            await owner.attach(player, arn);
            attached.push({ player, arn, stack });
          }
        }
      }
    },
    async leave() {
      for (const one of attached.filter(({ stack }) => stack.endsWith('-service'))) {
        await owner.detach(one.player, one.arn);
        attached.splice(attached.indexOf(one), 1);
      }
    },
  };
}

/** `https://<id>.execute-api.<region>.amazonaws.com/` as the emulator serves it. */
function emulatedUrl(url: string, port: number): string {
  const [id] = new URL(url).hostname.split('.');
  return `https://${id}.execute-api.localhost:${port}`;
}

function outputOf(values: Readonly<Record<string, string>>, name: RegExp): string {
  const found = Object.entries(values).find(([key]) => name.test(key))?.[1];
  if (found === undefined) throw new Error(`the deployment has no output ${name.source}`);
  return found;
}
