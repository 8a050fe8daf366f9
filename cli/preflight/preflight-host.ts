import { resolveCname } from 'node:dns/promises';
import type { PostgresOptions } from '../../shared/stores/postgresql/postgresql-options.ts';
import { fails, type Finding } from './preflight-finding.ts';
import type { StoreReach } from './preflight-reach.ts';

/** Endpoints of instances, clusters and proxies: `<name>.<letters>.<region>.rds.<suffix of the partition>`. */
const RDS = /\.rds\.(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu)$/;
const READER = /\.cluster-ro-[a-z0-9]+\./;

/** A proxy takes the token itself, and may log in to the database with a password. */
export function isProxy(host: string): boolean {
  return /\.proxy-[a-z0-9]+\./.test(host);
}

/**
 * A token is signed for the name of a host, and RDS knows only its own. An alias of it does not do.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
 */
export async function checkHost(
  name: string,
  { host }: PostgresOptions,
  { login, aliasOf = aliasIn }: StoreReach,
): Promise<readonly Finding[]> {
  if (READER.test(host)) {
    return [
      fails(
        name,
        `\`host\` is the reader endpoint of the cluster; set it to the cluster endpoint, which is the writer's`,
      ),
    ];
  }
  if (login !== 'token' || RDS.test(host)) return [];
  const alias = await aliasOf(host);
  return [
    fails(
      name,
      alias === undefined
        ? '`host` is not an endpoint of RDS, and RDS takes tokens only for its own names; set it to the endpoint that RDS shows for `databaseId`'
        : `\`host\` is an alias of ${alias}, and RDS takes tokens only for its own names; set it to that name`,
    ),
  ];
}

/** What an alias stands for, followed to its end; `undefined` if the name is none. */
async function aliasIn(host: string): Promise<string | undefined> {
  try {
    const [next] = await resolveCname(host);
    if (next === undefined) return undefined;
    return RDS.test(next) ? next : ((await aliasIn(next)) ?? next);
  } catch {
    return undefined;
  }
}
