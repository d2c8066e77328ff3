import { matchesSegment } from './pattern.ts';

/** What a provider says of somebody or something, once its word was checked. */
export type Claims = Readonly<Record<string, unknown>>;

/** One condition on a token: the claim has a value of the pattern, in which `*` stands for any run of characters. */
export interface ClaimRule {
  readonly claim: string;
  readonly pattern: string;
}

/** `repository=org/app`; undefined where it is none. */
export function parseClaimRule(text: string): ClaimRule | undefined {
  const at = text.indexOf('=');
  const [claim, pattern] = [text.slice(0, at).trim(), text.slice(at + 1).trim()];
  return at > 0 && claim !== '' && pattern !== '' ? { claim, pattern } : undefined;
}

/** The texts of a claim: of a list, each of its entries; numbers and truth values as JSON writes them. */
export function textsOf(claims: Claims, name: string): readonly string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((each) =>
    typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean' ? [String(each)] : [],
  );
}

/** A claim that is one text; undefined where it is anything else. */
export function textOf(claims: Claims, name: string): string | undefined {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Of several rules for one claim, one has to hold; of all claims that have rules, each. */
export function claimsHold(rules: readonly ClaimRule[], claims: Claims): boolean {
  const byClaim = Map.groupBy(rules, ({ claim }) => claim);
  return [...byClaim].every(([claim, alternatives]) => {
    const texts = textsOf(claims, claim);
    return alternatives.some(({ pattern }) => texts.some((text) => matchesSegment(pattern, text)));
  });
}
