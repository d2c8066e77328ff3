import type { Exchange, Failure, FailureForm } from '../../http/index.ts';

const { STATUS_CODES } = process.getBuiltinModule('node:http'); // to import it loads an HTTP client besides

/** What clients of Foundry print, by our codes; all others say their detail, or what the table says. */
const MESSAGES: Readonly<Record<string, string>> = {
  DENIED: 'forbidden',
  UNKNOWN: 'internal error',
};

/** foundry contract, section 1.1; section 4 of what a 401 asks for. */
export function formatFailure(failure: Failure, exchange: Exchange): FailureForm {
  const { status } = failure;
  const body = { error: STATUS_CODES[status] ?? 'Error', code: status, message: messageOf(failure, exchange) };
  return {
    contentType: 'application/json',
    body: `${JSON.stringify(body)}\n`,
    ...(status === 401 && { headers: { 'www-authenticate': 'Bearer realm="foundry"' } }),
  };
}

function messageOf({ status, code, message, detail }: Failure, exchange: Exchange): string {
  if (status === 401) {
    const scheme = /^(?:bearer|basic) +\S/i.test(exchange.header('authorization')?.trim() ?? '');
    return scheme ? 'invalid token' : 'missing or invalid authorization header';
  }
  if (status === 405 && detail.length === 0) return 'method not allowed';
  const [said] = detail;
  return MESSAGES[code] ?? said ?? (status === 404 ? 'route not found' : message);
}

/** An answer of the contract: an object or array, and a newline. */
export function respondJson(exchange: Exchange, status: number, value: unknown): void {
  exchange.respond(status, { 'content-type': 'application/json' }, `${JSON.stringify(value)}\n`);
}
