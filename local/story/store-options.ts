import type { StoreConfiguration } from '../../shared/domain/configuration/configuration.ts';

/** The attribute, column or tag that says so. Of an object, tags are among its fields. */
export function markOf({ options }: StoreConfiguration): string | undefined {
  const restrict = options['restrict'] as Readonly<Record<string, string>> | undefined;
  return Object.values(restrict ?? {})[0];
}

/** Of a dataset, the column that says when its rows were made. */
export function clockOf({ datasets: [dataset] = [] }: StoreConfiguration): string | undefined {
  return Object.values(dataset?.clock ?? {})[0]?.column;
}

/** Of a dataset in DynamoDB: an index with the clock as its sort key. */
export function indexesOf(store: StoreConfiguration) {
  const [IndexName, partition] = store.datasets?.[0]?.index?.split(':') ?? [];
  const clock = clockOf(store);
  if (IndexName === undefined || partition === undefined || clock === undefined) return {};
  return {
    AttributeDefinitions: [partition, clock].map((AttributeName) => {
      return { AttributeName, AttributeType: 'S' as const };
    }),
    GlobalSecondaryIndexes: [
      {
        IndexName,
        KeySchema: [
          { AttributeName: partition, KeyType: 'HASH' as const },
          { AttributeName: clock, KeyType: 'RANGE' as const },
        ],
        Projection: { ProjectionType: 'ALL' as const },
      },
    ],
  };
}
