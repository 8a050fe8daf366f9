import type { Registry } from '../../ports/registry.ts';
import { dynamoColumns } from '../columns/dynamo-columns.ts';
import { dynamoLogIndex } from '../log-index/dynamo-log-index.ts';
import { dynamoMarks } from '../marks/dynamo-marks.ts';
import { dynamoProposals } from '../people/dynamo-proposals.ts';
import { dynamoRequests } from '../people/dynamo-requests.ts';
import { dynamoPolicyPlans } from '../policy-plan/dynamo-policy-plans.ts';
import { dynamoBacklog } from './dynamo-backlog.ts';
import type { DynamoCall } from './dynamo-call.ts';
import { dynamoEntities } from './dynamo-entities.ts';
import { dynamoHints } from './dynamo-hints.ts';
import { dynamoHoldings } from './dynamo-holdings.ts';
import { dynamoHolds } from './dynamo-holds.ts';
import { dynamoResults } from './dynamo-results.ts';
import { dynamoTable } from './dynamo-table.ts';
import { dynamoUpkeep } from './dynamo-upkeep.ts';

/**
 * The registry in one DynamoDB table: string keys `PK` and `SK`, time to live in `ttl`, no index. Which item lies
 * where stands in the design's table of items; what each attribute's short name means, in the codec beside its kind.
 * `isAdopted`: the table was restored from a backup, and a person has to say when disposal may go on.
 */
export function dynamoRegistry(
  call: DynamoCall,
  tableName: string,
  { isAdopted = false }: { readonly isAdopted?: boolean } = {},
): Registry {
  const table = dynamoTable(call, tableName);
  return {
    ...dynamoEntities(table),
    ...dynamoColumns(table),
    ...dynamoHoldings(table),
    ...dynamoHints(table),
    ...dynamoBacklog(table),
    ...dynamoResults(table),
    ...dynamoLogIndex(table),
    ...dynamoHolds(table, { tableName, isAdopted }),
    ...dynamoRequests(table),
    ...dynamoProposals(table),
    ...dynamoPolicyPlans(table),
    ...dynamoMarks(table),
    ...dynamoUpkeep(table),
  };
}
