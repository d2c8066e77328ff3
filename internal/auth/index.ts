export { ACTIONS, findAction, type Action } from './actions.ts';
export { createActor, EVERYBODY, type Actor } from './actor.ts';
export { decide, isServerAdmin, type Decision, type Question, type Rule } from './decide.ts';
export { matchesPattern, wrongOfPattern } from './pattern.ts';
export { BUILT_IN_ROLES, createPolicy, type Binding, type Policy } from './policy.ts';
export {
  ANONYMOUS,
  nameOf,
  subjectsOf,
  type Access,
  type Identity,
  type Principal,
  type Scope,
  type User,
} from './principal.ts';
export type { Credentials, Method, Presented, SignIn } from './sign-in.ts';
export type { Auth, Challenge } from './auth.ts';
