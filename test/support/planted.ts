/**
 * A text as it may appear in output: as it is, in JSON, in a URL, in hexadecimal, in base64 at each of three offsets.
 */
export function formsOf(text: string): string[] {
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(' '.repeat(offset) + text).toString('base64');
    // The first and last characters also depend on the neighbouring text.
    return encoded.replace(/=+$/, '').slice(offset === 0 ? 0 : offset + 1, -1);
  });
  return [
    ...new Set([
      text,
      JSON.stringify(text).slice(1, -1),
      encodeURIComponent(text),
      Buffer.from(text).toString('hex'),
      ...base64.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]),
    ]),
  ];
}
