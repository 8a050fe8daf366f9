/**
 * Freezes plain data all the way down. A memory adapter can then return its stored objects without copying. Code that
 * changes an object that it has stored or read throws, where with a database the change would silently be lost.
 */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
