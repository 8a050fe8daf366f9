import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type TableDescription,
} from '@aws-sdk/client-dynamodb';
import { OWN_LIMITS } from '../../shared/domain/request-limits.ts';
import type { AwsPlace } from '../../shared/adapters/call-aws.ts';
import { fails, type Finding, note, unknown } from './preflight-finding.ts';

const WHERE = 'registry';
const KEYS = 'PK HASH, SK RANGE';

/**
 * The table that `deployment.registry.adopt` names: whether DynamoDB restored it from a registry, and is done with it,
 * and whether it has the key of the table that it was restored from. Functions may use no other key.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreSummary.html
 */
export async function checkAdopted(
  table: string | undefined,
  { region, credentials, endpoint }: AwsPlace,
): Promise<readonly Finding[]> {
  if (table === undefined) return [];
  const client = new DynamoDBClient({
    region,
    credentials,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...OWN_LIMITS,
  });
  try {
    const found = await describe(client, table);
    return found === undefined
      ? [fails(WHERE, `table ${table} not found in ${region}; correct \`deployment.registry.adopt\``)]
      : [
          ...shapeOf(table, found),
          ...(await originOf(client, table, found)),
          ...(await protectionOf(client, found)),
        ];
  } catch (error) {
    return [
      unknown(
        WHERE,
        `the table ${table} could not be read (${codeOf(error)}); this check needs dynamodb:DescribeTable and dynamodb:DescribeContinuousBackups`,
      ),
    ];
  } finally {
    client.destroy();
  }
}

function shapeOf(
  table: string,
  { TableStatus, KeySchema = [], RestoreSummary }: TableDescription,
): Finding[] {
  const keys = KeySchema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`)
    .toSorted()
    .join(', ');
  const isRestored = TableStatus === 'ACTIVE' && RestoreSummary?.RestoreInProgress !== true;
  return [
    ...(isRestored
      ? []
      : [
          fails(
            WHERE,
            `table ${table} is ${TableStatus ?? 'unknown'}, and its restore has not ended; wait until it is ACTIVE`,
          ),
        ]),
    ...(keys === KEYS
      ? []
      : [fails(WHERE, `the key of table ${table} is ${keys}, not ${KEYS}; name the table of a registry`)]),
  ];
}

/** A table that was not restored may be the deployment's own. */
async function originOf(
  client: DynamoDBClient,
  table: string,
  { RestoreSummary, SSEDescription, TableArn }: TableDescription,
): Promise<Finding[]> {
  const source = RestoreSummary?.SourceTableArn;
  if (source === undefined || source === TableArn)
    return [
      unknown(
        WHERE,
        `table ${table} does not say from which table it was restored; adopt only a table that DynamoDB restored from the registry, never the registry itself`,
      ),
    ];
  const key = SSEDescription?.KMSMasterKeyArn;
  const former = await describe(client, source);
  if (former === undefined)
    return [
      unknown(
        WHERE,
        `the table from which ${table} was restored is not there any more, so their keys cannot be compared: make sure that ${key ?? 'a key that AWS owns'} is the key of the deployment`,
      ),
    ];
  const expected = former.SSEDescription?.KMSMasterKeyArn;
  return key === expected
    ? []
    : [
        fails(
          WHERE,
          `table ${table} is encrypted with ${key ?? 'a key that AWS owns'}, but the table that it was restored from with ${expected ?? 'a key that AWS owns'}, so every function would be denied access; restore it again with that key`,
        ),
      ];
}

/** Adoption switches these on. */
async function protectionOf(
  client: DynamoDBClient,
  { TableName, DeletionProtectionEnabled }: TableDescription,
): Promise<Finding[]> {
  const { ContinuousBackupsDescription } = await client.send(
    new DescribeContinuousBackupsCommand({ TableName }),
  );
  const recovery = ContinuousBackupsDescription?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus;
  const off = [
    ...(recovery === 'ENABLED' ? [] : ['point-in-time recovery']),
    ...(DeletionProtectionEnabled === true ? [] : ['deletion protection']),
  ];
  return off.length === 0
    ? []
    : [note(WHERE, `table ${TableName} is without ${off.join(' and ')} until the deployment switches it on`)];
}

async function describe(client: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (codeOf(error) === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}
