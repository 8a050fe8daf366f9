import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../../../shared/domain/configuration/configuration.ts';
import { foldProfile } from '../../../shared/domain/configuration/fold-profile.ts';
import { loadPolicies } from '../../../shared/policy-files/load-policies.ts';
import { credentialsOf, servedWorld } from '../api-server.ts';
import { apiWorld, configuration, type principals } from '../api-world.ts';
import { runCli } from '../../../cli/run-cli.ts';
import { Readable, Writable } from 'node:stream';

export interface ShopPolicy {
  readonly policy?: string;
  readonly profile?: string;
  readonly version?: string;
  readonly effectiveFrom?: string;
  readonly regions?: string;
  readonly more?: string;
}

/** The policy file of a shop, whose producers are those of `apiWorld`. */
export function shopPolicy({
  policy = 'shop-policy',
  profile = 'rule: within 30 days after account.disconnected',
  version = '1',
  effectiveFrom = '2024-01-01',
  regions = '[eu-central-1]',
  more = '',
}: ShopPolicy = {}): string {
  return `format: 1
policy: ${policy}
version: '${version}'
effectiveFrom: ${effectiveFrom}
document: Terms
zone: UTC
regions: ${regions}
purposes: { login: {} }
events:
  contract.ended: { entity: contract, undoneBy: [contract.renewed] }
  contract.renewed: { entity: contract }
  account.disconnected: { entity: account }
  person.left: { entity: person }
categories:
  registration: { rule: 3 years after contract.ended }
${profile === '' ? '' : `  profile: { ${profile} }\n`}${more}`;
}

/** A deployment whose policies are this file. */
export function shopConfiguration(text = shopPolicy(), changes: Partial<Configuration> = {}): Configuration {
  const loaded = loadPolicies([{ path: 'shop.yaml', text }]);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  const shop = configuration.producers['shop'];
  const rival = configuration.producers['rival'];
  if (shop === undefined || rival === undefined) throw new TypeError('both are configured');
  const producers = { shop: { ...shop, categories: ['registration', 'profile'] }, rival };
  const policies: Configuration['policies'] = JSON.parse(JSON.stringify(loaded.policySet));
  return { ...configuration, producers, policies, foldProfile: foldProfile(policies), ...changes };
}

/** The deployment with `count` accounts that were disconnected on the first of March, and the command that asks it. */
export async function shopWorld(
  own = shopConfiguration(),
  count = 4,
  /** The command waits on the world's clock. Otherwise, all is done that can be done at once. */
  { waits = false }: { readonly waits?: boolean } = {},
) {
  const world = await servedWorld(apiWorld('2026-03-01T10:00:00Z', undefined, own));
  const folder = await mkdtemp(join(tmpdir(), 'tenure-policies-'));
  const holdings = Array.from({ length: count }, (_, n) => ({
    store: 'orders',
    locator: [`shop/${n}`],
    categories: ['profile'],
    purposes: ['login'],
    entities: [{ type: 'account', id: `a-${n}` }],
  }));
  await world.as('shop').registerHoldings(holdings);
  await world.deliver();
  const events = Array.from({ length: count }, (_, n) => ({
    specversion: '1.0' as const,
    id: `e-${n}`,
    source: 'shop.example',
    type: 'account.disconnected',
    data: { entity: { type: 'account', id: `a-${n}` }, occurred: '2026-02-27' },
  }));
  await world.as('shop').sendEvents(events);
  await world.deliver();
  /** Messages are delivered while the command waits. */
  async function tenure(who: keyof typeof principals, ...args: string[]) {
    const { accessKeyId, secretAccessKey } = credentialsOf(who);
    const [out, err] = [collecting(), collecting()];
    const code = await runCli(args, {
      env: { TENURE_URL: world.url },
      credentials: async () => ({ accessKeyId, secretAccessKey }),
      stdin: Readable.from(['']),
      stdout: out.stream,
      stderr: err.stream,
      now: () => world.clock.now(),
      sleep: (milliseconds) =>
        waits ? world.wakeUntil(new Date(world.clock.now() + milliseconds).toISOString()) : world.settleAll(),
    });
    return { code, out: out.text(), err: err.text() };
  }
  return {
    ...world,
    tenure,
    async file(text: string, name = 'shop.yaml'): Promise<string> {
      const path = join(folder, name);
      await writeFile(path, text);
      return path;
    },
    async end(): Promise<void> {
      await world.stop();
      await rm(folder, { recursive: true });
    },
  };
}

function collecting(): { readonly stream: Writable; text(): string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}
