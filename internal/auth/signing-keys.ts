import { hkdfSync } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from 'jose';
import type { Catalog, SigningKeyRow } from '../catalog/index.ts';
import type { Facts } from './knowledge.ts';

/** Tokens are signed with this and nothing else, whatever they say of themselves. */
export const ALGORITHM = 'EdDSA';

export interface SigningKeys {
  /** The key that signs, made where there is none. */
  signer(): Promise<{ readonly kid: string; readonly key: CryptoKey }>;
  /** The key that a token says it is signed with; undefined: none of ours. */
  verifier(kid: string): Promise<CryptoKey | undefined>;
  /**
   * What other things may be signed with, the same in all processes: the first signs, each may be believed. Nothing of
   * one purpose is good for another.
   */
  secretsFor(purpose: string): Promise<readonly Uint8Array[]>;
  /** The public halves, as others may read them. */
  published(): Promise<{ readonly keys: readonly JWK[] }>;
  /** Makes a new key where the newest is old, and drops those that no token can be signed with any more. */
  rotate(): Promise<void>;
}

export interface SigningKeysDeps {
  readonly catalog: Pick<Catalog, 'run'>;
  readonly facts: () => Promise<Facts>;
  /** Has the next `facts` be new ones. */
  readonly renew: () => void;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly newId: () => string;
  /** How long a key signs. */
  readonly rotationMs: number;
  /** How long whatever it signed may be good. */
  readonly longestTokenMs: number;
}

/** A new key signs when every replica has had time to hear of it. */
const SETTLE_MS = 30_000;
/** Clocks of replicas differ, by no more than this. */
const SKEW_MS = 5 * 60_000;
const SECRET_BYTES = 32;

export function createSigningKeys(deps: SigningKeysDeps): SigningKeys {
  const { catalog, facts, renew, clock, newId, rotationMs, longestTokenMs } = deps;
  const imported = new WeakMap<
    SigningKeyRow,
    { readonly secret: Promise<CryptoKey>; readonly open: Promise<CryptoKey> }
  >();

  function importPair(row: SigningKeyRow) {
    const known = imported.get(row);
    if (known) return known;
    const made = { secret: importKey(row.privateJwk), open: importKey(row.publicJwk) };
    imported.set(row, made);
    return made;
  }

  async function rows(): Promise<readonly SigningKeyRow[]> {
    const found = (await (await facts()).signingKeys()).filter(({ algorithm }) => algorithm === ALGORITHM);
    if (found.length > 0) return found;
    await rotate();
    return (await facts()).signingKeys();
  }

  async function rotate(): Promise<void> {
    const nowMs = clock();
    const key = await createKey(newId(), nowMs);
    const done = await catalog.run('rotateSigningKey', {
      key,
      renewBeforeMs: nowMs - rotationMs,
      dropBeforeMs: nowMs - rotationMs - longestTokenMs - SETTLE_MS - SKEW_MS,
    });
    if (done) renew();
  }

  const signing = (all: readonly SigningKeyRow[]): SigningKeyRow | undefined =>
    all.find(({ createdMs }) => createdMs <= clock() - SETTLE_MS) ?? all.at(-1);

  return {
    signer: async () => {
      const row = signing(await rows());
      if (!row) throw new Error('there is no key to sign with, though one was made');
      return { kid: row.kid, key: await importPair(row).secret };
    },
    verifier: async (kid) => {
      const row = (await (await facts()).signingKeys()).find((each) => each.kid === kid);
      return row?.algorithm === ALGORITHM ? importPair(row).open : undefined;
    },
    secretsFor: async (purpose) => {
      const all = await rows();
      const first = signing(all);
      return [...(first ? [first] : []), ...all.filter((row) => row !== first)].map(({ privateJwk }) =>
        Buffer.from(hkdfSync('sha256', privateJwk, '', purpose, SECRET_BYTES)),
      );
    },
    published: async () => ({ keys: (await rows()).map(({ publicJwk }) => JSON.parse(publicJwk) as JWK) }),
    rotate,
  };
}

async function importKey(text: string): Promise<CryptoKey> {
  const key = await importJWK(JSON.parse(text) as JWK, ALGORITHM);
  if (key instanceof Uint8Array) throw new Error('a signing key is no key pair');
  return key;
}

async function createKey(kid: string, createdMs: number): Promise<SigningKeyRow> {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
  const [open, secret] = await Promise.all([exportJWK(publicKey), exportJWK(privateKey)]);
  const marks = { kid, alg: ALGORITHM, use: 'sig' };
  return {
    kid,
    algorithm: ALGORITHM,
    publicJwk: JSON.stringify({ ...open, ...marks }),
    privateJwk: JSON.stringify({ ...secret, ...marks }),
    createdMs,
  };
}
