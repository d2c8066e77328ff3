/**
 * Why there is no backup, or none to restore: `damaged` it is not what was written, `newer` a later version made it,
 * `absent` there is none, `busy` another is being made, `moving` content went faster than it was copied.
 */
export type BackupFailure = 'damaged' | 'newer' | 'absent' | 'busy' | 'moving';

export class BackupError extends Error {
  readonly failure: BackupFailure;

  constructor(failure: BackupFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BackupError';
    this.failure = failure;
  }
}
