import { setTimeout as pause } from 'node:timers/promises';
import { unwrittenBytes, usageOf } from './processes.ts';

const LOOK_MS = 100;
/** Less than this in a look is what an idle server uses. */
const IDLE_CPU_SECONDS = 0.02;
const FEW_BYTES = 64 * 1024 * 1024;

/**
 * Waits until the servers have done what they had put off and the disks what the kernel had, so that one's round is not
 * another's burden; `limitMs` at most. Servers elsewhere get a moment.
 */
export async function settle(pids: readonly (number | undefined)[], limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs;
  const used = (): number => pids.reduce((sum: number, pid) => sum + (usageOf(pid)?.cpuSeconds ?? 0), 0);
  let before = used();
  do {
    await pause(Math.min(LOOK_MS, limitMs));
    const now = used();
    if (now - before < IDLE_CPU_SECONDS && unwrittenBytes() < FEW_BYTES) return;
    before = now;
  } while (performance.now() < endMs);
}
