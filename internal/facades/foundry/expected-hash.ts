import { findDigest, OciError, type Digest } from '../../../pkg/oci/index.ts';
import type { Exchange } from '../../http/index.ts';

/**
 * What the client says that the bytes are (foundry contract, section 3.1): `X-Artifact-Hash` in hex, `Repr-Digest` or
 * `Digest` (RFC 9530 and the one before it) in Base64, of which other algorithms than SHA-256 are passed over. Undefined
 * where it says nothing. REQUEST_INVALID for what cannot be read, or where two of them differ.
 */
export function findExpectedHash(exchange: Exchange): Digest | undefined {
  const plain = exchange.header('x-artifact-hash');
  const said = [
    ...(plain === undefined ? [] : [parse(plain.trim().toLowerCase())]),
    ...readDictionary(exchange.header('repr-digest'), /^:([A-Za-z0-9+/]+={0,2}):$/),
    ...readDictionary(exchange.header('digest'), /^([A-Za-z0-9+/]+={0,2})$/),
  ];
  if (new Set(said).size > 1) throw new OciError('REQUEST_INVALID', 'the hashes in the headers differ');
  return said[0];
}

/** `sha-256=<value>, sha-512=<value>` */
function readDictionary(header: string | undefined, form: RegExp): readonly Digest[] {
  return (header ?? '').split(',').flatMap((member) => {
    const at = member.indexOf('=');
    if (member.slice(0, Math.max(0, at)).trim().toLowerCase() !== 'sha-256') return [];
    const [, encoded = ''] = form.exec(member.slice(at + 1).trim()) ?? [];
    return [parse(Buffer.from(encoded, 'base64').toString('hex'))];
  });
}

function parse(hex: string): Digest {
  const digest = findDigest(`sha256:${hex}`);
  if (digest === undefined) throw new OciError('REQUEST_INVALID', 'the hash in the headers is no SHA-256');
  return digest;
}
