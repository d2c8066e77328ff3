/**
 * What can be done to a repository. `push`: blobs, and manifests by digest. A tag that does not exist needs `create`,
 * one that is moved `update`. `admin` on every repository (`**`) is the right to administer the server.
 */
export const ACTIONS = ['pull', 'push', 'create', 'update', 'delete', 'admin'] as const;

export type Action = (typeof ACTIONS)[number];

export function findAction(text: string): Action | undefined {
  return ACTIONS.find((action) => action === text);
}
