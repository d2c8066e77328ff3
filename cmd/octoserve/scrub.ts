import { setTimeout } from 'node:timers/promises';
import { v4 } from 'uuid';
import { CliError, PRODUCT_VERSION, UsageError, type CommandInput, type Io } from '../../internal/cli/index.ts';
import { parseBytes } from '../../internal/config/index.ts';
import { createRepairSources, createScrub, type Scrub } from '../../internal/maintenance/index.ts';
import { createOutbound } from '../../internal/outbound/index.ts';
import { newUploadId } from './registry.ts';
import type { Stores } from './stores.ts';
import { findTime } from './times.ts';

/** What `octoserve scrub` was asked for. */
export interface ScrubAsked {
  readonly repair: boolean;
  readonly anew: boolean;
  readonly onlyQuarantined: boolean;
  readonly rate: number | undefined;
  readonly sinceMs: number | undefined;
}

/** Reads the options of the command; a UsageError names what cannot be read. */
export function parseScrubRequest(options: CommandInput['options'], nowMs: number): ScrubAsked {
  const { rate, since } = options;
  const bytes = typeof rate === 'string' ? parseBytes(rate.replace(/\/s$/, '')) : undefined;
  if (typeof rate === 'string' && bytes === undefined) throw new UsageError(`--rate ${rate} is no size, as 50MiB is`);
  const sinceMs = typeof since === 'string' ? findTime(since, nowMs) : undefined;
  if (typeof since === 'string' && sinceMs === undefined) throw new UsageError(`--since ${since} is no time`);
  return {
    repair: options['repair'] === true,
    anew: options['all'] === true,
    onlyQuarantined: options['quarantined'] === true,
    rate: bytes,
    sinceMs,
  };
}

/** Runs `use` with a scrub over the stores of a command, under the same lease as that of a server beside it. */
export async function withScrub<Result>(
  { config, storage, catalog }: Stores,
  io: Io,
  asked: ScrubAsked,
  use: (scrub: Scrub) => Promise<Result>,
): Promise<Result> {
  const sources = createRepairSources({
    config,
    storageDeps: { clock: Date.now, uuid: v4 },
    openOutbound: () =>
      createOutbound({
        allowedNetworks: config['outbound.allow_networks'],
        timeoutMs: config['outbound.timeout'],
        version: PRODUCT_VERSION,
      }),
    version: PRODUCT_VERSION,
    cwd: io.cwd,
  });
  if (asked.repair && sources.length === 0) {
    throw new CliError('There is nothing to bring damaged content back from', {
      hint: 'Name a backup (--scrub.backup FOLDER) or another registry (--scrub.peer.url URL), or set them in the configuration.',
    });
  }
  const quiet = (): void => undefined; // the command tells what came of it
  const scrub = createScrub({
    catalog,
    storage,
    config,
    sources,
    clock: Date.now,
    ticks: () => performance.now(),
    pause: (ms, signal) => setTimeout(ms, undefined, { signal }),
    newId: v4,
    newUploadId,
    log: { info: quiet, error: quiet },
  });
  try {
    return await use(scrub);
  } finally {
    await scrub.close();
    await Promise.all(sources.map((source) => source.close()));
  }
}
