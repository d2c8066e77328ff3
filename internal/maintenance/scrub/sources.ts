import type { Outbound } from '../../outbound/index.ts';
import {
  formatBackupPlace,
  openBackupSource,
  parseBackupPlace,
  type BackupS3Config,
  type StorageDeps,
} from '../../storage/index.ts';
import type { BackupConfig } from '../backup/index.ts';
import { createBackupSource } from './backup-source.ts';
import type { ScrubConfig } from './options.ts';
import { createPeerSource } from './peer-source.ts';
import type { RepairSource } from './types.ts';

export interface SourcesDeps {
  readonly config: ScrubConfig & BackupConfig & BackupS3Config;
  readonly storageDeps: StorageDeps;
  /** The way to a peer; opened where there is one, and closed with the sources. */
  readonly openOutbound: () => Outbound;
  readonly version: string;
  /** Where the path of a folder starts that is not absolute. */
  readonly cwd: string;
}

/** Where damaged content can be had again, as configured: the backup first, which is nearer and costs nobody else. */
export function createRepairSources(deps: SourcesDeps): readonly RepairSource[] {
  return [backupOf(deps), peerOf(deps)].filter((source) => source !== undefined);
}

function backupOf({ config, storageDeps, cwd }: SourcesDeps): RepairSource | undefined {
  const text = config['scrub.backup'] ?? config['backup.target'];
  if (text === undefined) return undefined;
  const place = parseBackupPlace(text, cwd);
  if (typeof place === 'string') throw new TypeError(`scrub.backup ${place}`); // checked when it was read
  return createBackupSource(() => openBackupSource(place, config, storageDeps), formatBackupPlace(place));
}

function peerOf({ config, openOutbound, version }: SourcesDeps): RepairSource | undefined {
  if (config['scrub.peer.url'] === undefined) return undefined;
  const outbound = openOutbound();
  const peer = createPeerSource(config, outbound, version);
  return peer && { ...peer, close: () => outbound.close() };
}
