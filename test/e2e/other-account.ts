import { type Client, tenureClient } from '../../shared/client/client.ts';
import { DEPLOYMENT, FOREIGN_APP, OTHER_ACCOUNT } from './app-settings.ts';
import { ACCOUNT, type Emulator, REGION } from './emulator.ts';
import { assume, type Credentials, sessionOf } from './aws-calls.ts';
import { contract, registrations } from './happenings.ts';
import { asResults, codeOf, statusOf } from './refusals.ts';
import type { Scoreboard } from './scoreboard.ts';
import type { World } from './world.ts';

const DAY = 86_400_000;

/**
 * An application of another account: API Gateway refuses it, and the API takes it for `crm` once it has assumed the role
 * that the deployment made for it.
 */
export async function comeFromAnotherAccount(world: World, board: Scoreboard): Promise<void> {
  const { emulator, people, outputs } = world;
  const ours = contract('abroad', 8, 1);
  const role = outputs[`${DEPLOYMENT}-state`]?.['ProducerRoleArnCrm'] ?? '';
  // The emulator takes an account's id for the key of its owner.
  const owner = { accessKeyId: OTHER_ACCOUNT, secretAccessKey: 'test' };
  const clientWith = (credentials: Credentials): Client =>
    tenureClient({ url: people.url, region: REGION, credentials: () => credentials });

  await board.scenario(
    'an application of another account is refused, although its own account allows the call',
    async () => {
      const app = await appOf(emulator, owner, FOREIGN_APP);
      const answer = await statusOf(clientWith(app).registerHoldings(registrations(ours)));
      board.refused('an application of another account registers with its own credentials', answer, ['403']);
      return undefined;
    },
  );

  await board.scenario('it registers as the producer with the role that it may assume', async () => {
    const app = await appOf(emulator, owner, FOREIGN_APP);
    const assumed = clientWith(await assume(emulator, app, role));
    const { results } = await assumed.registerHoldings(registrations(ours));
    const rejected = results.find(({ status }) => status !== 'accepted');
    if (rejected !== undefined) throw new Error(`answered ${rejected.code}`);
    const foreign = registrations(ours).map((item) => ({ ...item, locator: ['shop/1'] }));
    const inMembers = foreign.filter(({ store }) => store === 'members');
    const refused = await assumed.registerHoldings(inMembers).catch(asResults);
    board.refused('it registers a row of shop', codeOf(refused.results, 0), ['LOCATOR_NOT_GRANTED']);
    const period = { from: new Date(0).toISOString(), to: new Date(Date.now() + DAY).toISOString() };
    board.refused('it reads the log', await statusOf(assumed.queryLog(period)), ['403']);
    board.refused('it pauses a lane', await statusOf(assumed.pause('members')), ['403']);
    return `${results.length} rows, as ${role.split('/')[1]}`;
  });

  await board.scenario('an application of that account that is not listed cannot assume it', async () => {
    const stranger = await appOf(emulator, owner, 'stranger');
    const answer = await assume(emulator, stranger, role).then(
      () => 'assumed',
      (error: unknown) => (error instanceof Error ? error.message : 'unknown'),
    );
    board.refused('an application that is not listed assumes the role', answer, ['AccessDenied']);
    return undefined;
  });
}

/**
 * A role of the other account that may call our API and assume our roles, as far as its own account decides, and a
 * session of it. (With `*` as the resource the emulator would let it through: it looks for the API in the caller's
 * account.)
 */
async function appOf(emulator: Emulator, owner: Credentials, name: string): Promise<Credentials> {
  return sessionOf(emulator, owner, {
    account: OTHER_ACCOUNT,
    name,
    allows: [
      { Action: 'execute-api:Invoke', Resource: `arn:aws:execute-api:${REGION}:${ACCOUNT}:*` },
      { Action: 'sts:AssumeRole', Resource: `arn:aws:iam::${ACCOUNT}:role/*` },
    ],
  });
}
