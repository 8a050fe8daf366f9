import { ROUTES } from '../../../shared/contract/routes.ts';
import type { Case, Who } from '../cases.ts';
import { type Cast, denied, shortName } from '../cast.ts';
import { routesOf } from '../people-calls.ts';
import { ARCHIVE_KEY, putEvents } from '../port-calls.ts';

/** Principals of other accounts call only with the role that is for them, and only they may assume it. */
export function deniedToOtherAccounts(cast: Cast): readonly Case[] {
  const { deployed, foreign, lanes, roles, table } = cast;
  const everyRoute = [
    ...new Set(
      Object.values(ROUTES)
        .flatMap((route) => route.roles)
        .flatMap((role) => routesOf(role, deployed)),
    ),
  ];
  const bridges = [...new Set(foreign.map(({ bridge }) => bridge))];
  const invoking = (resource: string) => ({ action: 'execute-api:Invoke', resource });
  const assuming = (resource: string) => ({ action: 'sts:AssumeRole', resource });
  const path = (route: string): string => route.split('/').slice(2).join('/');
  const inside: readonly (readonly [string, Who])[] = [
    ...Object.entries(roles),
    ...lanes.map(({ store, who }) => [`the lane ${store}`, who] as const),
  ];
  return [
    ...foreign.flatMap(({ name, arn, bridge }) => {
      const who: Who = { kind: 'administrator', arn };
      const other: Who = { kind: 'administrator', arn: `${arn}-2` };
      return [
        ...everyRoute.map((route) =>
          denied(`${name} of another account does not call ${path(route)} as itself`, who, invoking(route)),
        ),
        ...bridges
          .filter((each) => each !== bridge)
          .map((each) =>
            denied(`${name} of another account does not get ${shortName(each)}`, who, assuming(each)),
          ),
        ...['sts:TagSession', 'sts:SetSourceIdentity'].map((action) =>
          denied(`${name} of another account adds nothing to its session by ${action}`, who, {
            action,
            resource: bridge,
          }),
        ),
        denied(`someone else of the account of ${name} does not get its role`, other, assuming(bridge)),
        denied(`someone else of the account of ${name} puts nothing on the bus`, other, {
          ...putEvents(
            deployed,
            cast.producers.slice(0, 1).map(({ source }) => source),
          ),
        }),
      ];
    }),
    ...bridges.flatMap((arn) => {
      const who: Who = { kind: 'role', arn };
      const name = shortName(arn);
      return [
        ...cast.producers.map(({ source }) =>
          denied(`${name} does not speak on the bus as ${source}`, who, putEvents(deployed, [source])),
        ),
        denied(`${name} reads nothing in the registry`, who, { action: 'dynamodb:GetItem', resource: table }),
        denied(`${name} does not use the key`, who, { action: 'kms:Decrypt', resource: cast.key }),
        denied(`${name} empties no queue`, who, { action: 'sqs:PurgeQueue', resource: cast.queues.ingest }),
        denied(`${name} reads no archive of an export`, who, {
          action: 's3:GetObject',
          resource: `${cast.exportsBucket}/${ARCHIVE_KEY}`,
        }),
        denied(`${name} reads no object of the log`, who, {
          action: 's3:GetObject',
          resource: `${cast.bucket}/entries/0`,
        }),
      ];
    }),
    ...bridges.flatMap((arn) =>
      inside.map(([name, who]) => denied(`${name} does not get ${shortName(arn)}`, who, assuming(arn))),
    ),
    ...notOfTheRole(cast, everyRoute),
  ];
}

/** The role of a producer, an operator or an auditor calls no route of another kind. */
function notOfTheRole({ foreign, deployed }: Cast, everyRoute: readonly string[]): readonly Case[] {
  return foreign.flatMap(({ name, bridge }) => {
    const kind = name.startsWith('the producer')
      ? 'producer'
      : name === 'an operator'
        ? 'operator'
        : 'auditor';
    const own = routesOf(kind, deployed);
    return everyRoute
      .filter((route) => !own.includes(route))
      .map((resource) =>
        denied(
          `the role for ${name} of another account does not call ${resource.split('/').slice(2).join('/')}`,
          { kind: 'role', arn: bridge },
          { action: 'execute-api:Invoke', resource },
        ),
      );
  });
}
