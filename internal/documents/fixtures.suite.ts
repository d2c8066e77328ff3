import { randomUUID } from 'node:crypto';
import type { OpenDocument } from './index.ts';

/** What a place is opened with in tests, and what it told. */
export function testDeps(more: Partial<OpenDocument> = {}): OpenDocument & { readonly told: readonly string[] } {
  const told: string[] = [];
  return {
    token: undefined,
    env: {},
    cwd: '/nowhere',
    clock: Date.now,
    uuid: randomUUID,
    isOurs: true,
    log: { warn: (message) => void told.push(message) },
    told,
    ...more,
  };
}
