type Json = Readonly<Record<string, unknown>>;

/**
 * Whether an event matches a pattern: the parts of EventBridge's patterns that the rules use.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function matchesPattern(pattern: Json, event: unknown): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    if (name === '$or') return (wanted as readonly Json[]).some((each) => matchesPattern(each, event));
    const found = isObject(event) ? event[name] : undefined;
    if (!Array.isArray(wanted)) return matchesPattern(wanted as Json, found);
    return wanted.some((each) => matchesValue(each, found));
  });
}

function matchesValue(wanted: unknown, found: unknown): boolean {
  if (!isObject(wanted)) return wanted === found;
  const [[operator, operand] = [], ...more] = Object.entries(wanted);
  if (more.length > 0) throw new Error('a pattern has two operators in one place');
  if (operator === 'exists') return (found !== undefined) === operand;
  if (operator === 'anything-but') return found !== undefined && !(operand as unknown[]).includes(found);
  throw new Error(`EventBridge's operator ${operator} is not known here`);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
