import type { Digest, UploadId } from '../../../pkg/oci/index.ts';
import { createLeaseStore, type Catalog, type Origin } from '../../catalog/index.ts';
import { createRunGroup, type Begun } from '../../jobs/index.ts';
import type { Storage } from '../../storage/index.ts';
import { allOf } from '../pages.ts';
import { createExaminer, type Examination } from './examiner.ts';
import { keepNotes } from './notes.ts';
import type { ScrubConfig } from './options.ts';
import { createPace } from './pace.ts';
import { makePass, type Place } from './pass.ts';
import { findUnfinished, isRunning, nextPassMs, parseRow, toRow, type ScrubRun, type ScrubTrigger } from './run.ts';
import { createSuspects } from './suspects.ts';
import { createTelling, type ScrubLog } from './telling.ts';
import { NOTHING_SCRUBBED, type Finding, type RepairSource } from './types.ts';

export interface ScrubDeps {
  readonly catalog: Catalog;
  readonly storage: Pick<Storage, 'blobs' | 'uploads' | 'check'>;
  readonly config: ScrubConfig;
  /** Where damaged content can be had again, in the order in which they are asked. */
  readonly sources: readonly RepairSource[];
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Milliseconds, monotonic. */
  readonly ticks: () => number;
  /** Rejects when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A text that nobody else makes. */
  readonly newId: () => string;
  readonly newUploadId: () => UploadId;
  readonly log: ScrubLog;
  /** Hears of all that is found, and of each pass when it ends or is cut short. */
  readonly onFinding?: (finding: Finding) => void;
  readonly onRun?: (run: ScrubRun, readBytes: number) => void;
}

export interface ScrubRequest {
  readonly trigger: ScrubTrigger;
  readonly by: Origin;
  /** In place of `scrub.repair`. */
  readonly repair?: boolean | undefined;
  /** In place of `scrub.rate`: bytes a second, 0 without end. */
  readonly rate?: number | undefined;
  /** Begins a new pass also where one was cut short, and could be gone on with. */
  readonly anew?: boolean | undefined;
  /** Looks only at what came since then. */
  readonly sinceMs?: number | undefined;
  /** Looks only at what is quarantined. */
  readonly onlyQuarantined?: boolean | undefined;
  readonly onFinding?: ((finding: Finding) => void) | undefined;
  readonly onProgress?: ((run: ScrubRun) => void) | undefined;
  /** Hears why the pass broke off, where nobody stopped it. */
  readonly onFailure?: ((failure: Error) => void) | undefined;
  /** Hears of bytes as they are read. */
  readonly onRead?: ((bytes: number) => void) | undefined;
}

export interface ScrubStatus {
  readonly isRunning: boolean;
  /** Undefined where there is none by itself. */
  readonly nextMs: number | undefined;
  /** The pass that goes on, or else the last one. */
  readonly last: ScrubRun | undefined;
  readonly sources: readonly string[];
}

/** The scrub of a process: it reads all content, quarantines what went bad, and brings it back from elsewhere. */
export interface Scrub {
  readonly config: ScrubConfig;
  /**
   * Begins a pass, or goes on with one. What becomes of it is in its result, failures too. `busy`: one goes on already,
   * here or elsewhere.
   */
  begin(request: ScrubRequest): Promise<Begun<ScrubRun>>;
  /** Makes a pass where the schedule asks for it, or tries to mend what is quarantined. Throws what went wrong. */
  runIfDue(signal: AbortSignal): Promise<void>;
  /** Looks at content soon: who read it found it damaged. */
  suspect(digest: Digest): void;
  status(): Promise<ScrubStatus>;
  /** Ends what runs, which is gone on with by the next start, and resolves when it has ended. */
  close(): Promise<void>;
}

const LEASE = 'scrub';
const LEASE_MS = 30_000;
const REMEMBERED_MS = 400 * 24 * 3_600_000;
/** Enough to find the last pass over all content. */
const LOOKED_AT = 100;
/** What is quarantined is looked at again so often where there is no pass: sources come back, and so do disks. */
const AGAIN_MS = 3_600_000;

