import type { KeyColumn } from '../../domain/configuration/configuration.ts';
import { dynamoDatasetProblem } from './dynamodb-dataset.ts';
import { DynamoOptions } from './dynamodb-options.ts';
import { canCarry, dynamoCollectionProblem, dynamoPlace, indexPlace } from './dynamodb-place.ts';
import { fieldOverlap } from '../listing.ts';
import type { StoreKind, StorePlace } from '../store-kind.ts';

/** DynamoDB has no type for instants, and the text of one can be written in several ways: the item would look gone. */
function keyProblem(keys: readonly KeyColumn[]): string | undefined {
  const instant = keys.find(({ type }) => type === 'timestamp');
  if (instant !== undefined)
    return `the key "${instant.name}" is declared as \`timestamp\`, but DynamoDB keeps text, which must be found exactly as it is written; declare \`text\``;
  return keys.length > 2
    ? `a table's key has one or two columns, not ${keys.length}; declare its partition key and, if it has one, its sort key`
    : undefined;
}

function tableArn(table: string, { partition, region, account }: StorePlace): string {
  return `arn:${partition}:dynamodb:${region}:${account}:table/${table}`;
}

/** Items of one DynamoDB table, found by their full primary key: partition key, then sort key if the table has one. */
export const dynamodb: StoreKind<DynamoOptions> = {
  kind: 'dynamodb',
  options: DynamoOptions,
  keyProblem,
  collectionProblem: (_options, keys, by, where) => dynamoCollectionProblem(keys, by, where),
  datasetProblem: (_options, _keys, dataset) => dynamoDatasetProblem(dataset),
  readsAll: ({ scan }) => scan === true,
  idColumn: (keys, by) => dynamoPlace(keys, by)?.attribute ?? by,
  overlapProblem: fieldOverlap,
  canCarry,
  capabilities: {
    versions: ({ versionAttribute }) => versionAttribute !== undefined,
    tellsAbsence: ({ versionAttribute }) => versionAttribute !== undefined,
    verbs: ({ restrict }) =>
      restrict === undefined ? ['delete', 'anonymise'] : ['delete', 'anonymise', 'restrict'],
    restrictOption: "restrict: { attribute: 'restricted' }",
    markerField: ({ restrict }) => restrict?.attribute,
    nestedMasks: () => true,
    surveys: ['account', 'sample', 'neverPresent'],
    sortsRanges: false,
    joinsTables: false,
  },
  driver: { packages: ['@aws-sdk/client-dynamodb'], leftOut: [] },
  login: 'role',
  loginProblem: () => undefined,
  permissions: {
    look: ['dynamodb:BatchGetItem'],
    delete: [
      'dynamodb:BatchWriteItem',
      'dynamodb:DeleteItem',
      'dynamodb:BatchGetItem',
      'dynamodb:DescribeTable',
    ],
    anonymise: ['dynamodb:BatchGetItem', 'dynamodb:UpdateItem', 'dynamodb:DescribeTable'],
    restrict: ['dynamodb:BatchGetItem', 'dynamodb:UpdateItem', 'dynamodb:DescribeTable'],
    readBack: ['dynamodb:BatchGetItem'],
    read: ['dynamodb:BatchGetItem'],
    idsOf: ['dynamodb:BatchGetItem'],
    recovery: ['dynamodb:DescribeContinuousBackups'],
  },
  resources: ({ table }, place) => [tableArn(table, place)],
  // An index is described when a list begins: whether it is complete, and the type of its key.
  listAccess: ({ table }, place, keys, by) => {
    const arn = tableArn(table, place);
    const index = dynamoPlace(keys, by)?.index;
    if (index === undefined) return [{ actions: ['dynamodb:Query'], resources: [arn] }];
    return [
      { actions: ['dynamodb:DescribeTable'], resources: [arn] },
      { actions: ['dynamodb:Query'], resources: [`${arn}/index/${index}`] },
    ];
  },
  // Each row is read from the table, too: an index may be older than it.
  rangeAccess: ({ table }, place, { index = '', scan }) => {
    const arn = tableArn(table, place);
    if (scan === true) return [{ actions: ['dynamodb:BatchGetItem', 'dynamodb:Scan'], resources: [arn] }];
    return [
      { actions: ['dynamodb:BatchGetItem', 'dynamodb:DescribeTable'], resources: [arn] },
      { actions: ['dynamodb:Query'], resources: [`${arn}/index/${indexPlace(index)?.index ?? ''}`] },
    ];
  },
  surveyAccess: ({ table }, { partition, region, account }, requests) => {
    const tables = `arn:${partition}:dynamodb:${region}:${account}:table/`;
    const readsItems = requests.includes('sample') || requests.includes('neverPresent');
    return [
      {
        actions: ['dynamodb:DescribeTable', ...(readsItems ? ['dynamodb:Scan'] : [])],
        resources: [`${tables}${table}`],
      },
      ...(requests.includes('account')
        ? [
            { actions: ['dynamodb:ListTables'], resources: ['*'] },
            { actions: ['dynamodb:DescribeTable'], resources: [`${tables}*`] },
          ]
        : []),
    ];
  },
  vendor: () => undefined,
  async open(parsed, tools) {
    const { openDynamoStore } = await import('./dynamodb-store.ts');
    return openDynamoStore(parsed, tools);
  },
};
