import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { CloudEvent } from '../../shared/contract/cloud-event.ts';
import { type Client, tenureClient } from '../../shared/client/client.ts';
import { DEPLOYMENT, type Player, PLAYERS, SOURCES } from './app-settings.ts';
import type { AccessKey, Owner } from './aws-calls.ts';
import type { Outputs } from './deployment.ts';
import type { Guide } from './guide.ts';
import { type Emulator, REGION } from './emulator.ts';

export interface People {
  /** The URL of the API, from the outputs of the deployment. */
  readonly url: string;
  /** The environment of a shell that acts as this user. */
  environmentOf(player: Player): Readonly<Record<string, string>>;
  client(player: Player): Client;
  /** Puts an event on the bus, as an application does without HTTP. */
  putEvent(app: keyof typeof SOURCES, event: CloudEvent): Promise<void>;
}

/** Outputs of the deployment. An application registers over HTTP and may send to the bus; people only have a role. */
const POLICIES = {
  producer: ['ProducerPolicyArn', 'SenderPolicyArn'],
  operator: ['OperatorPolicyArn'],
  auditor: ['AuditorPolicyArn'],
} as const;

/** IAM users with the managed policies of their roles. What they do, they do with their own keys. */
export async function invitePeople(
  owner: Owner,
  emulator: Emulator,
  outputs: Outputs,
  guide: Guide,
): Promise<People> {
  const found = outputs[`${DEPLOYMENT}-state`] ?? {};
  const url = emulatedUrl(outputOf(found, 'ApiUrl'), emulator.port);
  const players = Object.keys(PLAYERS) as Player[];
  const keys = new Map<Player, AccessKey>();
  for (const player of players) keys.set(player, await owner.createUser(player));
  await guide.instead(8, 'by API, to users: the AWS command is not here', async () => {
    for (const player of players) {
      for (const policy of POLICIES[PLAYERS[player]]) await owner.attach(player, outputOf(found, policy));
    }
  });

  const keyOf = (player: Player): AccessKey => {
    const key = keys.get(player);
    if (key === undefined) throw new TypeError(`${player} has no key`);
    return key;
  };

  return {
    url,
    environmentOf(player) {
      const { accessKeyId, secretAccessKey } = keyOf(player);
      return {
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        NODE_EXTRA_CA_CERTS: emulator.env['NODE_EXTRA_CA_CERTS'] ?? '',
        NODE_OPTIONS: `--import=${new URL('loopback-names.ts', import.meta.url).pathname}`,
      };
    },
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
  };
}

/** `https://<id>.execute-api.<region>.amazonaws.com/` as the emulator serves it. */
function emulatedUrl(url: string, port: number): string {
  const [id] = new URL(url).hostname.split('.');
  return `https://${id}.execute-api.localhost:${port}`;
}

export function outputOf(values: Readonly<Record<string, string>>, name: string): string {
  const found = values[name];
  if (found === undefined) throw new Error(`the state stack has no output ${name}`);
  return found;
}
