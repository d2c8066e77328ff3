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
export { TOKEN_PATH, type Scheme } from './challenge.ts';
export { createAuth, type AuthChores, type AuthDeps, type AuthParts, type AuthService } from './create-auth.ts';
export type { KnownUser } from './directory.ts';
export { AUTH_OPTIONS, type AuthConfig } from './options.ts';
export { createPasswords, type Passwords } from './passwords.ts';
export type { Attempt, LoginGuard, SignInEvents, Workloads } from './ports.ts';
export type { SigningKeys } from './signing-keys.ts';
export { subjectOf, type TokenAnswer, type TokenGrants, type TokenRequest } from './token-grants.ts';
export type { IssuedToken, TokenClaims, Tokens, Verified } from './tokens.ts';
export { NO_FILE_USERS, type FileRoles, type FileUser, type FileUsers } from './users-file.ts';
export { hashBcrypt, LONGEST_BCRYPT_BYTES } from './bcrypt.ts';
export { openUsersFile, type FileUsersSource } from './users-source.ts';
export type { AuditEvent } from './audit-event.ts';
export { createAudit, type Audit } from './audit.ts';
export { auditSignIns } from './audit-sign-ins.ts';
export { streamAudit } from './audit-stream.ts';
export { verifyAudit, type AuditFault, type AuditReport } from './audit-verify.ts';
export { findAuditKey, formatAuditKey, toAuditEntry, type AuditEntry } from './audit-entry.ts';
export {
  CHANGE_ACTIONS,
  CHANGE_RESULTS,
  type AuditFilter,
  type AuditKey,
  type AuditPage,
  type AuditRow,
} from '../catalog/index.ts';
export { type Accounts, type GivenTokens } from './accounts.ts';
export { createCertificateMethod, parseCertificateRule } from './certificates.ts';
export type { Described } from './described.ts';
export { findLocalPath } from './local-path.ts';
export { LOGIN_SECONDS, loginCookie, type Arrival, type LoginFault, type Logins } from './logins.ts';
export { mappedBindings } from './mappings.ts';
export { createStaticTokens, hashStaticToken, type StaticToken } from './static-tokens.ts';
export { createProviders, SignInInvalid } from './providers.ts';
export { createSessions, SESSION_COOKIE, type Sessions } from './sessions.ts';
export { SIGN_IN_OPTIONS, type SignInConfig } from './sign-in-options.ts';
export { signInProblems } from './sign-in-problems.ts';
export { createSignIn, type SignInService } from './sign-in-service.ts';
export { createRule, PRESETS, RuleInvalid, type RuleSettings, type WorkloadRule } from './workload-rules.ts';
export type { WorkloadFault } from './workload-tokens.ts';
export type { WorkloadsAdministration, WorkloadView } from './administration/workloads.ts';
export { configuredRules, createWorkloads, type WorkloadRules } from './workloads.ts';
export type { Facts } from './knowledge.ts';
export { createAdministration, type Administration, type AdministrationDeps } from './administration/administration.ts';
export { explain } from './administration/explain.ts';
export type { KeyChange, KeysAdministration, NewKey } from './administration/keys.ts';
export type { RoleView, RulesAdministration } from './administration/rules.ts';
export type { Invitation, NewUser, UserChange, UsersAdministration, UserView } from './administration/users.ts';
export { LIMIT_OPTIONS, type LimitConfig } from './limit-options.ts';
export { createLimits, type AddressLimit, type Limits } from './limits.ts';
