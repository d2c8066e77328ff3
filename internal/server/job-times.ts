/** How long a job's lease runs without a sign of life: then another process takes the job. */
export const LEASE_MS = 30_000;
/** How often is looked whether something is due. */
export const LOOK_MS = 60_000;
