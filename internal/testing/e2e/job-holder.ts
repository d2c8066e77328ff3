import { FOLLOW_JOB } from '../../registry/index.ts';
import type { Replicas } from './replicas.ts';

/** Whether a process has the lease of the job that follows the changes, as the database tells. */
export async function hasJob(replicas: Replicas, pid: number): Promise<boolean> {
  const [row] = await replicas.ask(`select holder from leases where name = '${FOLLOW_JOB}'`);
  return String(row?.['holder']).split('/')[1] === String(pid);
}

/** Stops a process (SIGSTOP) in the middle of the job, if it is at it just now. */
export async function stopWithJob(replicas: Replicas, pid: number): Promise<boolean> {
  if (!(await hasJob(replicas, pid))) return false;
  process.kill(pid, 'SIGSTOP');
  await replicas.ask('select pg_sleep(0.2)'); // what it had sent already, the end of the lease perhaps, is done by then
  if (await hasJob(replicas, pid)) return true;
  process.kill(pid, 'SIGCONT');
  return false;
}
