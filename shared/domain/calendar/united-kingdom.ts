/**
 * Zones where a tax year without another word ends on 5 April, and a school year on 31 August. Jersey and Guernsey have
 * their own zones and another tax year.
 */
const ZONES: ReadonlySet<string> = new Set([
  'europe/london',
  'europe/belfast',
  'europe/isle_of_man',
  'gb',
  'gb-eire',
]);

export function isInUnitedKingdom(zone: string): boolean {
  return ZONES.has(zone.toLowerCase());
}
