/**
 * The object without the keys whose value is undefined: an optional property is absent rather than undefined.
 * Written as `{ id, ...present({ until, version }) }`. Of `null`, `''`, `0` and `false` it keeps every one.
 */
export function present<Fields extends object>(
  fields: Fields,
): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  const kept: { [Name in keyof Fields]?: Fields[Name] } = {};
  // The loop costs about as much as the spreads that it replaces; through Object.entries it would be twice that.
  for (const name in fields) {
    if (fields[name] !== undefined) kept[name] = fields[name];
  }
  return kept as { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };
}
