import { parseStatement } from '../../../local/engines/statements.ts';
import type { AttributeMap, AttributeValue } from '../../../shared/adapters/dynamodb/attribute-values.ts';
import type {
  DynamoAnswer,
  DynamoCall,
  DynamoOperations,
} from '../../../shared/adapters/dynamodb/dynamo-call.ts';
import { type Given, holds, nameOf } from './item-conditions.ts';

type Input<Name extends keyof DynamoOperations> = DynamoOperations[Name][0];
type Output<Name extends keyof DynamoOperations> = DynamoOperations[Name][1];
type Carried = { readonly [Name in keyof DynamoOperations]: (input: Input<Name>) => Output<Name> };

/** DynamoDB reads that much at once. */
const PAGE = 1000;

/** How a release is told that DynamoDB refused a request: by an error of its own class. */
export type Refusal = new (
  name: string,
  told: { readonly operation: string; readonly status: number; readonly resent: boolean },
) => Error;

/**
 * The items of one table in this process, as attributes: thousands of requests a second, in the same order each time.
 * It knows what the registry asks for. The embedded engine, which knows all of DynamoDB, is used by every test of the
 * registry itself.
 */
export interface ItemTable {
  /** The client of one release. */
  callOf(refusal: Refusal): DynamoCall;
  all(): readonly AttributeMap[];
  partition(PK: string): readonly AttributeMap[];
  remove(item: AttributeMap): void;
}

class Refused extends Error {}

export function itemTable(): ItemTable {
  const partitions = new Map<string, Map<string, AttributeMap>>();
  const orders = new Map<string, string[]>();

  const text = (value: AttributeValue | undefined): string =>
    value !== undefined && 'S' in value ? value.S : '';
  const get = ({ PK, SK }: AttributeMap): AttributeMap | undefined => partitions.get(text(PK))?.get(text(SK));
  function put(item: AttributeMap): void {
    const [PK, SK] = [text(item['PK']), text(item['SK'])];
    const partition = partitions.get(PK) ?? new Map<string, AttributeMap>();
    partitions.set(PK, partition);
    if (!partition.has(SK)) orders.delete(PK);
    partition.set(SK, Object.freeze(item));
  }
  function remove({ PK, SK }: AttributeMap): void {
    if (partitions.get(text(PK))?.delete(text(SK)) === true) orders.delete(text(PK));
  }
  function sorted(PK: string): readonly string[] {
    const known = orders.get(PK) ?? [...(partitions.get(PK)?.keys() ?? [])].toSorted();
    orders.set(PK, known);
    return known;
  }
  const at = (PK: string, SKs: readonly string[]): readonly AttributeMap[] =>
    SKs.map((SK) => partitions.get(PK)?.get(SK)).filter((item) => item !== undefined);
  const rows = (PK: string): readonly AttributeMap[] => at(PK, sorted(PK));

  function check(
    item: AttributeMap | undefined,
    { ConditionExpression, ...given }: { readonly ConditionExpression?: string } & Expressed,
  ): void {
    if (!holds(ConditionExpression, givenOf(given), item ?? {})) throw new Refused();
  }

  function update(input: Omit<Input<'UpdateItem'>, 'ReturnValues'>): AttributeMap {
    const former = get(input.Key);
    check(former, input);
    const changes = changesOf(input.UpdateExpression, givenOf(input), former ?? {});
    const next: Record<string, AttributeValue> = { ...(former ?? input.Key), ...changes.set };
    for (const name of changes.remove) delete next[name];
    put(next);
    return changes.set;
  }

  const carry: Carried = {
    GetItem({ Key }) {
      const Item = get(Key);
      return Item === undefined ? {} : { Item };
    },
    PutItem({ Item, ...conditional }) {
      check(get(Item), conditional);
      put(Item);
      return {};
    },
    UpdateItem: (input) => ({ Attributes: update(input) }),
    DeleteItem({ Key, ...conditional }) {
      check(get(Key), conditional);
      remove(Key);
      return {};
    },
    Query({
      KeyConditionExpression,
      ExclusiveStartKey,
      Limit = PAGE,
      ExpressionAttributeValues: values = {},
    }) {
      const after = ExclusiveStartKey === undefined ? '' : text(ExclusiveStartKey['SK']);
      const [from, to] = [text(values[':from']), text(values[':to'])];
      const isRange = KeyConditionExpression.includes('BETWEEN');
      const prefix = text(values[':prefix']);
      const PK = text(values[':partition']);
      const keys = sorted(PK).filter(
        (SK) => SK > after && SK.startsWith(prefix) && (!isRange || (SK >= from && SK <= to)),
      );
      const Items = at(PK, keys.slice(0, Limit));
      return { Items, ...(keys.length > Limit && { LastEvaluatedKey: keyOf(Items.at(-1)) }) };
    },
    Scan({ Segment, TotalSegments, FilterExpression, ExclusiveStartKey, ExpressionAttributeValues }) {
      const after = ExclusiveStartKey === undefined ? undefined : nameOfKey(ExclusiveStartKey);
      const own = [...partitions.keys()].filter((PK) => segmentOf(PK, TotalSegments) === Segment).toSorted();
      const items = own.flatMap(rows).filter((item) => after === undefined || nameOfKey(item) > after);
      const page = items.slice(0, PAGE);
      const Items = page.filter((item) =>
        holds(FilterExpression, { values: ExpressionAttributeValues }, item),
      );
      return { Items, ...(items.length > PAGE && { LastEvaluatedKey: keyOf(page.at(-1)) }) };
    },
    BatchGetItem({ RequestItems }) {
      const found = Object.entries(RequestItems).map(([table, { Keys }]) => [
        table,
        Keys.map(get).filter((item) => item !== undefined),
      ]);
      return { Responses: Object.fromEntries(found) as Readonly<Record<string, readonly AttributeMap[]>> };
    },
    BatchWriteItem({ RequestItems }) {
      for (const request of Object.values(RequestItems).flat()) {
        if ('PutRequest' in request) put(request.PutRequest.Item);
        else remove(request.DeleteRequest.Key);
      }
      return {};
    },
    BatchExecuteStatement: ({ Statements }) => ({
      Responses: Statements.map(({ Statement, Parameters }) => {
        const { operation, input, refusal } = parseStatement(Statement, Parameters);
        try {
          if (operation === 'PutItem') carry.PutItem(input as unknown as Input<'PutItem'>);
          else {
            const given = input as unknown as Input<'UpdateItem'>;
            if (get(given.Key) === undefined) throw new Refused();
            update(given);
          }
          return {};
        } catch (error) {
          if (error instanceof Refused) return { Error: { Code: refusal } };
          throw error;
        }
      }),
    }),
  };

  return {
    callOf: (RefusalOfIts) => async (operation, input) => {
      // A request takes a while: others come between.
      await Promise.resolve();
      try {
        const body = carry[operation](input);
        return { body, resent: false } as DynamoAnswer<Output<typeof operation>>;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        const told = { operation, status: 400, resent: false };
        throw new RefusalOfIts('ConditionalCheckFailedException', told);
      }
    },
    all: () => [...partitions.keys()].flatMap(rows),
    partition: rows,
    remove,
  };
}

