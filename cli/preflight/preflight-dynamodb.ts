import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { OWN_LIMITS } from '../../shared/domain/request-limits.ts';
import { foundAt } from '../../shared/stores/aws-client.ts';
import { DynamoOptions } from '../../shared/stores/dynamodb/dynamodb-options.ts';
import { KEY_ATTRIBUTES } from '../../shared/stores/dynamodb/dynamodb-values.ts';
import { type Finding, fails, note, unknown } from './preflight-finding.ts';
import type { StoreReach } from './preflight-reach.ts';

/** Checks that the table exists, that its key is the declared one, and that `backupDays` covers its backups. */
export async function checkDynamoTable(
  name: string,
  store: StoreConfiguration,
  reach: StoreReach,
): Promise<readonly Finding[]> {
  const { table } = DynamoOptions.parse(store.options);
  const client = new DynamoDBClient({ region: store.region, ...foundAt(reach.connection), ...OWN_LIMITS });
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    if (Table === undefined)
      return [
        fails(name, `table ${table} not found in ${store.region}; correct \`options.table\` or \`region\``),
      ];
    const types = new Map(
      Table.AttributeDefinitions?.map((each) => [each.AttributeName, each.AttributeType]),
    );
    const found = (Table.KeySchema ?? [])
      .toSorted((one) => (one.KeyType === 'HASH' ? -1 : 1))
      .map(({ AttributeName = '' }) => `${AttributeName} ${types.get(AttributeName) ?? '?'}`);
    const declared = store.keys.map((key) => `${key.name} ${KEY_ATTRIBUTES[key.type]}`);
    return [
      ...(Table.TableStatus === 'ACTIVE'
        ? []
        : [
            fails(
              name,
              `the status of the table is ${Table.TableStatus ?? 'unknown'}; wait until it is ACTIVE`,
            ),
          ]),
      ...(found.join() === declared.join()
        ? []
        : [
            fails(
              name,
              `the key of the table is ${found.join(', ')}, but the configuration declares ${declared.join(', ')}; correct \`keys\``,
            ),
          ]),
      ...(Table.SSEDescription?.KMSMasterKeyArn !== undefined && reach.laneKey === undefined
        ? [
            fails(
              name,
              'the table is encrypted with a customer-managed key; name it in `lane.key`, otherwise the lane is denied access',
            ),
          ]
        : []),
      ...(await backups(client, name, table, store)),
    ];
  } catch (error) {
    return [unreadable(name, table, store.region, error)];
  } finally {
    client.destroy();
  }
}

async function backups(
  client: DynamoDBClient,
  name: string,
  TableName: string,
  { backupDays }: StoreConfiguration,
): Promise<readonly Finding[]> {
  try {
    const { ContinuousBackupsDescription: found } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName }),
    );
    const recovery = found?.PointInTimeRecoveryDescription;
    if (recovery?.PointInTimeRecoveryStatus !== 'ENABLED') return [];
    const days = recovery.RecoveryPeriodInDays ?? 35;
    return (backupDays ?? 0) >= days
      ? []
      : [
          fails(
            name,
            `deleted items can be restored for ${days} days; set \`backupDays\` to ${days} or more`,
          ),
        ];
  } catch {
    return [
      note(
        name,
        'the point-in-time recovery settings could not be read; allow dynamodb:DescribeContinuousBackups, or check that `backupDays` covers the recovery period',
      ),
    ];
  }
}

function unreadable(name: string, table: string, region: string, error: unknown): Finding {
  const code = error instanceof Error ? error.name : 'unknown';
  if (code === 'ResourceNotFoundException')
    return fails(name, `table ${table} not found in ${region}; correct \`options.table\` or \`region\``);
  return unknown(
    name,
    `the table ${table} could not be read (${code}); this check needs dynamodb:DescribeTable`,
  );
}
