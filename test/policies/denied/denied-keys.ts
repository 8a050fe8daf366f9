import type { Case, Context, Who } from '../cases.ts';
import { type Cast, denied, FOREIGN } from '../cast.ts';
import { encryptionContext } from '../port-calls.ts';

/** One key encrypts everything. Whoever may use it for one thing may not use it for another. */
export function deniedKeys(cast: Cast): readonly Case[] {
  const { roles, lanes, key, deployed } = cast;
  const { region, account } = deployed;
  const on = (name: string, who: Who, action: string, context: Context = {}): Case =>
    denied(name, who, { action, resource: key, context });
  const dataKey = (tenure: string, scope: string): Context => encryptionContext({ tenure, scope });
  const stores = lanes.map(({ store }) => store);
  const services = ['dynamodb', 'sqs', 's3', 'secretsmanager', 'ec2', 'lambda', 'events'];
  const via = (service: string, context: Context = {}): Context => ({
    ...context,
    'kms:ViaService': `${service}.${region}.amazonaws.com`,
  });
  const all: readonly (readonly [string, Who])[] = [
    ...Object.entries(roles),
    ...lanes.map(({ store, who }) => [`the lane ${store}`, who] as const),
  ];
  const service = (name: string): Who => ({ kind: 'service', name });
  const archive = (arn: string): Context => encryptionContext({ 'aws:events:event-bus:arn': arn });
  const logs = (arn: string): Context => encryptionContext({ 'aws:logs:arn': arn });
  return [
    ...lanes.flatMap(({ store, who, findsRecords }) => [
      ...stores
        .filter((other) => other !== store)
        .flatMap((other) => [
          on(`the lane ${store} opens no locator of ${other}`, who, 'kms:Decrypt', dataKey('seal', other)),
          on(
            `the lane ${store} makes no pseudonym of ${other}`,
            who,
            'kms:Decrypt',
            dataKey('pseudonym', other),
          ),
        ]),
      on(`the lane ${store} opens nothing in quarantine`, who, 'kms:Decrypt', dataKey('seal', 'quarantine')),
      on(
        `the lane ${store} makes no key of references`,
        who,
        'kms:GenerateDataKey',
        dataKey('registry', 'registry'),
      ),
      ...(findsRecords
        ? []
        : [
            on(`the lane ${store} seals no locator`, who, 'kms:GenerateDataKey', dataKey('seal', store)),
            on(
              `the lane ${store} does not use the key of references`,
              who,
              'kms:Decrypt',
              dataKey('registry', 'registry'),
            ),
          ]),
      on(`the lane ${store} opens no cursor`, who, 'kms:Decrypt', dataKey('seal', 'cursor')),
    ]),
    ...stores.flatMap((store) => [
      on(`the api opens no locator of ${store}`, roles.api, 'kms:Decrypt', dataKey('seal', store)),
      on(`the api seals no locator of ${store}`, roles.api, 'kms:GenerateDataKey', dataKey('seal', store)),
      on(`ingest makes no pseudonym of ${store}`, roles.ingest, 'kms:Decrypt', dataKey('pseudonym', store)),
      ...(['sweep', 'seal'] as const).map((name) =>
        on(`${name} opens no locator of ${store}`, roles[name], 'kms:Decrypt', dataKey('seal', store)),
      ),
    ]),
    on(
      'the api seals nothing for quarantine',
      roles.api,
      'kms:GenerateDataKey',
      dataKey('seal', 'quarantine'),
    ),
    ...(['ingest', 'seal'] as const).map((name) =>
      on(`${name} opens no name in a request`, roles[name], 'kms:Decrypt', dataKey('seal', 'request')),
    ),
    on('ingest opens no cursor', roles.ingest, 'kms:Decrypt', dataKey('seal', 'cursor')),
    on('seal opens no link of the log', roles.seal, 'kms:Decrypt', dataKey('log', '2026')),
    ...(['sweep', 'seal'] as const).flatMap((name) => [
      on(
        `${name} does not use the key of references`,
        roles[name],
        'kms:Decrypt',
        dataKey('registry', 'registry'),
      ),
    ]),
    ...all.flatMap(([name, who]) => [
      ...services
        .slice(3)
        .map((other) =>
          on(
            `${name} does not use the key through ${other}`,
            who,
            'kms:Decrypt',
            via(other, encryptionContext({ [`aws:${other}:arn`]: 'x' })),
          ),
        ),
      on(`${name} opens no data key with more in its context`, who, 'kms:Decrypt', {
        ...encryptionContext({ tenure: 'seal', scope: 'quarantine', other: 'x' }),
      }),
      ...[
        'kms:ScheduleKeyDeletion',
        'kms:DisableKey',
        'kms:PutKeyPolicy',
        'kms:CreateGrant',
        'kms:Encrypt',
      ].map((action) => on(`${name} does not use ${action}`, who, action)),
    ]),
    ...[
      'kms:Decrypt',
      'kms:GenerateDataKey',
      'kms:ScheduleKeyDeletion',
      'kms:PutKeyPolicy',
      'kms:CreateGrant',
    ].flatMap((action) => [
      on(`a stranger does not use ${action}`, cast.stranger, action),
      on(`an operator does not use ${action}`, cast.operator, action),
    ]),
    on('an auditor opens no link of the log', cast.auditor, 'kms:Decrypt', dataKey('log', '2026')),
    on(
      'an administrator does not use what the key policy does not list',
      cast.administrator,
      'kms:ReplicateKey',
    ),
    ...['events.amazonaws.com', 'cloudwatch.amazonaws.com'].flatMap((name) => [
      ...['kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKey'].map((action) =>
        on(`${name} does not use ${action} for another account`, service(name), action, {
          'aws:SourceAccount': FOREIGN,
        }),
      ),
      on(`${name} does not delete the key`, service(name), 'kms:ScheduleKeyDeletion', {
        'aws:SourceAccount': account,
      }),
    ]),
    ...['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'].flatMap((action) => [
      on(
        `EventBridge does not use ${action} for the archive of another bus`,
        service('events.amazonaws.com'),
        action,
        archive(`arn:aws:events:${region}:${account}:event-bus/other`),
      ),
      on(
        `another service does not use ${action} for the archive`,
        service('s3.amazonaws.com'),
        action,
        archive(cast.bus),
      ),
    ]),
    ...['kms:CreateGrant', 'kms:Encrypt'].map((action) =>
      on(
        `EventBridge does not use ${action} for the archive`,
        service('events.amazonaws.com'),
        action,
        archive(cast.bus),
      ),
    ),
    on('another service does not look at the key', service('s3.amazonaws.com'), 'kms:DescribeKey', {
      'aws:SourceAccount': account,
    }),
    ...['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'].map(
      (action) =>
        on(
          `CloudWatch Logs does not use ${action} for a log group of another account`,
          service(`logs.${region}.amazonaws.com`),
          action,
          logs(`arn:aws:logs:${region}:${FOREIGN}:log-group:x`),
        ),
    ),
    on(
      'CloudWatch Logs does not delete the key',
      service(`logs.${region}.amazonaws.com`),
      'kms:CreateGrant',
      logs(`arn:aws:logs:${region}:${account}:log-group:x`),
    ),
    on(
      'CloudWatch Logs of another region does not use the key',
      service('logs.us-east-1.amazonaws.com'),
      'kms:Decrypt',
      logs(`arn:aws:logs:${region}:${account}:log-group:x`),
    ),
    on('Lambda does not use the key as itself', service('lambda.amazonaws.com'), 'kms:Decrypt', {
      'aws:SourceAccount': account,
    }),
  ];
}
