import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import type { StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';
import { OWN_LIMITS } from '../../shared/domain/request-limits.ts';
import { foundAt } from '../../shared/stores/aws-client.ts';
import { DynamoOptions } from '../../shared/stores/dynamodb/dynamodb-options.ts';
import { findIndex } from '../../shared/stores/dynamodb/dynamodb-listing.ts';
import { dynamoPlace } from '../../shared/stores/dynamodb/dynamodb-place.ts';
import { recoveryDays } from '../../shared/stores/dynamodb/dynamodb-recovery.ts';
import { replicasOf } from '../../shared/stores/dynamodb/dynamodb-replicas.ts';
import { KEY_ATTRIBUTES } from '../../shared/stores/dynamodb/dynamodb-values.ts';
import { checkDatasets } from './datasets/preflight-dynamodb-datasets.ts';
import { type Finding, fails, note, unknown } from './preflight-finding.ts';
import type { StoreReach } from './preflight-reach.ts';

/**
 * Checks that the table exists, that its key is the declared one, that `backupDays` covers its backups, and what else
 * deletes, copies or brings back its items.
 */
export async function checkDynamoTable(
  name: string,
  store: StoreConfiguration,
  reach: StoreReach,
): Promise<readonly Finding[]> {
  const options = DynamoOptions.parse(store.options);
  const { table } = options;
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
      ...marked(name, Table, options),
      ...replicated(name, Table, options),
      ...streamed(name, Table),
      ...indexed(name, Table, store, reach),
      ...checkDatasets(name, Table, reach),
      ...(await expiring(client, name, table)),
      ...(await backups(client, name, table, store)),
    ];
  } catch (error) {
    return [unreadable(name, table, store.region, error)];
  } finally {
    client.destroy();
  }
}

/** The attributes that a table describes are those of its key and of its indexes: none of them can be a BOOL. */
function marked(name: string, table: TableDescription, { restrict }: DynamoOptions): Finding[] {
  if (restrict === undefined) return [];
  const isKey = table.AttributeDefinitions?.some(({ AttributeName }) => AttributeName === restrict.attribute);
  return isKey === true
    ? [
        fails(
          name,
          `the attribute ${restrict.attribute}, which \`restrict\` names, is a key of the table or of an index, so it cannot be \`true\`; use another attribute`,
        ),
      ]
    : [
        note(
          name,
          `IAM cannot deny single items, so what reads the table has to leave out those with the attribute ${restrict.attribute}; see docs/stores/dynamodb.md`,
        ),
      ];
}

function replicated(name: string, table: TableDescription, { replicas }: DynamoOptions): Finding[] {
  const { isGlobal, regions } = replicasOf(table);
  if (!isGlobal) return [];
  const where = regions.length === 0 ? '' : ` with replicas in ${regions.join(', ')}`;
  return replicas === undefined
    ? [
        fails(
          name,
          `the table is a global table${where}: a write in another region can bring back a record that was disposed of here, so the lane refuses to act; use a table without replicas, or write in \`options.replicas.accepted\` why this is acceptable`,
        ),
      ]
    : [
        note(
          name,
          `the table is a global table${where}, which is accepted (${replicas.accepted}); check that the policies' \`regions\` include them`,
        ),
      ];
}

function streamed(name: string, { StreamSpecification: stream }: TableDescription): Finding[] {
  if (stream?.StreamEnabled !== true || stream.StreamViewType === 'KEYS_ONLY') return [];
  return [
    note(
      name,
      'the stream of the table contains deleted and masked items for 24 hours, and what reads it may keep copies; have its readers delete them, too',
    ),
  ];
}

async function expiring(client: DynamoDBClient, name: string, TableName: string): Promise<Finding[]> {
  try {
    const { TimeToLiveDescription: found } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
    if (!['ENABLED', 'ENABLING'].includes(found?.TimeToLiveStatus ?? '')) return [];
    return [
      note(
        name,
        `the table has a time to live: DynamoDB deletes items by their attribute "${found?.AttributeName ?? '?'}", even before their time or under a hold, and without an entry in the deletion log; disable it, or leave the attribute out of items that a policy covers`,
      ),
    ];
  } catch {
    return [
      note(
        name,
        'the time to live of the table could not be read; allow dynamodb:DescribeTimeToLive, or check that the table has none',
      ),
    ];
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
    const days = found === undefined ? 0 : recoveryDays(found);
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

/** A collection by an index needs that index to be complete, and to have the fields of its filter. */
function indexed(
  name: string,
  table: TableDescription,
  { keys }: StoreConfiguration,
  { collections = [] }: StoreReach,
): Finding[] {
  return collections.flatMap(({ category, by, where = {} }) => {
    const place = dynamoPlace(keys, by);
    if (place?.index === undefined) return [];
    const found = findIndex(table, place, Object.keys(where));
    const say = (message: string) => [fails(name, `the collection ${category}: ${message}`)];
    switch (found.state) {
      case 'found':
        return [];
      case 'no-index':
        return say(
          `the table has no global secondary index ${place.index} with the partition key ${place.attribute}; correct \`by\` or create the index`,
        );
      case 'no-ids':
        return say(
          `the partition key of the index ${place.index} is bytes, which no id can be; use another index`,
        );
      case 'incomplete':
        return say(`the index ${place.index} is not complete; wait until it is ACTIVE`);
      case 'no-fields':
        return say(
          `\`where\` names ${found.missing.join(', ')}, which the index ${place.index} does not have; create one that projects all attributes`,
        );
    }
  });
}
