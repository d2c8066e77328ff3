import type { HurtName, Origin, QuarantinedBlob } from '../../catalog/index.ts';
import type { KnownContent } from '../damage.ts';
import { confine, judge, look, type JudgeDeps, type Verdict } from './judge.ts';
import { mend, type MendDeps } from './mend.ts';
import type { Pace } from './pace.ts';
import type { Finding } from './types.ts';

export interface ExaminerDeps extends JudgeDeps, MendDeps {
  readonly catalog: JudgeDeps['catalog'];
  readonly storage: JudgeDeps['storage'] & MendDeps['storage'];
}

/** How content is examined. */
export interface Examination {
  readonly by: Origin;
  readonly pace: Pace;
  readonly signal: AbortSignal;
  /** Whether damaged content is brought back from where it can be had. */
  readonly repair: boolean;
}

/** So many names that are hurt are looked up. */
const MOST_HURT = 200;

/** What is done about one content: look, quarantine, mend. */
export interface Examiner {
  /** Whether the content is as it was pushed. Changes nothing. */
  judge(content: KnownContent, examination: Examination): Promise<Verdict>;
  /**
   * Quarantines and mends what was judged to be damaged. What could not be read is mended only: it may be as it was.
   * Undefined where nothing is wrong after all.
   */
  act(content: KnownContent, verdict: Verdict, examination: Examination): Promise<Finding | undefined>;
  /** Looks at quarantined content again, lets it go where it is sound, and else tries to mend it. */
  reconsider(quarantined: QuarantinedBlob, examination: Examination): Promise<Finding>;
}

export function createExaminer(deps: ExaminerDeps): Examiner {
  const { catalog, storage, clock } = deps;

  async function bringBack(
    content: KnownContent,
    found: Pick<Finding, 'problem' | 'detail' | 'isKnown'>,
    foundMs: number | undefined,
    { by, repair, signal }: Examination,
  ): Promise<Finding> {
    const { digest, sizeBytes } = content;
    const hurt: readonly HurtName[] = await catalog.queries.listHurt(digest, MOST_HURT);
    const { from, failures } = repair
      ? await mend(deps, content, hurt, signal)
      : { from: undefined, failures: [] as const };
    if (from !== undefined && foundMs !== undefined) {
      await catalog.run('liftQuarantine', { by, nowMs: clock(), digest, foundMs });
    }
    return { digest, sizeBytes, ...found, mendedFrom: from, failures, hurt };
  }

  return {
    judge: (content, { pace, signal }) => judge(deps, content, (bytes) => pace(bytes, signal), signal),

    async act(content, verdict, examination) {
      const { by, pace, signal } = examination;
      switch (verdict.kind) {
        case 'sound':
        case 'gone':
          return undefined;
        case 'unreadable': {
          const detail = reasonOf(verdict.cause);
          return bringBack(content, { problem: 'unreadable', detail, isKnown: false }, undefined, examination);
        }
        case 'damaged': {
          const { problem } = verdict.damage;
          const onRead = (bytes: number): Promise<void> => pace(bytes, signal);
          const confined = await confine(deps, content, problem, { by, onRead, signal });
          return confined.kind === 'confined'
            ? bringBack(content, { ...verdict.damage, isKnown: false }, confined.foundMs, examination)
            : undefined;
        }
        default:
          return verdict satisfies never;
      }
    },

    async reconsider({ digest, sizeBytes, problem, foundMs }, examination) {
      const { by, pace, signal } = examination;
      const content = { digest, sizeBytes };
      const verdict = await look(storage, content, (bytes) => pace(bytes, signal), signal);
      switch (verdict.kind) {
        case 'damaged':
          return bringBack(content, { ...verdict.damage, isKnown: true }, foundMs, examination);
        case 'unreadable': {
          const found = { problem, detail: reasonOf(verdict.cause), isKnown: true };
          return bringBack(content, found, foundMs, examination);
        }
        case 'sound':
          await catalog.run('liftQuarantine', { by, nowMs: clock(), digest, foundMs });
          return { digest, sizeBytes, problem, isKnown: true, mendedFrom: 'storage', failures: [], hurt: [] };
        default:
          return verdict satisfies never;
      }
    },
  };
}

const reasonOf = (cause: unknown): string | undefined => (cause instanceof Error ? cause.message : undefined);
