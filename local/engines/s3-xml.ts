/** Elements to write: an array repeats its element, `undefined` leaves it out. */
export type Xml = string | number | boolean | undefined | XmlElements | readonly Xml[];
export interface XmlElements {
  readonly [name: string]: Xml;
}

export function xmlText(elements: XmlElements): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${written(elements)}`;
}

function written(elements: XmlElements): string {
  return Object.entries(elements)
    .flatMap(([name, value]) =>
      isList(value) ? value.map((one) => [name, one] as const) : [[name, value] as const],
    )
    .map(([name, value]) => {
      if (value === undefined) return '';
      const content = typeof value === 'object' ? written(value as XmlElements) : escaped(String(value));
      return `<${name}>${content}</${name}>`;
    })
    .join('');
}

function isList(value: Xml): value is readonly Xml[] {
  return Array.isArray(value);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;')
    .replaceAll('\n', '&#10;');
}

/** The contents of all elements of this name, as they stand. */
export function elementsIn(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>(.*?)</${name}>`, 'gs'))].map(
    ([, content = '']) => content,
  );
}

/** The text of the first element of this name. */
export function textIn(xml: string, name: string): string | undefined {
  return elementsIn(xml, name)
    .at(0)
    ?.replaceAll(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (_, hex?: string, digits?: string, named?: string) =>
      named === undefined
        ? String.fromCodePoint(Number.parseInt(hex ?? digits ?? '', hex === undefined ? 10 : 16))
        : (NAMED[named] ?? ''),
    );
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
