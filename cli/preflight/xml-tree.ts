/** One element of an answer in XML. */
export interface XmlNode {
  /** The text of the child with this name, or of this element; empty if there is none. */
  text(name?: string): string;
  /** The elements of the list with this name. */
  items(name: string, item?: string): readonly XmlNode[];
}

interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** The first element of a text in XML, as services of AWS write it: no mixed content, attributes that say nothing. */
export function xmlTree(xml: string): XmlNode {
  const root: Element = { name: '', children: [], text: '' };
  const open = [root];
  for (const [, closing, name = '', empty, text] of xml.matchAll(
    /<(\/)?([A-Za-z][\w:.-]*)[^>]*?(\/)?>|<[?!][^>]*>|([^<]+)/g,
  )) {
    const top = open.at(-1) ?? root;
    if (text !== undefined) top.text += text;
    else if (closing !== undefined) open.pop();
    else if (name !== '') {
      const element: Element = { name, children: [], text: '' };
      top.children.push(element);
      if (empty === undefined) open.push(element);
    }
  }
  return node(root.children[0] ?? root);
}

function node(element: Element): XmlNode {
  const child = (name: string): Element | undefined => element.children.find((each) => each.name === name);
  return {
    text: (name) => plain((name === undefined ? element : child(name))?.text ?? ''),
    items: (name, item = 'item') =>
      (child(name)?.children ?? []).filter((each) => each.name === item).map(node),
  };
}

function plain(text: string): string {
  return text.trim().replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] ?? '');
}
