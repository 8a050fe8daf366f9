import type { Driver } from '../driver/driver.ts';
import { entriesIn, isResultEntry, violations } from '../driver/violations.ts';
import type { MemoryVendor } from './memory-vendor.ts';

/** What no worker of a vendor can say: it does nothing itself, and reads nothing. */
const OF_STORES = /its worker did nothing$|without having read back$|^a deletion has no entry$/;

/** Everything that must never be, whatever was killed: sentences, none if all is well. */
export async function vendorViolations(d: Driver, vendor: MemoryVendor): Promise<readonly string[]> {
  const wrong = (await violations(d)).filter((sentence) => !OF_STORES.test(sentence));
  const entries = entriesIn(d).map(({ entry }) => entry);
  const told = entries.filter(isResultEntry).length;
  if (told < new Set(d.store.effects.map(({ locator }) => locator[0])).size)
    wrong.push('a deletion at the vendor has no entry');
  for (const entry of entries) {
    const { outcome, acted, due, readBack } = entry;
    if (outcome === 'deleted' && readBack === undefined)
      wrong.push('an entry says deleted, and nothing was read');
    if (outcome === 'requested' && (acted === undefined || due === undefined || acted < due))
      wrong.push('a vendor was asked early');
  }
  // Of one holding, a request is not sent while another one may not have arrived.
  const lastOf = new Map<string, readonly string[]>();
  for (const { id, locator } of vendor.sent) {
    const name = String(locator[0]);
    const before = lastOf.get(name) ?? [];
    if (before.includes(id) && before.at(-1) !== id) wrong.push('an older request was sent again');
    lastOf.set(name, [...before, id]);
  }
  return [...new Set(wrong)];
}
