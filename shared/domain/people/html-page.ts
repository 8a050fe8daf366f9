const STYLE =
  'body{font:16px/1.5 Georgia,"Times New Roman",serif;color:#111;background:#fff;max-width:42rem;margin:2rem auto;padding:0 1rem}' +
  'h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.1rem;margin:2rem 0 .5rem}' +
  'section{border-top:1px solid #bbb;padding:.75rem 0;break-inside:avoid}section p{margin:.25rem 0}' +
  '.what{font-weight:bold}blockquote{margin:.5rem 0;padding-left:1rem;border-left:3px solid #bbb;color:#333}' +
  '.small{color:#444;font-size:.9rem}@media print{body{margin:0;max-width:none}}';

/**
 * A page that stands alone, to print or to send: no script, and no link to anything. `body` is HTML: every text in it that
 * is not ours has to be escaped. `style` adds to the style of all pages.
 */
export function htmlPage({ title, body, style = '' }: HtmlPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
${body}
</body>
</html>
`;
}

interface HtmlPage {
  readonly title: string;
  readonly body: string;
  readonly style?: string;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** As text in a page, and in the value of an attribute between quotes. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
