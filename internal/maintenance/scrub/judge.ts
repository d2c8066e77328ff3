import type { Catalog, DamageKind, Origin } from '../../catalog/index.ts';
import type { Storage } from '../../storage/index.ts';
import { findDamage, findKept, type Damage, type KnownContent, type OnRead } from '../damage.ts';

export interface JudgeDeps {
  readonly catalog: Pick<Catalog, 'queries' | 'run'>;
  readonly storage: Pick<Storage, 'blobs' | 'check'>;
  readonly clock: () => number;
}

/** What there is to say of content. `gone`: the catalog has it no more, so that nothing is wrong. */
export type Verdict =
  | Readonly<{ kind: 'sound' }>
  | Readonly<{ kind: 'gone' }>
  | Readonly<{ kind: 'damaged'; damage: Damage }>
  | Readonly<{ kind: 'unreadable'; cause: unknown }>;

/**
 * Reads content, and reads it once more before anything bad is said of it. Throws where storage as a whole cannot be read
 * just now: then nothing is to be said of any content.
 */
export async function judge(
  { catalog, storage }: JudgeDeps,
  content: KnownContent,
  onRead: OnRead,
  signal: AbortSignal,
): Promise<Verdict> {
  const first = await look(storage, content, onRead, signal);
  if (first.kind === 'sound') return first;
  await storage.check();
  // It may be collected just now, by who is meant to, or have been pushed again.
  const kept = await findKept(catalog, content.digest);
  return kept ? look(storage, kept, onRead, signal) : { kind: 'gone' };
}

/** Reads content once. Throws only where the signal ends it. */
export async function look(
  { blobs }: Pick<Storage, 'blobs'>,
  content: KnownContent,
  onRead: OnRead,
  signal: AbortSignal,
): Promise<Exclude<Verdict, { kind: 'gone' }>> {
  signal.throwIfAborted();
  try {
    const damage = await findDamage(blobs, content, onRead);
    return damage ? { kind: 'damaged', damage } : { kind: 'sound' };
  } catch (cause) {
    signal.throwIfAborted();
    return { kind: 'unreadable', cause };
  }
}

/** What became of content that was to be quarantined, with the time by which that can be lifted. */
export type Confined = Readonly<{ kind: 'sound' | 'gone' }> | Readonly<{ kind: 'confined'; foundMs: number }>;

/**
 * Quarantines content that was judged to be damaged. Whoever pushed it between the judgement and the quarantine brought
 * good content to its place, and was told so: therefore it is looked at a last time, and let go where it is sound.
 */
export async function confine(
  deps: JudgeDeps,
  content: KnownContent,
  problem: DamageKind,
  { by, onRead, signal }: { readonly by: Origin; readonly onRead: OnRead; readonly signal: AbortSignal },
): Promise<Confined> {
  const { catalog, storage, clock } = deps;
  const { digest } = content;
  const done = await catalog.run('quarantine', { by, nowMs: clock(), digest, problem });
  if (done.kind === 'gone') return { kind: 'gone' };
  const { foundMs } = done;
  const kept = (await findKept(catalog, digest)) ?? content;
  const last = await look(storage, kept, onRead, signal);
  if (last.kind !== 'sound') return { kind: 'confined', foundMs };
  await catalog.run('liftQuarantine', { by, nowMs: clock(), digest, foundMs });
  return { kind: 'sound' };
}
