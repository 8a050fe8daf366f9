import * as z from 'zod';
import { present } from '../../domain/present.ts';
import type { Marks } from '../../ports/marks.ts';
import { markKey } from '../dynamodb/dynamo-heartbeat.ts';
import { part, SCHEMA, type StoredItem, trusted, whole } from '../dynamodb/dynamo-item.ts';
import type { DynamoTable } from '../dynamodb/dynamo-table.ts';

const REGISTERED = markKey('registered');

/** An attribute of the item for each store. */
const STORE = 's#';

/** One small item: a lane reads it once for a thousand rows. */
export function dynamoMarks(table: DynamoTable): Marks {
  return {
    async markRegistered(store) {
      const change = {
        expression: 'SET #s = :yes, v = :v',
        names: { '#s': `${STORE}${store}` },
        values: { ':yes': 1, ':v': SCHEMA },
      };
      await table.update(REGISTERED, change, 'attribute_not_exists(#s)');
    },

    async noteMarksWalked({ of, first, last }) {
      const change = {
        expression: `SET o = :o, f = :f, v = :v${last === undefined ? ' REMOVE l' : ', l = :l'}`,
        values: { ':o': of, ':f': first, ':v': SCHEMA, ...present({ ':l': last }) },
      };
      await table.update(REGISTERED, change);
    },

    async registeredMarks() {
      const item = await table.get(REGISTERED);
      return item === undefined ? { stores: new Set() } : fromItem(item);
    },
  };
}

const marksItem = z.object({
  o: part.text.optional(),
  f: part.instant.optional(),
  l: part.instant.optional(),
});

function fromItem(found: StoredItem) {
  const { o: of, f: first, l: last } = trusted('marks of registered records', marksItem, found);
  const names = Object.keys(found).filter((name) => name.startsWith(STORE));
  return {
    stores: new Set(names.map((name) => name.slice(STORE.length))),
    ...(of !== undefined && first !== undefined && { walked: whole({ of, first, last }) }),
  };
}
