import type { Response } from 'supertest';

// A suite by its name only because nothing but tests may import it.

/** Secrets that a run of tests uses, and all that came out of it. */
export interface Canaries {
  /** A secret that is told apart from all others. The answers that give it may hold it. */
  readonly add: (name: string, secret: string, ...given: readonly Response[]) => string;
  /** Something that came out. */
  readonly output: (name: string, text: string) => void;
  /** Keeps an answer, with its head. */
  readonly answer: (response: Response) => Response;
  /** Where secrets were found, `user's password in GET /path`; none is right. */
  readonly found: () => readonly string[];
  /** Where something came out. */
  readonly places: () => ReadonlySet<string>;
}

export function createCanaries(): Canaries {
  const secrets: { name: string; forms: readonly string[]; given: readonly Response[] }[] = [];
  const outputs: { name: string; text: string; response?: Response }[] = [];

  return {
    places: () => new Set(outputs.filter(({ text }) => text !== '').map(({ name }) => name)),
    add(name, secret, ...given) {
      secrets.push({ name, forms: formsOf(secret), given });
      return secret;
    },
    output: (name, text) => void outputs.push({ name, text }),
    answer(response) {
      const { method, url } = response.request as unknown as { readonly method: string; readonly url: string };
      const text = `${JSON.stringify(response.headers)}\n${response.text ?? ''}`;
      outputs.push({ name: `the answer to ${method} ${new URL(url).pathname}`, text, response });
      return response;
    },
    found: () =>
      outputs.flatMap(({ name, text, response }) =>
        secrets
          .filter(({ given }) => !given.some((each) => each === response))
          .filter(({ forms }) => forms.some((form) => text.includes(form)))
          .map((secret) => `${secret.name} in ${name}`),
      ),
  };
}

/** The secret as it may look on its way: encoded, or the part of it that is of use. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  // At each of the three places that it may have in longer base64, without the edges that its neighbours change.
  const inBase64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before === 0 ? 0 : before + 1, -1),
  );
  const signature = secret.split('.').length === 3 ? [secret.split('.')[2] ?? secret] : [];
  return [secret, encodeURIComponent(secret), bytes.toString('hex'), ...inBase64, ...signature];
}
