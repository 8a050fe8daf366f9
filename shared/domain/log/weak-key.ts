/**
 * The y of every point of small order on the curve of Ed25519, in all its spellings, without the sign of x. Under such a
 * key anyone can sign anything. https://eprint.iacr.org/2020/1244
 */
const SMALL_ORDER = new Set([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
]);

/** Not every version of OpenSSL refuses the signatures of such a key. */
export function isWeakKey(publicKey: Uint8Array): boolean {
  const bytes = Uint8Array.from(publicKey);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) & 0x7f;
  return SMALL_ORDER.has(Buffer.from(bytes).toString('hex'));
}
