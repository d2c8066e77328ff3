import type { BackupFiles, BackupName } from '../../storage/index.ts';
import { BackupError } from './backup-error.ts';

/**
 * One backup at a time is made in a target, whoever makes it: what one finds there another must not prune. Of the same
 * registry a lease of the catalog sees to that; this is for registries that were given the same target by mistake, for
 * clones, and for processes that stood still.
 */
export interface Claim {
  /** Aborted when the claim is found to be lost. */
  readonly lost: AbortSignal;
  /** Throws a BackupError where the claim was lost. */
  check(): Promise<void>;
  /** Gives it back; where that cannot be done it ends by itself. Of a backup that was not finished nothing but content stays. */
  end(): Promise<void>;
}

export interface ClaimDeps {
  readonly files: BackupFiles;
  readonly name: BackupName;
  /** The registry that asks: a claim that it left behind is no claim, since it makes one backup at a time. */
  readonly registry: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

interface Begun {
  readonly registry: string;
  readonly name: BackupName;
  readonly aliveMs: number;
}

/** How often a sign of life is given. */
const SIGN_MS = 30_000;
/** A claim that was not heard of for so long is nobody's: far longer than clocks of machines differ. */
const SILENCE_MS = 10 * 60_000;

/**
 * Claims the target for a backup of this name. What was left there of backups that broke off goes; of content all stays.
 * Throws a BackupError where somebody else is at work there.
 */
export async function claimTarget({ files, name, registry, clock }: ClaimDeps): Promise<Claim> {
  const sign = async (): Promise<void> => {
    const begun: Begun = { registry, name, aliveMs: clock() };
    await files.put(name, 'begun', Buffer.from(`${JSON.stringify(begun)}\n`));
  };

  await sign();
  // Looked only after the own sign is there: of two who begin at once at least one sees the other.
  const { leftovers, rival } = await look();
  if (rival) {
    await files.remove(name, 'begun');
    throw new BackupError('busy', `backup ${rival} is being made in that place, of another registry`);
  }
  for (const { leftover, isFinished } of leftovers) {
    if (!isFinished) await files.remove(leftover, 'dump');
    await files.remove(leftover, 'begun');
  }

  async function look(): Promise<{
    leftovers: { leftover: BackupName; isFinished: boolean }[];
    rival: string | undefined;
  }> {
    const names = new Map<BackupName, Set<string>>();
    for await (const { name: each, file } of files.list()) {
      if (each !== name) names.set(each, (names.get(each) ?? new Set()).add(file));
    }
    const found = [];
    for (const [each, itsFiles] of names) {
      const isFinished = itsFiles.has('json');
      const begun = itsFiles.has('begun') ? await readBegun(each) : undefined;
      const isAlive = begun !== undefined && begun.registry !== registry && begun.aliveMs > clock() - SILENCE_MS;
      if (isAlive) return { leftovers: [], rival: each };
      if (!isFinished || itsFiles.has('begun')) found.push({ leftover: each, isFinished });
    }
    return { leftovers: found, rival: undefined };
  }

  async function readBegun(of: BackupName): Promise<Begun | undefined> {
    const bytes = await files.read(of, 'begun');
    try {
      return bytes && (JSON.parse(Buffer.from(bytes).toString()) as Begun); // written whole, by this program
    } catch {
      return undefined; // a sign that says nothing is none
    }
  }

  async function check(): Promise<void> {
    const begun = await readBegun(name);
    if (begun?.registry !== registry) throw new BackupError('busy', 'another backup was begun in that place meanwhile');
  }

  const losing = new AbortController();
  let renewing: Promise<void> = Promise.resolve();
  async function renew(): Promise<void> {
    try {
      await check();
      await sign();
    } catch (failure) {
      // A target that is away for a moment takes nothing from anybody.
      if (failure instanceof BackupError) losing.abort(failure);
    }
  }
  const timer = setInterval(() => void (renewing = renewing.then(renew)), SIGN_MS);
  timer.unref();

  async function end(): Promise<void> {
    clearInterval(timer);
    await renewing;
    try {
      if ((await readBegun(name))?.registry !== registry) return;
      if (!(await files.read(name, 'json'))) await files.remove(name, 'dump');
      await files.remove(name, 'begun');
    } catch {
      // The target is away, which whoever works with it is told; the next backup of this registry sees to it.
    }
  }

  return { lost: losing.signal, check, end };
}
