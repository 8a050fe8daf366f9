import type { Case, Context, Who } from '../cases.ts';
import { type Cast, denied } from '../cast.ts';

const REF = 'AAAAAAAAAAAAAAAAAAAAAA';

/** The registry is the memory of what is due. Each function writes its own part of it, and nothing else does. */
export function deniedInTheRegistry(cast: Cast): readonly Case[] {
  const { roles, lanes, table } = cast;
  const on = (name: string, who: Who, action: string, ...keys: readonly string[]): Case => {
    const context: Context = keys.length === 0 ? {} : { 'dynamodb:LeadingKeys': keys };
    return denied(name, who, { action: `dynamodb:${action}`, resource: table, context });
  };
  const formerTables = cast.deployed
    .ofType('AWS::DynamoDB::GlobalTable')
    .map(({ arn }) => arn)
    .filter((arn) => arn !== table);
  const all: readonly (readonly [string, Who])[] = [
    ...Object.entries(roles),
    ...lanes.map(({ store, who }) => [`the lane ${store}`, who] as const),
  ];
  const people: readonly (readonly [string, Who])[] = [
    ['an operator', cast.operator],
    ['an auditor', cast.auditor],
    ...cast.producers.map(({ name, who }) => [`the producer ${name}`, who] as const),
    ['a stranger', cast.stranger],
    ['someone without credentials', cast.anonymous],
  ];
  return [
    // A table that was restored is used instead of the deployment's own.
    ...formerTables.flatMap((resource) =>
      all.flatMap(([name, who]) =>
        ['GetItem', 'PutItem', 'Query', 'BatchWriteItem'].map((action) =>
          denied(`${name} does not use ${action} on the former registry`, who, {
            action: `dynamodb:${action}`,
            resource,
            context: { 'dynamodb:LeadingKeys': [`H#${REF}`] },
          }),
        ),
      ),
    ),
    ...all.flatMap(([name, who]) => [
      ...[
        'DeleteTable',
        'UpdateTable',
        'UpdateTimeToLive',
        'UpdateContinuousBackups',
        'PutResourcePolicy',
        'ExportTableToPointInTime',
        'RestoreTableToPointInTime',
      ].map((action) => on(`${name} does not use ${action} on the registry`, who, action)),
      on(`${name} deletes no holding`, who, 'DeleteItem', `H#${REF}`),
      on(`${name} deletes no data key`, who, 'DeleteItem', 'D#log/2026'),
      on(`${name} overwrites no data key in a batch`, who, 'BatchWriteItem', 'D#log/2026'),
      on(`${name} changes no data key`, who, 'UpdateItem', 'D#registry/registry'),
      on(`${name} deletes nothing by a statement`, who, 'PartiQLDelete', `H#${REF}`),
      on(`${name} reads nothing by a statement`, who, 'PartiQLSelect', `H#${REF}`),
      on(`${name} does not query without naming what`, who, 'Query'),
      ...(name === 'sweep' ? [] : [on(`${name} does not read the table as a whole`, who, 'Scan')]),
      ...(name === 'seal'
        ? []
        : [
            on(`${name} does not move the head of the log`, who, 'PutItem', 'M#log'),
            on(`${name} writes nothing into the index of the log`, who, 'PartiQLInsert', 'I#2026-03-01'),
          ]),
      ...(name === 'ingest'
        ? []
        : [
            on(`${name} stores no heartbeat`, who, 'UpdateItem', 'M#heartbeat'),
            on(`${name} stores nothing in quarantine`, who, 'UpdateItem', 'Q#all'),
          ]),
      on(`${name} deletes no quota of a producer`, who, 'DeleteItem', 'X#crm'),
      on(`${name} sets no quota of a producer back`, who, 'PutItem', 'X#crm'),
      ...(name === 'api' || name === 'ingest'
        ? []
        : [on(`${name} takes nothing from the quota of a producer`, who, 'UpdateItem', 'X#crm')]),
      ...(name === 'sweep'
        ? []
        : [on(`${name} does not note a run of policies`, who, 'PutItem', 'M#policies')]),
    ]),
    ...lanes.flatMap(({ store, who }) =>
      lanes
        .filter((other) => other.store !== store)
        .flatMap((other) => [
          on(`the lane ${store} reads no chunk of ${other.store}`, who, 'GetItem', `K#${other.store}`),
          on(`the lane ${store} writes no chunk of ${other.store}`, who, 'PutItem', `K#${other.store}`),
          on(`the lane ${store} takes no allowance of ${other.store}`, who, 'PutItem', `U#${other.store}`),
          on(`the lane ${store} writes no work of ${other.store}`, who, 'PutItem', `W#${other.store}`),
          on(
            `the lane ${store} mixes no work of ${other.store} into its own`,
            who,
            'BatchGetItem',
            `K#${store}`,
            `K#${other.store}`,
          ),
        ]),
    ),
    on('the api writes no holding', roles.api, 'PartiQLUpdate', `H#${REF}`),
    on('the api puts no holding', roles.api, 'PutItem', `H#${REF}`),
    on('the api writes no result', roles.api, 'PutItem', 'R#2026-03-01T10'),
    on('the api writes no chunk', roles.api, 'PartiQLInsert', 'K#x'),
    on('ingest writes no chunk', roles.ingest, 'PartiQLInsert', 'K#x'),
    on('ingest writes no result', roles.ingest, 'PutItem', 'R#2026-03-01T10'),
    on('the sweep writes no result', roles.sweep, 'PutItem', 'R#2026-03-01T10'),
    on('ingest does not say what was due', roles.ingest, 'PutItem', 'ST#2026-03-01T00'),
    on('the api does not say what was due', roles.api, 'PutItem', 'ST#2026-03-01T00'),
    on('the sweep places no hold', roles.sweep, 'PutItem', 'L#all'),
    on('the sweep stores no fact', roles.sweep, 'UpdateItem', `E#${REF}`),
    on('seal writes no holding', roles.seal, 'PutItem', `H#${REF}`),
    on('seal reads no holding', roles.seal, 'BatchGetItem', `H#${REF}`),
    on('seal reads no fact', roles.seal, 'Query', `E#${REF}`),
    ...people.flatMap(([name, who]) => [
      on(`${name} reads nothing in the registry`, who, 'GetItem', `H#${REF}`),
      on(`${name} writes nothing into the registry`, who, 'PutItem', `H#${REF}`),
      on(`${name} does not read the table as a whole`, who, 'Scan'),
      on(`${name} does not delete the registry`, who, 'DeleteTable'),
    ]),
  ];
}
