export { createAdmin, type AdminDeps, type Check } from './admin.ts';
