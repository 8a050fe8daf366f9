import type { TableDescription } from '@aws-sdk/client-dynamodb';
import type { DatasetConfiguration } from '../../../shared/domain/configuration/configuration.ts';
import { findClockIndex } from '../../../shared/stores/dynamodb/dynamodb-clock-index.ts';
import { clockIndex } from '../../../shared/stores/dynamodb/dynamodb-dataset.ts';
import { withoutRequests } from './preflight-datasets.ts';
import { type Finding, fails, note } from '../preflight-finding.ts';
import type { StoreReach } from '../preflight-reach.ts';

/** Bytes of one read unit of a scan that is not consistent. */
const UNIT = 8192;

/** Whether the rows of each dataset can be read by their clocks, and what it takes. */
export function checkDatasets(
  name: string,
  table: TableDescription,
  { datasets = [], collections = [] }: StoreReach,
): readonly Finding[] {
  return datasets.flatMap((dataset) => [
    ...problemsOf(table, dataset).map((message) =>
      fails(name, `the dataset ${dataset.category}: ${message}`),
    ),
    ...scanned(name, table, dataset),
    ...withoutRequests(name, dataset, collections),
  ]);
}

function problemsOf(table: TableDescription, dataset: DatasetConfiguration): string[] {
  const index = clockIndex(dataset);
  const clock = dataset.clock[dataset.by];
  // Where the configuration names none, it says so itself.
  if (index === undefined || clock === undefined) return [];
  const found = findClockIndex(table, index, { clock, where: dataset.where ?? {} });
  switch (found.state) {
    case 'found':
      return [];
    case 'no-index':
      return [
        `the table has no global secondary index ${index.index} with the partition key ${index.attribute}; correct \`index\` or create it`,
      ];
    case 'no-ids':
      return [
        `the partition key of the index ${index.index} is bytes, which \`where\` cannot name; use another index`,
      ];
    case 'no-partition':
      return [
        `the partition key ${index.attribute} of the index ${index.index} is ${typeof index.partition === 'string' ? 'a number, and `where` has a text' : 'text, and `where` has a number'}; correct \`where\``,
      ];
    case 'no-order':
      return [
        `the sort key of the index ${index.index} is not ${clock.column}, so the index does not have the rows in the order of their clock; use or create another index`,
      ];
    case 'no-clock':
      return [
        clock.unit === undefined
          ? `the sort key ${clock.column} of the index ${index.index} is not text; if it is a number, write what it counts as its \`unit\``
          : `the sort key ${clock.column} of the index ${index.index} is not a number; remove its \`unit\` if it is text such as 2026-03-01T10:00:00Z`,
      ];
    case 'incomplete':
      return [`the index ${index.index} is not complete; wait until it is ACTIVE`];
    case 'no-fields':
      return [
        `\`where\` names ${found.missing.join(', ')}, which the index ${index.index} does not have; create one that projects them`,
      ];
  }
}

function scanned(
  name: string,
  { TableSizeBytes: bytes = 0 }: TableDescription,
  { category, scan }: DatasetConfiguration,
): Finding[] {
  if (scan !== true) return [];
  const units = Math.ceil(bytes / UNIT).toLocaleString('en');
  return [
    note(
      name,
      `the dataset ${category}: each day the whole table is read, about ${units} read units now; an index with the clock as its sort key would cost less`,
    ),
  ];
}
