import { readFileSync } from 'node:fs';

/** What a process and all that it started use; undefined where that cannot be known. */
export interface Usage {
  /** Of processor time, since each of them began. */
  readonly cpuSeconds: number;
  /** Resident; what several of them share counts for each. */
  readonly rssBytes: number;
}

/** The kernel counts in hundredths of a second, whatever its own clock (USER_HZ). */
const TICKS_PER_SECOND = 100;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // it has ended, or this is no Linux
  }
}

/** User and system time, from a line of /proc/<pid>/stat: the name in parentheses may hold anything. */
export function cpuTicksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Resident bytes, from /proc/<pid>/status. */
export function rssBytesOf(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

function treeOf(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`)?.split(' ').filter(Boolean).map(Number) ?? [];
  return [pid, ...children.flatMap(treeOf)];
}

/** What a process and its descendants use just now. */
export function usageOf(pid: number | undefined): Usage | undefined {
  if (pid === undefined) return undefined;
  let [ticks, rssBytes, found] = [0, 0, false];
  for (const one of treeOf(pid)) {
    const [stat, status] = [read(`/proc/${one}/stat`), read(`/proc/${one}/status`)];
    if (stat === undefined || status === undefined) continue;
    found = true;
    ticks += cpuTicksOf(stat);
    rssBytes += rssBytesOf(status);
  }
  return found ? { cpuSeconds: ticks / TICKS_PER_SECOND, rssBytes } : undefined;
}

/** Bytes that the kernel has taken but not yet written to disks, from /proc/meminfo. */
export function unwrittenBytesOf(meminfo: string): number {
  const kilobytes = ['Dirty', 'Writeback'].map((name) => {
    return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(meminfo)?.[1] ?? 0);
  });
  return kilobytes.reduce((sum, some) => sum + some, 0) * 1024;
}

export function unwrittenBytes(): number {
  return unwrittenBytesOf(read('/proc/meminfo') ?? '');
}

/** The part of the machine's processors (0 to 1) that did something between two looks at /proc/stat. */
export function machineBusy(before: string, after: string): number {
  const [was, is] = [before, after].map((text) => {
    const [, ...fields] = (text.split('\n', 1)[0] ?? '').trim().split(/ +/);
    const ticks = fields.slice(0, 8).map(Number);
    return { all: ticks.reduce((sum, some) => sum + some, 0), idle: (ticks[3] ?? 0) + (ticks[4] ?? 0) };
  });
  const all = (is?.all ?? 0) - (was?.all ?? 0);
  return all > 0 ? 1 - ((is?.idle ?? 0) - (was?.idle ?? 0)) / all : 0;
}

export const machineTicks = (): string => read('/proc/stat') ?? '';
