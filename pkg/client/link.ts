/** The target of the first `rel="next"` of a `Link` header (RFC 8288); undefined where there is none. */
export function findNextLink(header: string | null): string | undefined {
  let rest = header ?? '';
  for (;;) {
    const target = /^[\s,]*<([^<>]*)>/.exec(rest);
    if (!target) return undefined;
    rest = rest.slice(target[0].length);
    const params = /^(?:[^,"]|"[^"]*")*/.exec(rest)?.[0] ?? '';
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))/i.exec(params);
    if ((rel?.[1] ?? rel?.[2])?.toLowerCase().split(/\s+/).includes('next')) return target[1];
    rest = rest.slice(params.length);
  }
}
