import type { LogEvent, Origin } from '../catalog/index.ts';

/** Something that happened and changed nothing: somebody signed in, something was refused. */
export interface AuditEvent extends LogEvent {
  readonly by: Origin;
}
