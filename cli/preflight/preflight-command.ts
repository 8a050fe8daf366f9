import type { DatabaseLogin, databasePassword } from '../../shared/adapters/secrets/database-login.ts';
import { present } from '../../shared/domain/present.ts';
import type { CliContext } from '../cli-context.ts';
import type { AwsPlace } from '../../shared/adapters/call-aws.ts';
import { checkClaims } from './preflight-claims.ts';
import { loadPreflight, type Preflight, type PreflightLane } from './preflight-config.ts';
import type { Finding } from './preflight-finding.ts';
import { checkNetworks } from './preflight-network.ts';
import { checkQuotas } from './preflight-quotas.ts';
import { checkAdopted } from './preflight-registry.ts';
import type { StoreReach } from './preflight-reach.ts';
import { checkStores } from './preflight-stores.ts';
import type { VendorConnection } from '../../shared/stores/store-kind.ts';
import { type Program, wantsJson } from '../program.ts';

/** `preflight`: reports what will not work before anything is deployed or registered. It only reads. */
export function addPreflightCommand(program: Program, context: CliContext): void {
  program
    .command('preflight')
    .argument('[file]', 'the configuration file of the deployment', 'retention.config.ts')
    .description(
      'check the quotas and every store against the configuration; exit code 1 if something will not work',
    )
    .action(async (file) => {
      const preflight = await loadPreflight(file);
      const { configuration, name: deployment, region } = preflight;
      // No check works without credentials: report that once, not for every check.
      await context.credentials();
      const secrets = { ...(await logins(preflight)), ...(await vendorsOf(preflight)) };
      const placeOf = (service: string): AwsPlace => {
        const endpoint = endpointIn(context.env, service);
        return { region, credentials: context.credentials, ...(endpoint ? { endpoint } : {}) };
      };
      const findings = [
        ...(await checkQuotas(preflight, placeOf('SERVICE_QUOTAS'))),
        ...(await checkNetworks(configuration, preflight.lanes, placeOf('EC2'))),
        ...(await checkAdopted(preflight.adopted, placeOf('DYNAMODB'))),
        ...(await checkClaims(configuration, deployment, placeOf('SSM'))),
        ...(await checkStores(configuration, (name) => reachOf(preflight, name, secrets))),
      ];
      show(program, context, findings);
    });
}

/** The same variables as the AWS SDKs use: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
function endpointIn(env: CliContext['env'], service: string): string | undefined {
  return env[`AWS_ENDPOINT_URL_${service}`] || env['AWS_ENDPOINT_URL'];
}

/** Loaded only if a lane logs in to a database: nothing else needs these clients. */
async function logins({ lanes }: Preflight): Promise<Secrets> {
  if (Object.values(lanes).every(({ login }) => login === undefined)) return {};
  const { databasePassword } = await import('../../shared/adapters/secrets/database-login.ts');
  return { databasePassword };
}

async function vendorsOf({ configuration }: Preflight): Promise<Secrets> {
  if (Object.values(configuration.stores).every(({ kind }) => kind !== 'http')) return {};
  const { vendorSecrets } = await import('../../shared/adapters/secrets/vendor-secrets.ts');
  const now = Date.now;
  return { vendor: { secret: vendorSecrets({ now }, () => {}), now } };
}

interface Secrets {
  readonly databasePassword?: typeof databasePassword;
  readonly vendor?: VendorConnection;
}

function reachOf(
  { configuration, lanes }: Preflight,
  name: string,
  { databasePassword: passwordOf, vendor }: Secrets,
): Omit<StoreReach, 'deletes' | 'masked'> {
  const lane = lanes[name] ?? {};
  const password = passwordOf?.(loginOf(lane), configuration.stores[name]?.region ?? '');
  return {
    ...present({ laneKey: lane.key, password, connection: vendor && { vendor } }),
    ...(loginOf(lane) === 'iam' ? { login: 'token' as const } : {}),
  };
}

function loginOf({ login }: PreflightLane): DatabaseLogin {
  if (login === undefined) return 'none';
  return 'secret' in login ? (login.secret as DatabaseLogin) : 'iam';
}

/** What could not be checked is a finding, too, because it may not work. */
function show(program: Program, context: CliContext, findings: readonly Finding[]): void {
  if (findings.some(({ severity }) => severity !== 'note')) context.found();
  if (wantsJson(program)) return context.json({ findings });
  if (findings.length === 0) return context.say('No problems found.');
  context.table(
    ['', 'where', 'what'],
    findings.map(({ severity, where, message }) => [
      severity === 'note' ? severity : context.warn(severity),
      where,
      message,
    ]),
  );
}
