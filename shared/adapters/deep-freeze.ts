/**
 * Freezes plain data all the way down. What a memory adapter stores can then be handed out as it is: whoever changes
 * an object that it has put or read throws, where a database would silently have kept the other value.
 */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
