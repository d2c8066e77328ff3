/** A browser of tests: keeps cookies by host, and follows redirects only as far as it is told. */
export interface Browser {
  /** Asks, with its cookies; a redirect is an answer like any other. */
  get(url: string | URL, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Follows redirects, from this URL on, until one leads to another origin: where to. */
  leave(url: string | URL): Promise<URL>;
  /** What it would send to that URL. */
  cookies(url: string | URL): ReadonlyMap<string, string>;
}

const MOST_HOPS = 10;

export function createBrowser(): Browser {
  const jar = new Map<string, Map<string, string>>();
  const cookiesFor = (url: URL): Map<string, string> => {
    const found = jar.get(url.host) ?? new Map<string, string>();
    jar.set(url.host, found);
    return found;
  };

  async function get(target: string | URL, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    const url = new URL(target);
    const cookies = cookiesFor(url);
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { ...(cookie !== '' && { cookie }), ...headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const at = pair.indexOf('=');
      const isGone = attributes.some((each) => /^max-age=0$/i.test(each) || /^expires=.*1970/i.test(each));
      if (isGone) cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  return {
    get,
    cookies: (url) => cookiesFor(new URL(url)),
    async leave(start) {
      let url = new URL(start);
      for (let hop = 0; hop < MOST_HOPS; hop += 1) {
        const response = await get(url);
        const location = response.headers.get('location');
        if (location === null) throw new Error(`${url.href} answers ${response.status}: ${await response.text()}`);
        const next = new URL(location, url);
        if (next.origin !== url.origin) return next;
        url = next;
      }
      throw new Error(`too many redirects from ${String(start)}`);
    },
  };
}
