import type { Exchange, FormatFailure } from '../http/index.ts';

/** What a page of ours may load or run: nothing. It may send forms to us. */
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'referrer-policy': 'no-referrer',
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** Text as it stands in a page. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

const page = (title: string, body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head><body>${body}</body></html>\n`;

/** Answers with a page; the body is HTML, in which all that came from elsewhere is escaped. */
export const respondPage = (exchange: Exchange, status: number, title: string, body: string): void =>
  exchange.respond(status, PAGE_HEADERS, page(title, body));

/** Whether JSON is what the client asks for; a browser never does. */
export const wantsJson = (exchange: Exchange): boolean =>
  /\bapplication\/json\b/i.test(exchange.header('accept') ?? '');

/** Whether a person looks at the answer. */
export const wantsPage = (exchange: Exchange): boolean => /\btext\/html\b/i.test(exchange.header('accept') ?? '');

/** Sends a browser on; for what shows no page by itself, the address stands in the body. */
export function redirect(exchange: Exchange, location: string): void {
  const link = `<a href="${escaped(location)}">${escaped(location)}</a>`;
  exchange.respond(302, { ...PAGE_HEADERS, location }, page('Go on', `<p>Go on to ${link}</p>`));
}

/** A failure as a person reads it. */
export const formatPage: FormatFailure = ({ status, message, detail }) => ({
  contentType: PAGE_HEADERS['content-type'],
  body: page(`${status}`, `<h1>${escaped(message)}</h1>${detail.map((text) => `<p>${escaped(text)}</p>`).join('')}`),
});
