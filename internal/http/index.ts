export { askedSite, clientAddress, parseProxies, type AskedSite, type Peer, type Proxies } from './addresses.ts';
export { actorOf, originOf } from './asker.ts';
export { createBodyGarbage } from './body-garbage.ts';
export { contentLength, drainAfterAnswer, gatherBody } from './bodies.ts';
export { answerClientErrors, lacksHost } from './client-errors.ts';
export { respondContent, type ContentHeaders } from './content.ts';
export { Exchange, type Headers, type Surroundings } from './exchange.ts';
export { basicAuthorization, credentialsOf } from './credentials.ts';
export {
  comeBackIn,
  formatOciFailure,
  Hidden,
  Refusal,
  writeFailure,
  type Failure,
  type FailureForm,
  type FormatFailure,
} from './failures.ts';
export { isForm, receiveForm, type Form, type FormOptions } from './forms.ts';
export { createGate, createOpenGate, judge, type GateDeps, type Verdict } from './gate.ts';
export { createObserver, type Observer, type RequestRecord } from './observer.ts';
export { refuseOtherSites } from './origins.ts';
export { matchesEntityTag, parseContentRange, parseRange, type Range } from './ranges.ts';
export type { AnswerDoc, ContentDoc, JsonSchema, ParameterDoc, RouteDoc } from './route-doc.ts';
export { createRouter, type PathRoute, type PathValues, type RouterOptions } from './router.ts';
export type { Demand, Gate, Method, Route, RouteAction, Visibility } from './routes.ts';
export { watchInactivity, type Inactivity, type InactivityWatch } from './timeouts.ts';
export { WorkLimit } from './work-limit.ts';
