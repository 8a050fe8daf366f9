/**
 * Values as DynamoDB's JSON protocol writes them. Binary is base64 text there.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
 */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly B: string }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: AttributeMap };
export type AttributeMap = Readonly<Record<string, AttributeValue>>;

export function toAttribute(value: unknown): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError('a number that is not finite cannot be stored');
      return { N: String(value) };
    case 'boolean':
      return { BOOL: value };
    case 'object':
      if (value === null) break;
      if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
      return Array.isArray(value) ? { L: value.map(toAttribute) } : { M: toAttributes(value) };
    case 'undefined':
    case 'bigint':
    case 'symbol':
    case 'function':
  }
  throw new TypeError(`a value of type ${value === null ? 'null' : typeof value} cannot be stored`);
}

/** What is undefined is left out: DynamoDB has no such value. */
export function toAttributes(values: object): AttributeMap {
  const map: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(values)) if (value !== undefined) map[name] = toAttribute(value);
  return map;
}

/** Kinds that Tenure never writes (sets, null) come out as `undefined`: the item's schema then refuses them. */
export function fromAttribute(attribute: AttributeValue): unknown {
  if ('S' in attribute) return attribute.S;
  if ('N' in attribute) return Number(attribute.N);
  if ('BOOL' in attribute) return attribute.BOOL;
  if ('B' in attribute) return new Uint8Array(Buffer.from(attribute.B, 'base64'));
  if ('L' in attribute) return attribute.L.map(fromAttribute);
  if ('M' in attribute) return fromAttributes(attribute.M);
  return undefined;
}

export function fromAttributes(map: AttributeMap): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const name in map) {
    const attribute = map[name];
    if (attribute !== undefined) values[name] = fromAttribute(attribute);
  }
  return values;
}
