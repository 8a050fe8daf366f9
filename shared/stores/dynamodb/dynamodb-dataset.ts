import type { DatasetConfiguration } from '../../domain/configuration/configuration.ts';
import { own } from '../../domain/own.ts';
import { type DynamoPlace, indexPlace } from './dynamodb-place.ts';

/** An index with the clock as its sort key, and the one of its partitions that `where` names. */
export interface ClockIndex extends Required<DynamoPlace> {
  readonly partition: string | number;
}

/** `undefined` if `index` names none, or if `where` does not say which of its partitions has the rows. */
export function clockIndex({
  index = '',
  where = {},
}: Pick<DatasetConfiguration, 'index' | 'where'>): ClockIndex | undefined {
  const place = indexPlace(index);
  const partition = place && own(where, place.attribute);
  if (place === undefined || partition === undefined || typeof partition === 'boolean') return undefined;
  return { ...place, partition };
}

/** Of which type an attribute is, and what an index has, is known to the table only. */
export function dynamoDatasetProblem(dataset: DatasetConfiguration): string | undefined {
  const { clock, by, index, scan, where = {}, attributes = {}, entities = {} } = dataset;
  if ((index === undefined) === (scan === undefined)) return WAYS;
  const names = [
    ...Object.values(clock).map(({ column }) => column),
    ...Object.values(attributes),
    ...Object.values(entities),
    ...Object.keys(where),
  ];
  if (names.some((name) => name === '' || Buffer.byteLength(name) > 255))
    return 'clocks, attributes, entities and the fields of `where` are attributes of items, with names of 1 to 255 bytes; write one, such as `createdAt`';
  if (index === undefined) return undefined;
  const place = indexPlace(index);
  if (place === undefined)
    return "`index` is the name of a global secondary index, a colon and its partition key, such as 'by-kind:kind'; correct it";
  const swept = own(clock, by)?.column ?? '';
  if (Object.hasOwn(where, swept))
    return `\`where\` names "${swept}", the sort key of the index, and DynamoDB filters by no key; remove it`;
  return clockIndex(dataset) === undefined
    ? `a query reads one partition of an index, and \`where\` does not say which; write the text or the number that "${place.attribute}" has in all rows of the dataset, such as where: { ${place.attribute}: 'access' }`
    : undefined;
}

const WAYS =
  "DynamoDB finds items by their clock only in a global secondary index with the clock as its sort key; name it and its partition key, such as index: 'by-kind:kind', or write scan: true instead, which reads the whole table once a day";