export function createScrub(deps: ScrubDeps): Scrub {
  const { catalog, storage, config, sources, clock, log, newId, onRun } = deps;
  const leases = createLeaseStore(catalog);
  const passes = createRunGroup('the scrub is stopped');
  const examiner = createExaminer(deps);
  const tell = createTelling(log, deps.onFinding);
  const intervalMs = config['scrub.interval'];
  const isScheduled = config['scrub.enabled'] && intervalMs > 0;
  let lookedAgainMs = clock();

  const listRuns = async (): Promise<readonly ScrubRun[]> =>
    (await catalog.queries.listScrubRuns(LOOKED_AT)).map(parseRow);
  const record = (run: ScrubRun): Promise<void> =>
    catalog.run('recordScrubRun', { run: toRow(run), forgetMs: clock() - REMEMBERED_MS });

  function examinationFor(request: Pick<ScrubRequest, 'by' | 'rate' | 'repair' | 'onRead'>, signal: AbortSignal) {
    const pace = createPace(deps, request.rate ?? config['scrub.rate']);
    const read = { bytes: 0 };
    const examination: Examination = {
      by: request.by,
      repair: (request.repair ?? config['scrub.repair']) && sources.length > 0,
      signal,
      pace: (bytes, until) => {
        read.bytes += bytes;
        request.onRead?.(bytes);
        return pace(bytes, until);
      },
    };
    return { examination, read };
  }

  /** Looks at all that is quarantined once more. */
  async function lookAgain(examination: Examination, onFinding: (finding: Finding) => void): Promise<void> {
    lookedAgainMs = clock();
    const quarantined = allOf(
      (page) => catalog.queries.listQuarantine(page),
      ({ digest }) => digest,
    );
    for await (const blob of quarantined) {
      examination.signal.throwIfAborted();
      onFinding(await examiner.reconsider(blob, examination));
    }
  }

  /** From its first note to its last. Never throws. */
  async function execute(request: ScrubRequest, signal: AbortSignal): Promise<ScrubRun> {
    const { trigger, onlyQuarantined, onProgress } = request;
    const startedMs = clock();
    const sinceMs = onlyQuarantined ? startedMs : request.sinceMs;
    const begun: ScrubRun = {
      id: newId(),
      trigger,
      startedMs,
      finishedMs: undefined,
      aliveMs: startedMs,
      isUnderWay: true,
      sinceMs,
      after: undefined,
      tally: NOTHING_SCRUBBED,
      error: undefined,
    };
    const notes = keepNotes(begun, { record, clock, onProgress });
    const { examination, read } = examinationFor(request, signal);
    const onFinding = (finding: Finding): void => {
      tell.finding(finding);
      request.onFinding?.(finding);
    };
    let end: Partial<ScrubRun>;
    try {
      const unfinished = sinceMs === undefined && !request.anew ? findUnfinished(await listRuns()) : undefined;
      await notes.note(unfinished ? { ...unfinished, trigger, isUnderWay: true, error: undefined } : {});
      await storage.check();
      // What an earlier pass found is not counted by this one.
      await lookAgain(examination, onFinding);
      const onPlace = ({ after, tally }: Place): Promise<void> => notes.note({ after, tally });
      const place = notes.run();
      const { after, tally } = onlyQuarantined
        ? place
        : await makePass({ catalog, examiner, onFinding }, { place, sinceMs }, examination, onPlace);
      end = { after, tally, finishedMs: clock() };
    } catch (cause) {
      tell.brokeOff(notes.run(), cause, signal.aborted);
      const failure = cause instanceof Error ? cause : new Error('it failed', { cause });
      end = signal.aborted ? {} : { error: failure.message };
      if (!signal.aborted) request.onFailure?.(failure);
    }
    const run = await notes.end(end);
    tell.end(run);
    onRun?.(run, read.bytes);
    return run;
  }

  function begin(request: ScrubRequest, stop?: AbortSignal): Promise<Begun<ScrubRun>> {
    const run = (signal: AbortSignal): Promise<ScrubRun> => execute(request, signal);
    // A holder of its own, so that of two passes of this process one is the other's rival too.
    const lease = { leases, clock, holder: `scrub ${newId()}` };
    return passes.begin({ name: LEASE, leaseMs: LEASE_MS, run }, lease, stop);
  }

  const ofItself = (): Origin => ({ principal: 'scrub', address: '', requestId: newId() });

  const suspects = createSuspects({
    catalog,
    examiner,
    examinationFor: () => examinationFor({ by: ofItself() }, passes.signal).examination,
    onFinding: tell.finding,
    onFailure: tell.failure,
  });

  return {
    config,
    begin: (request) => begin(request),
    async runIfDue(signal) {
      if (!isScheduled) return;
      if (nextPassMs(await listRuns(), intervalMs) <= clock()) {
        await storage.check(); // not begun where it is away: no pass has failed then
        let failure: Error | undefined;
        const onFailure = (why: Error): void => void (failure = why);
        const begun = await begin({ trigger: 'schedule', by: ofItself(), onFailure }, signal);
        if (begun.kind === 'busy') return;
        await begun.done;
        if (failure) throw failure;
      } else if (clock() - lookedAgainMs >= AGAIN_MS) {
        await storage.check();
        await lookAgain(examinationFor({ by: ofItself() }, signal).examination, tell.again);
      }
    },
    suspect: (digest) => {
      if (!passes.signal.aborted) void passes.run(() => suspects.add(digest));
    },
    async status() {
      const runs = await listRuns();
      const nowMs = clock();
      const running = runs.find((run) => isRunning(run, nowMs));
      return {
        isRunning: running !== undefined,
        nextMs: isScheduled ? Math.max(nowMs, nextPassMs(runs, intervalMs)) : undefined,
        last: running ?? runs[0],
        sources: sources.map(({ name }) => name),
      };
    },
    close: () => passes.close(),
  };
}
