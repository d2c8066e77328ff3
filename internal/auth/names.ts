/** Of users and keys: what stands in logs, in bindings and in tokens, without a character that means something there. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/;
const ROLE = /^[a-z][a-z0-9-]{0,63}$/;
/** A group of ours, or one that a provider knows: `github:org/team`. */
const GROUP = /^[A-Za-z0-9][A-Za-z0-9._@+:=/ -]{0,254}$/;
const RULE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export const isUserName = (text: string): boolean => NAME.test(text);
export const isKeyName = (text: string): boolean => NAME.test(text);
export const isRoleName = (text: string): boolean => ROLE.test(text);
/** A name that may be given here: what has a colon or an equals sign is a provider's. */
export const isGroupName = (text: string): boolean => GROUP.test(text) && !/[:=]/.test(text);

/** Whether bindings may name it: `user:alice`, `group:dev`, `key:ci`, `workload:deploy`, `authenticated`, `anonymous`. */
export function isSubject(text: string): boolean {
  if (text === 'authenticated' || text === 'anonymous') return true;
  const colon = text.indexOf(':');
  const [kind, name] = [text.slice(0, Math.max(0, colon)), text.slice(colon + 1)];
  switch (kind) {
    case 'user':
      return isUserName(name);
    case 'key':
      return isKeyName(name);
    case 'group':
      return GROUP.test(name);
    case 'workload':
      return RULE.test(name);
    default:
      return false;
  }
}
