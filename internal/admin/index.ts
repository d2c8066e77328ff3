export { createAdmin, type Admin, type AdminDeps } from './admin.ts';
export type { Check } from './probes.ts';
