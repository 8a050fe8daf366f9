import type { PolicyRule, Source } from '../configuration/policy.ts';

/** A rule in its own words. A law, and a rule of one jurisdiction, with where it counts and where it comes from. */
export function cited({
  text,
  level,
  jurisdiction,
  source,
}: Pick<PolicyRule, 'text' | 'level' | 'jurisdiction'> & { readonly source?: Source | undefined }): string {
  const origin = level === 'statutory' || level === 'jurisdiction' ? [jurisdiction, source?.document] : [];
  const known = origin.filter((part) => part !== undefined);
  return `“${text}”${known.length === 0 ? '' : ` (${known.join(', ')})`}`;
}