interface Expressed {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: AttributeMap;
}

function givenOf({ ExpressionAttributeNames, ExpressionAttributeValues }: Expressed): Given {
  return { names: ExpressionAttributeNames, values: ExpressionAttributeValues };
}

/** `SET a = :a, b = if_not_exists(b, :b) ADD n :n REMOVE c, d`. */
function changesOf(expression: string, given: Given, former: AttributeMap) {
  const set: Record<string, AttributeValue> = {};
  const remove: string[] = [];
  const valueOf = (token: string): AttributeValue => {
    const value = given.values?.[token];
    if (value === undefined) throw new SyntaxError(`the value ${token} is not given`);
    return value;
  };
  for (const [, clause = '', body = ''] of expression.matchAll(
    /(SET|ADD|REMOVE) (.*?)(?= SET | ADD | REMOVE |$)/g,
  )) {
    for (const part of body.split(/, (?![^(]*\))/)) {
      if (clause === 'REMOVE') {
        remove.push(nameOf(part, given));
        continue;
      }
      const [, token = '', fallback, plain = ''] =
        /^([\w#]+)(?: =)? (?:if_not_exists\(\w+, (:\w+)\)|(:\w+))$/.exec(part) ?? [];
      const name = nameOf(token, given);
      if (name === '') throw new SyntaxError(`the change ${part} is not known here`);
      if (fallback !== undefined) set[name] = former[name] ?? valueOf(fallback);
      else if (clause === 'SET') set[name] = valueOf(plain);
      else set[name] = { N: String(numberOf(former[name]) + numberOf(valueOf(plain))) };
    }
  }
  return { set, remove };
}

function numberOf(value: AttributeValue | undefined): number {
  return value !== undefined && 'N' in value ? Number(value.N) : 0;
}

function keyOf(item: AttributeMap = {}): AttributeMap {
  const { PK, SK } = item;
  if (PK === undefined || SK === undefined) throw new TypeError('an item has its two keys');
  return { PK, SK };
}

function nameOfKey({ PK, SK }: AttributeMap): string {
  return JSON.stringify([PK, SK]);
}

function segmentOf(PK: string, segments: number): number {
  let sum = 0;
  for (const letter of PK) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_536;
  return sum % segments;
}
