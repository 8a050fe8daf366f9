import type { WideHold } from '../ports/registry.ts';

/** Whether placing `asked` would repeat what is stored: another scope under the same id is another hold. */
export function isSameHold(stored: WideHold, asked: WideHold): boolean {
  return stored.state === 'placed' && stored.kind === asked.kind && scopeOf(stored) === scopeOf(asked);
}

function scopeOf({ scope }: WideHold): string {
  return JSON.stringify(Object.entries(scope));
}
