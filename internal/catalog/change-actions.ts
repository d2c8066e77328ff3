/** What is done to content. Such a change names a repository, and is in the log only when it was done. */
export const CONTENT_ACTIONS = [
  'manifest.put',
  'manifest.delete',
  'tag.put',
  'tag.delete',
  'blob.put',
  'blob.mount',
  'blob.delete',
] as const;

/**
 * Everything else that the log tells of: who may do what, who signed in, content that was found damaged (it is told by
 * its digest, of no repository) and mended again, and what was asked for and refused
 * (`access.*`, by what was to be done). Names are kept in the log for good: one may be added, none is ever changed.
 */
const EVENT_ACTIONS = [
  'user.create',
  'user.update',
  'user.delete',
  'group.put',
  'group.delete',
  'key.create',
  'key.update',
  'key.delete',
  'role.put',
  'role.delete',
  'binding.put',
  'binding.delete',
  'workload.put',
  'workload.delete',
  'token.revoke',
  'blob.quarantine',
  'blob.mend',
  'signin',
  'signout',
  'access.pull',
  'access.push',
  'access.create',
  'access.update',
  'access.delete',
  'access.admin',
] as const;

export type ContentAction = (typeof CONTENT_ACTIONS)[number];
export type EventAction = (typeof EVENT_ACTIONS)[number];
export type ChangeAction = ContentAction | EventAction;

export const CHANGE_ACTIONS: readonly ChangeAction[] = [...CONTENT_ACTIONS, ...EVENT_ACTIONS];

/** `denied`: a rule forbade it; `failed`: it was allowed, and did not come about. */
export const CHANGE_RESULTS = ['done', 'denied', 'failed'] as const;
export type ChangeResult = (typeof CHANGE_RESULTS)[number];

/** What more there is to tell: short, and never a secret. */
export type ChangeDetail = Readonly<Record<string, string | number | boolean | readonly string[]>>;
