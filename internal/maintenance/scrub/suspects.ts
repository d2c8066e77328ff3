import type { Digest } from '../../../pkg/oci/index.ts';
import type { Catalog } from '../../catalog/index.ts';
import { findKept } from '../damage.ts';
import type { Examination, Examiner } from './examiner.ts';
import type { Finding } from './types.ts';

export interface SuspectsDeps {
  readonly catalog: Pick<Catalog, 'queries'>;
  readonly examiner: Pick<Examiner, 'judge' | 'act'>;
  readonly examinationFor: () => Examination;
  readonly onFinding: (finding: Finding) => void;
  readonly onFailure: (digest: Digest, cause: unknown) => void;
}

export interface Suspects {
  /** Has the content examined after those that wait already. Resolves when none wait any more; never throws. */
  add(digest: Digest): Promise<void>;
}

/** More than these are left to the next pass. */
const MOST_WAITING = 1000;

/** Content that somebody found damaged while reading it: examined one by one, each once however often it is told. */
export function createSuspects(deps: SuspectsDeps): Suspects {
  const { catalog, examiner, examinationFor, onFinding, onFailure } = deps;
  const waiting = new Set<Digest>();
  let working: Promise<void> | undefined;

  async function examine(digest: Digest): Promise<void> {
    const examination = examinationFor();
    try {
      const kept = await findKept(catalog, digest);
      const verdict = kept && (await examiner.judge(kept, examination));
      const finding = kept && verdict && (await examiner.act(kept, verdict, examination));
      if (finding) onFinding(finding);
    } catch (cause) {
      if (!examination.signal.aborted) onFailure(digest, cause);
    }
  }

  async function work(): Promise<void> {
    for (const digest of waiting) {
      await examine(digest);
      waiting.delete(digest); // not before: who finds it damaged meanwhile tells nothing new
    }
    working = undefined;
  }

  return {
    add(digest) {
      if (waiting.size < MOST_WAITING) waiting.add(digest);
      working ??= work();
      return working;
    },
  };
}
