const UTF_8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text that has exactly these bytes, with a byte order mark if they begin with one. Nothing if they are not UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return UTF_8.decode(bytes);
  } catch {
    return undefined;
  }
}
